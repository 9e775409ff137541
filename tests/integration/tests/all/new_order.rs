//! An order reaches GHL: for a new customer, for a known one, and for one known twice.

use ghlkit::{
    ports::store::JobState,
    sync::{SyncState, UpdateOptions, event_kind},
};
use integration::{Db, Front, Head, Keep, Setup, Shop, TOKEN, lines, order, parse, sample};
use mock_ghl::{LOCATION_ID, LocationSettings, Settings};
use serde_json::{Value, json};

/// The custom fields of a body, by id, in the order of the ids.
fn fields(body: &Value) -> Vec<Value> {
    let mut fields = body["customFields"].as_array().unwrap().clone();
    fields.sort_by_key(|field| field["id"].as_str().unwrap().to_owned());
    fields
}

/// A field as it is written.
fn written(id: String, key: &str, value: Value) -> Value {
    json!({ "id": id, "key": key, "field_value": value })
}

fn sorted(mut fields: Vec<Value>) -> Vec<Value> {
    fields.sort_by_key(|field| field["id"].as_str().unwrap().to_owned());
    fields
}

#[tokio::test]
async fn a_new_customer_costs_two_calls_whose_bodies_are_exact() {
    for keep in Keep::both() {
        let shop = Shop::with(Setup { keep, ..Setup::deaf() }).await;
        let mark = shop.mark();
        let placed = shop.place(&order("7")).await;

        let sent = shop.sent(mark);
        assert_eq!(lines(&sent), ["POST /contacts/", "POST /opportunities/"], "{keep:?}");
        let changed_at = shop.row("7").await.changed_at;
        let mut contact = sent[0].body.clone();
        assert_eq!(
            fields(&contact),
            sorted(vec![
                written(shop.field("order_number"), "order_number", json!("IS-7")),
                written(shop.field("order_total"), "order_total", json!(4999.99)),
                written(shop.field("sauna_model"), "sauna_model", json!("Barrel 220")),
                written(shop.field("order_status"), "order_status", json!("order_placed")),
                written(shop.field("last_updated"), "last_updated", json!(iso(changed_at).await)),
                written(shop.field("progress_percentage"), "progress_percentage", json!(10)),
            ])
        );
        contact.as_object_mut().unwrap().remove("customFields");
        assert_eq!(
            contact,
            json!({
                "locationId": LOCATION_ID,
                "firstName": "Päivi", "lastName": "Ängström",
                "email": "paivi.7@example.com", "phone": "+358400000055",
                "address1": "Rantatie 5, B 12", "city": "Helsinki", "postalCode": "00100", "country": "FI",
                "tags": ["status_order_placed"],
            })
        );
        // The digits are written as they are, not as a binary fraction of them.
        assert!(sent[1].text.contains(r#""monetaryValue":4999.99,"#), "{}", sent[1].text);
        let mut opportunity = sent[1].body.clone();
        assert_eq!(
            fields(&opportunity),
            sorted(vec![
                written(shop.opportunity_field("stripe_payment_id"), "stripe_payment_id", json!("pi_3Px")),
                written(
                    shop.opportunity_field("delivery_address"),
                    "delivery_address",
                    json!("Rantatie 5, B 12, 00100 Helsinki, FI")
                ),
            ])
        );
        opportunity.as_object_mut().unwrap().remove("customFields");
        assert_eq!(
            opportunity,
            json!({
                "locationId": LOCATION_ID,
                "pipelineId": shop.ghl.with(|ghl| ghl.order_pipeline(LOCATION_ID).unwrap().id.clone()),
                "pipelineStageId": shop.stage_id("stage_new_order"),
                "name": "Order #IS-7", "status": "open", "contactId": placed.contact,
                "monetaryValue": 4999.99,
            })
        );
        for sent in &sent {
            assert!(!sent.text.contains(r#""value""#), "{}", sent.text);
            assert_eq!(sent.status, 201);
        }

        let row = shop.row("7").await;
        assert_eq!(row.contact.as_ref().map(AsRef::as_ref), Some(placed.contact.as_str()));
        assert_eq!(row.opportunity.as_ref().map(AsRef::as_ref), Some(placed.opportunity.as_str()));
        assert_eq!((row.version, row.pushed_version, row.creating), (1, 1, None));
    }
}

/// A time as GHL is told it.
async fn iso(ms: i64) -> String {
    let sql = format!(
        "SELECT strftime('%Y-%m-%dT%H:%M:%S', {ms} / 1000, 'unixepoch') || printf('.%03dZ', {ms} % 1000)"
    );
    Db::calculator().value(&sql).await
}

#[tokio::test]
async fn a_placed_order_is_in_every_table() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let db = &shop.db;
    assert_eq!(
        db.rows("SELECT id, status, ghl_contact_id, ghl_opportunity_id, ghl_sync_status FROM orders").await,
        [["7", "order_placed", &placed.contact, &placed.opportunity, "synced"]]
    );
    let synced = db.value("SELECT ghl_last_sync FROM orders").await;
    let ago = format!("SELECT abs(julianday('now') - julianday('{synced}')) < 0.001");
    assert_eq!(Db::calculator().value(&ago).await, "1", "{synced} is now, in UTC");
    assert_eq!(
        db.rows("SELECT state, failures, error_code, lease_token, lease_key FROM ghlkit_jobs").await,
        [["done", "0", "NULL", "NULL", &format!("contact:{LOCATION_ID}:{}", placed.contact)]]
    );
    assert_eq!(
        db.rows("SELECT order_id, location_id, sync_type, sync_status, error_message FROM crm_sync_log")
            .await,
        [["7", LOCATION_ID, "push", "success", "NULL"]]
    );
    let request: Value =
        serde_json::from_str(&db.value("SELECT request_data FROM crm_sync_log").await).unwrap();
    let calls: Vec<_> = request.as_array().unwrap().iter().map(|call| call["call"].clone()).collect();
    assert_eq!(calls, ["create_contact", "create_opportunity"]);
    assert_eq!(
        shop.events(event_kind::STATUS_CHANGED).await.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["7"]
    );
    // Nothing of an unknown outcome is left.
    assert_eq!(db.column("SELECT unknown FROM ghlkit_objects ORDER BY kind").await, ["[]", "[]"]);
}

#[tokio::test]
async fn every_call_carries_token_and_version_and_asks_for_json() {
    let front = Front::start(Settings::unlimited(), |_, _| None).await;
    let shop =
        Shop::with(Setup { vars: vec![("GHL_BASE_URL", front.base_url.clone())], ..Setup::deaf() }).await;
    shop.place(&order("7")).await;
    shop.update("7", "shipped").await;

    let heads: Vec<Head> = front.heads.lock().unwrap().clone();
    assert!(heads.len() >= 10, "{heads:?}");
    for head in &heads {
        assert_eq!(head.values("authorization"), [format!("Bearer {TOKEN}")], "{}", head.line);
        assert_eq!(head.values("version"), ["2021-07-28"], "{}", head.line);
        assert_eq!(head.values("accept"), ["application/json"], "{}", head.line);
        let has_body = !head.line.starts_with("GET");
        let kind: &[&str] = if has_body { &["application/json"] } else { &[] };
        assert_eq!(head.values("content-type"), kind, "{}", head.line);
    }
}

#[tokio::test]
async fn a_known_e_mail_costs_five_calls_and_touches_nothing_that_is_not_ours() {
    let shop = Shop::with(Setup::deaf()).await;
    let known = shop.seed(
        &[
            ("firstName", "Pirkko"),
            ("email", "PAIVI.7@example.com"),
            ("city", "Oulu"),
            ("website", "https://p.example"),
        ],
        &["vip", "newsletter", "status_of_the_art"],
    );
    let mark = shop.mark();
    let placed = shop.place(&order("7")).await;

    assert_eq!(placed.contact, known);
    let sent = shop.sent(mark);
    assert_eq!(
        lines(&sent),
        [
            "POST /contacts/",
            "GET /contacts/{id}",
            "PUT /contacts/{id}",
            "POST /contacts/{id}/tags",
            "POST /opportunities/"
        ]
    );
    let mut update = sent[2].body.clone();
    assert_eq!(fields(&update).len(), 6);
    update.as_object_mut().unwrap().remove("customFields");
    // The name's other half and the phone are blank; a town is not completed with our street.
    assert_eq!(update, json!({ "lastName": "Ängström", "phone": "+358400000055" }));
    assert_eq!(sent[3].body, json!({ "tags": ["status_order_placed"] }));

    assert_eq!(shop.property(&known, "firstName"), "Pirkko");
    assert_eq!(shop.property(&known, "email"), "PAIVI.7@example.com");
    assert_eq!(shop.property(&known, "city"), "Oulu");
    assert_eq!(shop.property(&known, "address1"), "");
    assert_eq!(shop.property(&known, "website"), "https://p.example");
    assert_eq!(shop.property(&known, "phone"), "+358400000055");
    assert_eq!(shop.tags(&known), ["newsletter", "status_of_the_art", "status_order_placed", "vip"]);
    assert_eq!(shop.contact_field(&known, "order_number"), json!("IS-7"));
    assert_eq!(shop.counts(), (1, 1));
}

#[tokio::test]
async fn a_known_phone_costs_six_calls() {
    let shop = Shop::with(Setup::deaf()).await;
    let known = shop.seed(&[("firstName", "Pirkko"), ("phone", "+358 40 000 0055")], &["vip"]);
    let mark = shop.mark();
    let placed = shop.place(&order("7")).await;

    assert_eq!(placed.contact, known);
    let sent = shop.sent(mark);
    assert_eq!(
        lines(&sent),
        [
            "POST /contacts/",
            "GET /contacts/search/duplicate",
            "GET /contacts/{id}",
            "PUT /contacts/{id}",
            "POST /contacts/{id}/tags",
            "POST /opportunities/"
        ]
    );
    assert_eq!(sent[1].query, [("locationId", LOCATION_ID), ("email", "paivi.7@example.com")].map(own));
    assert_eq!(sent[3].body["email"], "paivi.7@example.com");
    assert_eq!(sent[3].body.get("phone"), None);
    assert_eq!(sent[3].body.get("tags"), None);
    assert_eq!(shop.property(&known, "email"), "paivi.7@example.com");
    assert_eq!(shop.tags(&known), ["status_order_placed", "vip"]);
    assert_eq!(shop.counts(), (1, 1));
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn an_order_by_phone_alone_finds_its_customer() {
    let shop = Shop::with(Setup::deaf()).await;
    let known = shop.seed(&[("phone", "+358400000055"), ("email", "p@example.com")], &[]);
    let mut by_phone = sample("7");
    by_phone["customer"].as_object_mut().unwrap().remove("email");
    let mark = shop.mark();
    assert_eq!(shop.place(&parse(&by_phone).unwrap()).await.contact, known);
    assert_eq!(shop.sent(mark).len(), 5);
    assert_eq!(shop.property(&known, "email"), "p@example.com");
}

#[tokio::test]
async fn where_e_mail_and_phone_have_two_contacts_the_e_mail_wins() {
    let shop = Shop::with(Setup::deaf()).await;
    let by_email = shop.seed(&[("email", "paivi.7@example.com")], &["a"]);
    let by_phone = shop.seed(&[("phone", "+358400000055"), ("email", "other@example.com")], &["b"]);
    let before = shop.ghl.with(|ghl| ghl.contact(&by_phone).unwrap().clone());
    let mark = shop.mark();
    let placed = shop.place(&order("7")).await;

    assert_eq!(placed.contact, by_email);
    assert_eq!(shop.property(&by_email, "phone"), "");
    assert_eq!(shop.property(&by_email, "lastName"), "Ängström");
    assert_eq!(shop.tags(&by_email), ["a", "status_order_placed"]);
    assert_eq!(shop.ghl.with(|ghl| ghl.contact(&by_phone).unwrap().clone()), before);
    assert_eq!(shop.counts(), (2, 1));
    assert!(shop.sent(mark).len() <= 6, "{:?}", lines(&shop.sent(mark)));
    let warnings = shop.events(event_kind::TWO_CONTACTS).await;
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].1, json!({ "orderId": "7", "contactId": by_email, "otherContactId": by_phone }));
}

#[tokio::test]
async fn a_location_that_allows_duplicates_gets_none_from_us() {
    let location = LocationSettings { allow_duplicate_contact: true, ..LocationSettings::default() };
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
    let known = shop.seed(&[("email", "paivi.7@example.com")], &["vip"]);
    let mark = shop.mark();
    assert_eq!(shop.place(&order("7")).await.contact, known);
    // Only a look tells whose the phone is that would be filled in.
    assert_eq!(
        lines(&shop.sent(mark)),
        [
            "GET /contacts/search/duplicate",
            "GET /contacts/{id}",
            "GET /contacts/search/duplicate",
            "PUT /contacts/{id}",
            "POST /contacts/{id}/tags",
            "POST /opportunities/"
        ]
    );

    let complete = shop.seed(&[("email", "paivi.9@example.com"), ("phone", "+358409999999")], &[]);
    let mark = shop.mark();
    assert_eq!(shop.place(&order("9")).await.contact, complete);
    assert_eq!(shop.sent(mark).len(), 5, "{:?}", lines(&shop.sent(mark)));

    let other = shop.place(&order("8")).await;
    assert_ne!(other.contact, known);
    assert_eq!(shop.counts(), (3, 3));
    assert_eq!(shop.tags(&known), ["status_order_placed", "vip"]);
}

#[tokio::test]
async fn where_duplicates_are_allowed_the_e_mail_wins_as_well() {
    let location = LocationSettings { allow_duplicate_contact: true, ..LocationSettings::default() };
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
    let by_email = shop.seed(&[("email", "paivi.7@example.com")], &[]);
    let by_phone = shop.seed(&[("phone", "+358400000055")], &[]);
    assert_eq!(shop.place(&order("7")).await.contact, by_email);
    // GHL would have taken the phone number here.
    assert_eq!(shop.property(&by_email, "phone"), "");
    assert_eq!(shop.tags(&by_phone), [""; 0]);
    assert_eq!(shop.counts(), (2, 1));
    assert_eq!(shop.events(event_kind::TWO_CONTACTS).await.len(), 1);
}

#[tokio::test]
async fn orders_of_one_new_customer_at_once_make_one_contact() {
    for keep in Keep::both() {
        let shop = Shop::with(Setup { keep, ..Setup::deaf() }).await;
        let _worker = shop.work();
        let place = |id: &'static str| {
            let mut order = sample(id);
            order["customer"] = json!({ "firstName": "Aino", "email": "aino@example.com" });
            let (order, engine) = (parse(&order).unwrap(), shop.engine.clone());
            async move { engine.create_order(&order, UpdateOptions::default()).await.unwrap() }
        };
        let (a, b, c) = tokio::join!(place("1"), place("2"), place("3"));
        for outcome in [&a, &b, &c] {
            assert_eq!(outcome.state, SyncState::Synced, "{outcome:?}");
            assert_eq!(outcome.contact, a.contact, "{keep:?}");
            assert_eq!(shop.engine.store().job(&outcome.job).await.unwrap().unwrap().state, JobState::Done);
        }
        assert_eq!(shop.counts(), (1, 3));
    }
}

#[tokio::test]
async fn a_location_that_forbids_a_second_opportunity_is_named_as_the_reason() {
    let location = LocationSettings { allow_duplicate_opportunity: false, ..LocationSettings::default() };
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
    shop.place(&order("7")).await;
    let mut second = sample("8");
    second["customer"] = sample("7")["customer"].clone();
    let outcome = shop.engine.create_order(&parse(&second).unwrap(), UpdateOptions::default()).await.unwrap();
    assert_eq!(outcome.state, SyncState::Dead, "{outcome:?}");
    assert_eq!(outcome.error.unwrap().code(), ghlkit::Code::DuplicateOpportunity);
    assert_eq!(shop.counts(), (1, 1));
}
