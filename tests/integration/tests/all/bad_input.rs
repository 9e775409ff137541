//! Bad input: each a typed error that names the field and what was expected, nothing half-written, and the
//! engine as alive as before.

use std::collections::BTreeMap;

use ghlkit::{
    Code, Error,
    config::Config,
    ids::LocationId,
    order::Order,
    sync::UpdateOptions,
    webhook::sign::{self, Signer, test_headers},
};
use integration::{Keep, Placed, Setup, Shop, lines, order, parse, parse_err, sample};
use mock_ghl::{AGENCY_TOKEN, LocationSettings, PrivateToken, Settings, WORKFLOW_SECRET};
use serde_json::{Value, json};

/// The error has this code and field, and its message holds each of the words.
fn assert_error(error: &Error, code: Code, field: &str, words: &[&str]) {
    assert_eq!((error.code(), error.field()), (code, Some(field)), "{error}");
    for word in words {
        assert!(error.message().contains(word), "{word:?} is not in: {error}");
    }
    assert!(!error.retryable(), "{error}");
}

/// A shop with one order, and the means to see that nothing came of what was refused.
struct Quiet {
    shop: Shop,
    placed: Placed,
    before: BTreeMap<String, Vec<Vec<String>>>,
    mark: integration::Mark,
}

impl Quiet {
    async fn open() -> Self {
        let shop = Shop::with(Setup::deaf()).await;
        let placed = shop.place(&order("7")).await;
        shop.settle().await;
        let (before, mark) = (shop.db.dump().await, shop.mark());
        Self { shop, placed, before, mark }
    }

    /// Nothing was written or sent, and the next order goes through.
    async fn assert_untouched(self) {
        let Self { shop, placed, before, mark } = self;
        shop.settle().await;
        let after = shop.db.dump().await;
        for (table, rows) in &before {
            assert_eq!(after.get(table), Some(rows), "{table}");
        }
        assert_eq!(after.len(), before.len());
        assert_eq!(lines(&shop.sent(mark)), [""; 0]);
        shop.update(&placed.id, "shipped").await;
        assert_eq!(shop.stage(&placed.opportunity), "stage_shipped");
        shop.place(&order("alive")).await;
    }
}

/// The sample with the value at a pointer replaced, or removed.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut order = sample("8");
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    order
}

#[test]
fn a_malformed_order_is_refused_by_field() {
    let table: [(Value, &str, &[&str]); 14] = [
        (with("/customer", Some(json!({ "firstName": "A" }))), "customer", &["email", "phone"]),
        (with("/customer", Some(json!({ "email": " ", "phone": "" }))), "customer", &["email", "phone"]),
        (with("/customer/email", Some(json!("not an address"))), "customer.email", &["expected"]),
        (with("/customer/phone", Some(json!("12"))), "customer.phone", &["expected"]),
        (with("/total", Some(json!({ "amount": "-1.00", "currency": "EUR" }))), "total.amount", &["-1.00"]),
        (with("/total", Some(json!({ "minor": -1, "currency": "EUR" }))), "total.minor", &["-1"]),
        (with("/total", Some(json!(-5))), "total", &["-5"]),
        (with("/total", Some(json!({ "amount": "1.00", "currency": "XXQ" }))), "total.currency", &["XXQ"]),
        (with("/total", Some(json!(4999.999))), "total", &["4999.999", "amount"]),
        (with("/total/amount", Some(json!("4999.999"))), "total.amount", &["4999.999"]),
        (with("/total/amount", Some(json!(""))), "total.amount", &["expected"]),
        (with("/orderNumber", Some(json!("  "))), "orderNumber", &["1 to 100 characters"]),
        (with("/customer/lastName", Some(json!("x".repeat(300)))), "customer.lastName", &["255", "300"]),
        (with("/product/name", Some(json!("x".repeat(300)))), "product.name", &["255", "300"]),
    ];
    for (json, field, words) in table {
        assert_error(&parse_err(&json), Code::InvalidArgument, field, words);
    }
}

#[test]
fn what_is_no_order_at_all_is_refused_by_the_path_in_it() {
    let missing = parse_err(&with("/product/name", None));
    assert_error(&missing, Code::InvalidArgument, "product.name", &["missing"]);
    for json in [json!([]), json!("order"), json!(null), json!({})] {
        assert_eq!(parse_err(&json).code(), Code::InvalidArgument, "{json}");
    }
    let typed = parse_err(&with("/customer/email", Some(json!(7))));
    assert_error(&typed, Code::InvalidArgument, "customer.email", &["string"]);
    let huge = parse_err(&with("/installationNotes", Some(json!("x".repeat(100_000)))));
    assert_eq!(huge.code(), Code::TooLarge);
}

#[tokio::test]
async fn an_unknown_status_is_refused_with_the_known_ones() {
    let quiet = Quiet::open().await;
    for status in ["teleported", "", "SHIPPED", " shipped", "shipped\u{0}", &"x".repeat(5_000)] {
        let error = quiet.shop.change("7", status, UpdateOptions::default()).await.unwrap_err();
        assert_error(&error, Code::InvalidArgument, "status", &["order_placed", "completed", "cancelled"]);
        assert!(error.message().len() < 1_000, "the whole input is shown");
    }
    let unknown = parse(&with("/status", Some(json!("teleported")))).unwrap();
    let error = quiet.shop.engine.create_order(&unknown, UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::InvalidArgument, "status", &["order_placed"]);
    let off_path = parse(&with("/status", Some(json!("cancelled")))).unwrap();
    let error = quiet.shop.engine.create_order(&off_path, UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::InvalidArgument, "status", &["path"]);
    quiet.assert_untouched().await;
}

#[tokio::test]
async fn a_number_or_an_id_used_twice_is_refused() {
    let quiet = Quiet::open().await;
    let create = async |json: Value| {
        let order: Order = parse(&json).unwrap();
        quiet.shop.engine.create_order(&order, UpdateOptions::default()).await.unwrap_err()
    };
    let error = create(with("/orderNumber", Some(json!("IS-7")))).await;
    assert_error(&error, Code::OrderExists, "orderNumber", &["IS-7"]);
    let error = create(with("/id", Some(json!("7")))).await;
    assert_error(&error, Code::OrderExists, "id", &["7"]);
    // The same order once more is not a second one either.
    assert_eq!(create(sample("7")).await.code(), Code::OrderExists);
    quiet.assert_untouched().await;
}

#[tokio::test]
async fn memory_refuses_the_same_orders() {
    let shop = Shop::with(Setup { keep: Keep::Memory, ..Setup::deaf() }).await;
    shop.place(&order("7")).await;
    let mark = shop.mark();
    let twice = parse(&with("/orderNumber", Some(json!("IS-7")))).unwrap();
    let error = shop.engine.create_order(&twice, UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::OrderExists, "orderNumber", &["IS-7"]);
    let error = shop.change("7", "teleported", UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::InvalidArgument, "status", &["order_placed"]);
    let error = shop.change("404", "shipped", UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::OrderNotFound, "orderId", &["404"]);
    assert_eq!(lines(&shop.sent(mark)), [""; 0]);
    assert_eq!(shop.row("7").await.version, 1);
}

#[tokio::test]
async fn a_stage_override_that_is_no_stage_is_named_with_the_stages_there_are() {
    for vars in [
        vec![("GHL_STAGE_SHIPPED", "On the way".to_owned())],
        vec![("GHL_STAGE_SHIPPED", "Delivered".to_owned()), ("GHL_STAGE_DELIVERED", "Delivered".to_owned())],
    ] {
        let shop = Shop::cold(Setup { vars, ..Setup::deaf() }).await;
        let error = shop.engine.provision(None, Default::default()).await.unwrap_err();
        assert_eq!(error.code(), Code::Config, "{error}");
        assert!(error.field().unwrap().starts_with("GHL_STAGE_"), "{error}");
        let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        assert_eq!(outcome.error.unwrap().code(), Code::Config);
        assert_eq!(shop.counts(), (0, 0));
    }
    let shop =
        Shop::cold(Setup { vars: vec![("GHL_STAGE_SHIPPED", "On the way".to_owned())], ..Setup::deaf() })
            .await;
    let error = shop.engine.provision(None, Default::default()).await.unwrap_err();
    assert_error(&error, Code::Config, "GHL_STAGE_SHIPPED", &["On the way", "Shipped"]);
}

#[tokio::test]
async fn a_stage_without_a_partner_is_named_by_provision() {
    let mut location = LocationSettings::default();
    location.stages.retain(|stage| stage != "Shipped");
    location.stages.push("Dispatched".to_owned());
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::cold(Setup { settings, ..Setup::deaf() }).await;
    let found = shop.engine.provision(None, Default::default()).await.unwrap();
    assert_eq!(found.unmapped_statuses.iter().map(|s| s.as_str()).collect::<Vec<_>>(), ["shipped"]);
    assert_eq!(
        found.unmapped_stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>(),
        ["Dispatched"]
    );
}

#[tokio::test]
async fn fields_that_are_missing_are_named_and_made_on_demand() {
    let location = LocationSettings { order_fields: false, ..LocationSettings::default() };
    let settings = Settings { locations: vec![location], ..Settings::unlimited() };
    let shop = Shop::cold(Setup { settings, ..Setup::deaf() }).await;
    let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
    let error = outcome.error.unwrap();
    assert_eq!(error.code(), Code::Config);
    assert!(error.message().contains("order_number"), "{error}");
    assert_eq!(shop.counts(), (0, 0));

    let made = shop.engine.provision(None, Default::default()).await.unwrap().created_fields;
    assert_eq!(made.len(), 9);
    assert!(made.contains(&"contact.order_status".to_owned()), "{made:?}");
    assert_eq!(shop.engine.provision(None, Default::default()).await.unwrap().created_fields, [""; 0]);
    assert!(shop.engine.store().replay(&outcome.job, shop.ghl.now()).await.unwrap());
    shop.settle().await;
    assert_eq!(shop.counts(), (1, 1));
}

#[tokio::test]
async fn a_missing_or_malformed_variable_is_named_with_its_purpose() {
    let shop = Shop::cold(Setup::deaf()).await;
    let read = |name: &'static str, value: &str| -> ghlkit::Result<Config> {
        Shop::config(&shop.ghl, shop.file(), &[(name, value.to_owned())], Default::default())
    };
    let table = [
        ("GOHIGHLEVEL_API_KEY", "", "token"),
        ("GOHIGHLEVEL_API_KEY", "pit-ä", "ASCII"),
        ("GOHIGHLEVEL_LOCATION_ID", "", "location"),
        ("GOHIGHLEVEL_LOCATION_ID", "a b", "expected"),
        ("GHL_ORDERS_PIPELINE_ID", "", "pipeline"),
        ("GOHIGHLEVEL_WEBHOOK_SECRET", "", "hmac"),
        ("GHL_WEBHOOK_SCHEMES", "hmac,md5", "md5"),
        ("GHL_WEBHOOK_ED25519_KEYS", "AAAA", "expected"),
        ("GHL_BASE_URL", "http://example.com", "https"),
        ("GHL_STAGE_CANCELLED", "Shipped", "path"),
        ("DATABASE_URL", "mysql://x", "sqlite:"),
        ("GHLKIT_CURRENCY", "EURO", "EURO"),
    ];
    for (name, value, word) in table {
        assert_error(&read(name, value).unwrap_err(), Code::Config, name, &[word]);
    }
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_leaves_no_trace() {
    let quiet = Quiet::open().await;
    let raw = json!({ "contactId": quiet.placed.contact, "pipelineStage": "stage_completed" }).to_string();
    let good = sign::hmac(WORKFLOW_SECRET, raw.as_bytes());
    let forged = [
        ("wrong", sign::hmac("another secret", raw.as_bytes())),
        ("of another body", sign::hmac(WORKFLOW_SECRET, b"{}")),
        ("empty", String::new()),
        ("not hex", "z".repeat(64)),
        ("upper case", good.to_uppercase()),
        ("too long", format!("{good}00")),
        ("far too long", good.repeat(10_000)),
        ("too short", good[..62].to_owned()),
        ("with a prefix", format!("sha256={good}")),
        ("with a blank", format!(" {good}")),
        ("base64 of nothing", "AAAA".to_owned()),
    ];
    let receive = async |headers: Vec<(&str, &str)>| {
        quiet.shop.engine.receive_webhook(None, raw.as_bytes(), headers).await.unwrap_err()
    };
    for (what, signature) in &forged {
        let error = receive(vec![("x-ghl-signature", signature)]).await;
        assert_error(&error, Code::Signature, "x-ghl-signature", &["hmac", "ed25519"]);
        assert!(!error.to_string().contains(&good), "{what}: the right signature is told");
    }
    assert_error(&receive(vec![]).await, Code::Signature, "x-ghl-signature", &["got none"]);
    assert_error(&receive(vec![("X-Other", &good)]).await, Code::Signature, "x-ghl-signature", &["got none"]);
    let twice = receive(vec![("x-ghl-signature", &good), ("X-GHL-Signature", &good)]).await;
    assert_error(&twice, Code::Signature, "x-ghl-signature", &["once"]);
    quiet.assert_untouched().await;
}

#[tokio::test]
async fn a_genuine_webhook_with_a_bad_body_is_refused_and_leaves_no_trace() {
    let quiet = Quiet::open().await;
    let big = format!(r#"{{"contactId":"{}","x":"{}"}}"#, quiet.placed.contact, "x".repeat(2 * 1024 * 1024));
    let other =
        json!({ "type": "ContactUpdate", "id": "c", "locationId": "anotherLocation00001" }).to_string();
    let old = json!({ "contactId": "c", "timestamp": "2020-01-01T00:00:00.000Z" }).to_string();
    let table: [(&[u8], Code, &str, &str); 9] = [
        (b"{\"contactId\":\"\xff\xfe\"}", Code::Payload, "body", "UTF-8"),
        (b"", Code::Payload, "body", "JSON"),
        (b"not json", Code::Payload, "body", "JSON"),
        (b"{\"contactId\":", Code::Payload, "body", "JSON"),
        (b"[1, 2]", Code::Payload, "body", "JSON object"),
        (br#"{"contactId":"c","timestamp":"yesterday"}"#, Code::Payload, "timestamp", "RFC 3339"),
        (old.as_bytes(), Code::Stale, "timestamp", "expected"),
        (big.as_bytes(), Code::TooLarge, "body", "1048576"),
        (other.as_bytes(), Code::WrongLocation, "locationId", "anotherLocation00001"),
    ];
    for (raw, code, field, word) in table {
        let headers = test_headers(raw, Signer::Hmac(WORKFLOW_SECRET));
        let error = quiet.shop.engine.receive_webhook(None, raw, headers).await.unwrap_err();
        assert_error(&error, code, field, &[word]);
        assert!(error.to_string().len() < 1_000, "{code}: the whole body is shown");
    }
    quiet.assert_untouched().await;
}

#[tokio::test]
async fn a_body_with_every_odd_value_is_kept_and_harms_nobody() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let odd = [
        json!({}),
        json!({ "type": "Whatever", "x": { "y": [null, true, 1e300, "\u{0}"] } }),
        json!({ "type": "OpportunityUpdate", "id": 7, "pipelineStageId": ["a"] }),
        json!({ "type": "ContactUpdate", "id": placed.contact, "tags": "no list", "customFields": { "a": 1 } }),
        json!({ "contactId": placed.contact, "customFields": [null, 1, { "id": null }, { "value": "x" }] }),
        json!({ "contactId": placed.contact, "pipelineStage": "\u{0}" }),
        json!({ "contactId": { "id": "x" }, "pipelineStage": 3 }),
    ];
    for body in &odd {
        shop.post(body).await.unwrap();
    }
    // Deeper than any reader of JSON goes.
    let deep = format!(r#"{{"customFields":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000)).into_bytes();
    let headers = test_headers(&deep, Signer::Hmac(WORKFLOW_SECRET));
    let error = shop.engine.receive_webhook(None, &deep, headers).await.unwrap_err();
    assert_eq!(error.code(), Code::Payload);
    let mark = shop.mark();
    shop.settle().await;
    assert_eq!(lines(&shop.writes(mark)), [""; 0]);
    assert_eq!(shop.row("7").await.status, "order_placed");
    let kept = shop.db.value("SELECT count(*) FROM webhook_events").await;
    assert_eq!(kept, odd.len().to_string());
    assert_eq!(shop.db.value("SELECT count(*) FROM ghlkit_inbox WHERE state = 'pending'").await, "0");
    assert_eq!(
        shop.db
            .value("SELECT count(*) FROM webhook_events WHERE CAST(payload AS TEXT) LIKE '%\\u0000%'")
            .await,
        "0"
    );
}

#[tokio::test]
async fn a_location_that_is_not_configured_is_refused() {
    let quiet = Quiet::open().await;
    let nowhere = LocationId::new("anotherLocation00001");
    let there = parse(&with("/locationId", Some(json!("anotherLocation00001")))).unwrap();
    let error = quiet.shop.engine.create_order(&there, UpdateOptions::default()).await.unwrap_err();
    assert_error(&error, Code::InvalidArgument, "locationId", &["anotherLocation00001"]);
    let raw = br#"{"contactId":"c"}"#;
    let headers = test_headers(raw, Signer::Hmac(WORKFLOW_SECRET));
    let error = quiet.shop.engine.receive_webhook(Some(&nowhere), raw, headers).await.unwrap_err();
    assert_error(&error, Code::InvalidArgument, "locationId", &["anotherLocation00001"]);
    quiet.assert_untouched().await;
}

#[tokio::test]
async fn a_token_of_another_location_is_named_so() {
    for (token, settings) in [
        (AGENCY_TOKEN.to_owned(), Settings::unlimited()),
        ("pit-another-location".to_owned(), {
            let other =
                LocationSettings { id: "anotherLocation00001".to_owned(), ..LocationSettings::default() };
            let mut settings = Settings::unlimited();
            settings.locations.push(other);
            settings
                .private_tokens
                .push(PrivateToken::location("pit-another-location", "anotherLocation00001"));
            settings
        }),
    ] {
        let vars = vec![("GOHIGHLEVEL_API_KEY", token)];
        let shop = Shop::cold(Setup { vars, settings, ..Setup::deaf() }).await;
        let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        let error = outcome.error.unwrap();
        assert!(
            matches!(error.code(), Code::WrongLocation | Code::Unauthorized | Code::ScopeMissing),
            "{error}"
        );
        assert_eq!(shop.counts(), (0, 0));
        assert_eq!(shop.db.value("SELECT state FROM ghlkit_jobs").await, "dead");
    }
}
