//! What the doctor says of a location that is not as it should be, and of databases.

use ghlkit::{
    config::DatabaseUrl,
    native::{Database, DatabaseOptions, OpenOptions, doctor},
    sync::{DoctorOptions, DoctorReport, ProvisionOptions, Verdict},
};
use integration::{Keep, Marketplace, Process, Setup, Shop, TOKEN};
use mock_ghl::{LOCATION_ID, LocationSettings, PrivateToken, Settings};
use serde_json::json;

/// What is not well, but for what memory lacks.
fn wrong(report: &DoctorReport) -> Vec<(&'static str, Verdict)> {
    let bad = report.checks.iter().filter(|check| !matches!(check.verdict, Verdict::Ok | Verdict::Skipped));
    bad.map(|check| (check.name, check.verdict)).collect()
}

async fn looked_at(shop: &Shop) -> DoctorReport {
    shop.engine.doctor(&DoctorOptions::default()).await
}

#[tokio::test]
async fn a_shop_that_is_well_has_no_line_against_it() {
    let shop = Shop::open().await;
    let mark = shop.mark();
    let report = looked_at(&shop).await;
    assert_eq!((report.ok, wrong(&report)), (true, vec![]), "{report:#?}");
    assert_eq!(shop.counts(), (0, 0), "nothing was made");
    assert!(shop.sent(mark).len() <= 9, "some questions, once");
}

#[tokio::test]
async fn a_scope_that_the_token_lacks_is_named_also_for_writing() {
    let all = [
        "locations.readonly",
        "opportunities.readonly",
        "opportunities.write",
        "locations/customFields.readonly",
        "contacts.readonly",
        "contacts.write",
        "calendars.readonly",
        "calendars/events.readonly",
        "calendars/events.write",
    ];
    let calendar =
        Shop::cold(Setup::deaf()).await.ghl.with(|ghl| ghl.calendar_mut(LOCATION_ID).unwrap().id.clone());
    for lacking in all {
        let scopes = all.iter().filter(|scope| **scope != lacking).map(|scope| (*scope).to_owned()).collect();
        let token = PrivateToken { scopes: Some(scopes), ..PrivateToken::location(TOKEN, LOCATION_ID) };
        let settings = Settings { private_tokens: vec![token], ..Settings::unlimited() };
        let vars = vec![("GHL_INSTALLATION_CALENDAR_ID", calendar.clone())];
        let shop = Shop::cold(Setup { settings, vars, ..Setup::deaf() }).await;
        let report = looked_at(&shop).await;
        assert_eq!(wrong(&report), [("scopes", Verdict::Failed)], "{lacking}: {report:#?}");
        let line = report.checks.iter().find(|check| check.name == "scopes").unwrap();
        assert_eq!(line.detail, format!("the token lacks {lacking}"));
    }
}

#[tokio::test]
async fn a_location_that_is_not_as_it_should_be_is_described() {
    let mut location = LocationSettings {
        allow_duplicate_opportunity: false,
        order_fields: false,
        ..LocationSettings::default()
    };
    location.stages[4] = "Shipping".to_owned();
    let settings = Settings { locations: vec![location], clock_offset_ms: 120_000, ..Settings::unlimited() };
    let shop = Shop::cold(Setup { settings, ..Setup::deaf() }).await;
    let report = looked_at(&shop).await;
    assert!(!report.ok);
    assert_eq!(
        wrong(&report),
        [
            ("clock", Verdict::Failed),
            ("stages", Verdict::Failed),
            ("custom_fields", Verdict::Failed),
            ("duplicate_opportunity", Verdict::Warning),
        ],
        "{report:#?}"
    );
    let clock = &report.checks.iter().find(|check| check.name == "clock").unwrap().detail;
    assert!(clock.contains("behind GHL's"), "{clock}");

    let mark = shop.mark();
    let told = shop.engine.provision(None, ProvisionOptions { dry_run: true }).await.unwrap();
    assert_eq!((told.created_fields.len(), told.missing_fields.len()), (0, 9));
    assert!(shop.sent(mark).iter().all(|sent| sent.line.starts_with("GET ")), "a dry run makes nothing");
    let shipping = shop.stage_id("stage_shipping");
    assert!(told.lines.contains(&format!("GHL_STAGE_SHIPPED={shipping}")), "{:?}", told.lines);
    let made = shop.engine.provision(None, ProvisionOptions::default()).await.unwrap();
    assert_eq!((made.created_fields.len(), made.missing_fields.len()), (9, 0));
}

#[tokio::test]
async fn settings_without_an_engine_are_looked_at_and_no_database_is_made() {
    let shop = Shop::cold(Setup { keep: Keep::Memory, ..Setup::deaf() }).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("other.db");
    let settings = |more: &[(&'static str, String)]| {
        let vars = Shop::vars(&shop.ghl, &file, more);
        json!({ "options": {}, "env": vars }).to_string()
    };
    let look =
        async |settings: String| doctor(&settings, Default::default(), &DoctorOptions::default()).await;
    let report = look(settings(&[])).await;
    assert_eq!((report.ok, wrong(&report)), (true, vec![("migrations", Verdict::Warning)]), "{report:#?}");
    assert!(!file.exists());

    let both =
        settings(&[("GHLKIT_CURRENCY", "euro".to_owned()), ("GHL_STAGE_SHIPPED", "Nowhere".to_owned())]);
    let report = look(both).await;
    let named =
        [("environment", Verdict::Failed), ("migrations", Verdict::Warning), ("stages", Verdict::Failed)];
    assert_eq!(wrong(&report), named, "{report:#?}");

    std::fs::write(&file, "this is no database, and is long enough to be read as one would be").unwrap();
    let report = look(settings(&[])).await;
    assert_eq!(wrong(&report), [("database", Verdict::Failed)], "{report:#?}");
}

#[tokio::test]
async fn a_right_that_a_role_lacks_is_named() {
    if Keep::usual() != Keep::Postgres {
        return;
    }
    let shop = Shop::cold(Setup::deaf()).await;
    let url = shop.engine.config().database_url.expose().to_owned();
    shop.db.execute("CREATE ROLE limited_shop; GRANT limited_shop TO CURRENT_USER").await;
    shop.db
        .execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO limited_shop; \
             REVOKE INSERT ON webhook_events FROM limited_shop; REVOKE UPDATE ON orders FROM limited_shop; \
             GRANT UPDATE (status) ON orders TO limited_shop",
        )
        .await;
    let and = if url.contains('?') { '&' } else { '?' };
    let limited = DatabaseUrl::new(format!("{url}{and}options=-c%20role%3Dlimited_shop"));
    let found = Database::inspect(&limited, &DatabaseOptions::default()).await.unwrap();
    shop.db.execute("DROP OWNED BY limited_shop; DROP ROLE limited_shop").await;
    assert_eq!(found.lacking, ["INSERT on webhook_events"]);
    assert_eq!((found.kind, found.pending, found.newer), ("PostgreSQL", 0, false));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_named() {
    let shop = Shop::cold(Setup::deaf()).await;
    let sql = "INSERT INTO ghlkit_migrations (version, description, success, checksum, execution_time) \
               SELECT 9999, 'newer', success, checksum, execution_time FROM ghlkit_migrations WHERE version = 1";
    shop.db.execute(sql).await;
    let report = looked_at(&shop).await;
    assert_eq!(wrong(&report), [("migrations", Verdict::Failed)], "{report:#?}");
}

/// What the doctor says of the token and the scopes of an app's location, with how to mend them.
async fn of_app(market: &Marketplace, process: &Process) -> [(Verdict, String, String); 2] {
    let pipeline = market.ghl.with(|ghl| ghl.order_pipeline(LOCATION_ID).unwrap().id.clone());
    let calendar = market.ghl.with(|ghl| ghl.calendar_mut(LOCATION_ID).unwrap().id.clone());
    let file = market.file.with_file_name("shop.db");
    let env = json!({
        "GOHIGHLEVEL_LOCATION_ID": LOCATION_ID,
        "GHL_ORDERS_PIPELINE_ID": pipeline,
        "GHL_INSTALLATION_CALENDAR_ID": calendar,
        "GHL_BASE_URL": market.ghl.base_url(),
        "DATABASE_URL": format!("sqlite:{}", file.display()),
    });
    let settings = json!({ "options": {}, "env": env }).to_string();
    let options = OpenOptions { app: Some(process.tokens.clone()), ..OpenOptions::default() };
    let report = doctor(&settings, options, &DoctorOptions::default()).await;
    ["token", "scopes"].map(|name| {
        let line = report.checks.iter().find(|check| check.name == name).unwrap();
        (line.verdict, line.detail.clone(), line.fix.clone().unwrap_or_default())
    })
}

#[tokio::test]
async fn the_token_and_the_scopes_of_an_app_are_looked_at_as_it_has_them() {
    use Verdict::{Failed, Ok, Skipped};
    let again = "install the app at this location again";
    let market = Marketplace::open().await;
    let nowhere = market.process().await;
    let [token, scopes] = of_app(&market, &nowhere).await;
    assert_eq!((token.0, token.2.as_str(), scopes.0), (Failed, again, Skipped), "{token:?}");

    let process = market.installed(Some(LOCATION_ID)).await;
    let [token, scopes] = of_app(&market, &process).await;
    assert_eq!((token.0, scopes.0), (Ok, Ok), "{token:?} {scopes:?}");
    // What has expired is renewed, as for any call.
    market.expire();
    let [token, scopes] = of_app(&market, &process).await;
    assert_eq!((token.0, scopes.0), (Ok, Ok), "{token:?} {scopes:?}");
    assert_eq!(market.refreshes(), [200]);
    // What can be renewed no more is not.
    market.ghl.with(|ghl| *ghl = mock_ghl::Ghl::new(ghl.settings().clone()));
    let [token, scopes] = of_app(&market, &process).await;
    assert_eq!((token.0, token.2.as_str(), scopes.0), (Failed, again, Skipped), "{token:?}");
    assert_eq!(market.refreshes(), [400]);
}

#[tokio::test]
async fn a_scope_that_an_app_lacks_is_added_to_the_app() {
    let all = "locations.readonly opportunities.readonly opportunities.write locations/customFields.readonly \
               contacts.readonly contacts.write calendars.readonly calendars/events.readonly calendars/events.write";
    for lacking in ["contacts.write", "calendars/events.write", "locations.readonly"] {
        let mut settings = Settings::unlimited();
        settings.app.scope = all.split(' ').filter(|scope| *scope != lacking).collect::<Vec<_>>().join(" ");
        let market = Marketplace::with(settings).await;
        let process = market.installed(Some(LOCATION_ID)).await;
        let [token, scopes] = of_app(&market, &process).await;
        let fix = format!("add {lacking} to the scopes of the app, and install it at this location again");
        let expected = (Verdict::Failed, format!("the token lacks {lacking}"), fix);
        assert_eq!((token.0, scopes), (Verdict::Ok, expected), "{token:?}");
    }
}
