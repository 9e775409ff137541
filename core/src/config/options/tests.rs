use super::*;
use crate::{
    Code,
    config::ExistingContact,
    webhook::{MAX_TOLERANCE_MS, VerifiedBy},
};

const ENV: &str = r#""env":{"GOHIGHLEVEL_API_KEY":"pit-env","GOHIGHLEVEL_LOCATION_ID":"loc-env",
    "GHL_ORDERS_PIPELINE_ID":"pip-env","GHL_STAGE_SHIPPED":"stage-env","GHL_STAGE_DELIVERED":"s2-env",
    "GOHIGHLEVEL_WEBHOOK_SECRET":"wh-env","GHLKIT_CURRENCY":"SEK","DATABASE_URL":"sqlite:env.db"}"#;

fn read(options: &str) -> Result<Config> {
    Config::from_json(&format!(r#"{{"options":{options},{ENV}}}"#))
}

fn stages(location: &LocationConfig) -> Vec<(&str, &str)> {
    location.stages.iter().map(|(status, stage)| (status.as_str(), stage.as_str())).collect()
}

#[test]
fn an_engine_of_an_app_has_no_tokens_of_its_own() {
    let of = |options: &str| {
        Config::without_tokens(&format!(
            r#"{{"options":{options},"env":{{"GOHIGHLEVEL_API_KEY":"5ecret"}}}}"#
        ))
    };
    let one = of(r#"{"locationId":"l","pipelineId":"p"}"#).unwrap();
    let several = of(r#"{"locations":[{"id":"l","pipelineId":"p"},{"id":"m","pipelineId":"q"}]}"#).unwrap();
    for location in one.locations.iter().chain(&several.locations) {
        assert!(location.token.is_none(), "nor that of the environment");
    }
    for (options, field) in [
        (r#"{"token":"5ecret","locationId":"l","pipelineId":"p"}"#, "token"),
        (r#"{"locations":[{"id":"l","token":"5ecret","pipelineId":"p"}]}"#, "locations[0].token"),
    ] {
        let error = of(options).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::Config, Some(field)), "{error}");
        assert!(!error.to_string().contains("5ecret"), "{error}");
    }
}

#[test]
fn the_environment_alone_is_enough() {
    let config = read("{}").unwrap();
    let [only] = config.locations.as_slice() else { panic!("{config:?}") };
    assert_eq!(
        (only.id.as_str(), only.token.as_ref().unwrap().expose(), only.pipeline.as_str()),
        ("loc-env", "pit-env", "pip-env")
    );
    assert_eq!(stages(only), [("delivered", "s2-env"), ("shipped", "stage-env")]);
    assert_eq!(only.verifier.schemes().collect::<Vec<_>>(), [VerifiedBy::HmacSha256]);
    assert_eq!((config.database_url.expose(), config.currency.unwrap().code()), ("sqlite:env.db", "SEK"));
    assert_eq!(config.sync, SyncOptions::default());
}

#[test]
fn options_go_before_the_environment() {
    let config = read(
        r#"{"token":"pit-1","locationId":"loc1","pipelineId":"pip1","stages":{"shipped":"Out"},"calendarId":"cal1",
        "webhooks":{"ed25519":true,"requireTimestamp":true},"databaseUrl":"sqlite:x.db","currency":"eur",
        "baseUrl":"http://localhost:1/","apiVersion":"v3",
        "sync":{"waitMs":0,"callTimeoutMs":5000,"searchLagMs":1,"leaseMs":7000,"concurrency":2,"reconcileEveryMs":60000,"existingContact":"overwrite"},
        "statusTrigger":true}"#,
    )
    .unwrap();
    let [only] = config.locations.as_slice() else { panic!("{config:?}") };
    assert_eq!(
        (only.id.as_str(), only.token.as_ref().unwrap().expose(), only.pipeline.as_str()),
        ("loc1", "pit-1", "pip1")
    );
    assert_eq!(stages(only), [("delivered", "s2-env"), ("shipped", "Out")]);
    assert_eq!(only.calendar, Some(CalendarId::new("cal1")));
    assert_eq!(only.verifier.schemes().collect::<Vec<_>>(), [VerifiedBy::Ed25519]);
    assert_eq!(only.verifier.tolerance().ms(), MAX_TOLERANCE_MS);
    assert!(only.verifier.tolerance().check(None, 0).is_err());
    assert_eq!(
        (config.database_url.expose(), config.base_url.as_str()),
        ("sqlite:x.db", "http://localhost:1")
    );
    assert_eq!(config.api_version, ApiVersion::V3);
    assert_eq!(config.currency.unwrap().code(), "EUR");
    let sync = SyncOptions {
        wait_ms: 0,
        call_timeout_ms: 5_000,
        search_lag_ms: 1,
        lease_ms: 7_000,
        concurrency: 2,
        reconcile_every_ms: 60_000,
        existing_contact: ExistingContact::Overwrite,
    };
    assert_eq!(config.sync, sync);
    assert!(config.status_trigger);
}

#[test]
fn several_locations_are_set_by_options_alone() {
    let config = read(
        r#"{"locations":[{"id":"loc1","token":"pit-1","pipelineId":"pip1","stages":{"shipped":"Out"}},
        {"id":"loc2","token":"pit-2","pipelineId":"pip2","webhooks":{"hmac":"s","toleranceMs":5}}]}"#,
    )
    .unwrap();
    let [first, second] = config.locations.as_slice() else { panic!("{config:?}") };
    assert_eq!(
        (first.id.as_str(), first.token.as_ref().unwrap().expose(), stages(first)),
        ("loc1", "pit-1", vec![("shipped", "Out")])
    );
    assert_eq!(first.verifier.schemes().count(), 0, "it refuses all");
    assert_eq!((second.id.as_str(), second.pipeline.as_str(), stages(second)), ("loc2", "pip2", vec![]));
    assert_eq!(second.verifier.tolerance().ms(), 5);
    assert_eq!(config.currency.unwrap().code(), "SEK", "what belongs to no location is read");
}

#[test]
fn the_shops_own_statuses_are_known_everywhere() {
    let config = Config::from_json(
        r#"{"options":{"token":"t","locationId":"l","pipelineId":"p","model":{"path":[
        {"status":"new","progress":0,"label":"New","stage":"stage_new"},{"status":"sent","progress":100,"label":"Sent"}]}},
        "env":{"GHL_STAGE_SENT":"s2"}}"#,
    )
    .unwrap();
    assert_eq!(config.model.first().as_str(), "new");
    assert_eq!(stages(&config.locations[0]), [("sent", "s2")]);
}

#[test]
fn an_error_names_the_option_and_shows_no_secret() {
    use Code::{Config as Setting, InvalidArgument};
    let listed =
        |entry: &str| format!(r#"{{"locations":[{{"id":"l","token":"5ecret","pipelineId":"p"}},{entry}]}}"#);
    let table: Vec<(String, Code, &str)> = [
        (r#"{"token":"a 5ecret"}"#, Setting, "token"),
        (r#"{"token":{"5ecret":1}}"#, InvalidArgument, "token"),
        (r#"{"locationId":"a/b"}"#, Setting, "locationId"),
        (r#"{"pipelineId":""}"#, Setting, "pipelineId"),
        (r#"{"calendarId":"a b"}"#, Setting, "calendarId"),
        (r#"{"stages":{"cancelled":"x"}}"#, Setting, "stages.cancelled"),
        (r#"{"stages":{"unheard_of":"x"}}"#, Setting, "stages"),
        (r#"{"stages":["x"]}"#, InvalidArgument, "stages"),
        (r#"{"webhooks":{"hmac":""}}"#, Setting, "webhooks.hmac"),
        (r#"{"webhooks":{"hmac":{"a":"5ecret"}}}"#, InvalidArgument, "webhooks.hmac"),
        (r#"{"webhooks":["5ecret"]}"#, InvalidArgument, "webhooks"),
        (r#"{"sync":[5]}"#, InvalidArgument, "sync"),
        (r#"{"model":[[]]}"#, InvalidArgument, "model"),
        (r#"{"locations":[["l","5ecret","p"]]}"#, InvalidArgument, "locations[0]"),
        (r#"["sqlite:5ecret"]"#, InvalidArgument, "options"),
        (r#"{"webhooks":{}}"#, Setting, "webhooks.hmac"),
        (r#"{"baseUrl":"http://5ecret@example.com"}"#, Setting, "baseUrl"),
        (r#"{"apiVersion":"2021-07-28"}"#, Setting, "apiVersion"),
        (r#"{"databaseUrl":"mysql://a:5ecret@h/d"}"#, Setting, "databaseUrl"),
        (r#"{"databaseUrl":""}"#, Setting, "databaseUrl"),
        (r#"{"currency":"euro"}"#, Setting, "currency"),
        (r#"{"model":{"path":[]}}"#, Setting, "model.path"),
        (r#"{"model":{"path":[{"status":"Big","progress":1,"label":"x"}]}}"#, InvalidArgument, "model.path[0].status"),
        (r#"{"sync":{"waitMs":-1}}"#, Setting, "sync.waitMs"),
        (r#"{"sync":{"waitMs":"5ecret"}}"#, InvalidArgument, "sync.waitMs"),
        (r#"{"sync":{"wait":1}}"#, InvalidArgument, "sync.wait"),
        (r#"{"sync":{"existingContact":"5ecret"}}"#, InvalidArgument, "sync.existingContact"),
        (r#"{"locations":[]}"#, Setting, "locations"),
        (r#"{"locations":[],"webhooks":{"hmac":"5ecret"}}"#, Setting, "webhooks"),
        (r#"{"api_key":"5ecret"}"#, InvalidArgument, "api_key"),
        (r#""5ecret""#, InvalidArgument, "options"),
    ]
    .into_iter()
    .map(|(options, code, field)| (options.to_owned(), code, field))
    .chain([
        (listed(r#"{"token":"5ecret","pipelineId":"p"}"#), Setting, "locations[1].id"),
        (listed(r#"{"id":"l2","pipelineId":"p"}"#), Setting, "locations[1].token"),
        (listed(r#"{"id":"l2","token":"5ecret"}"#), Setting, "locations[1].pipelineId"),
        (listed(r#"{"id":"l2","token":"5ecret","pipelineId":7}"#), InvalidArgument, "locations[1].pipelineId"),
        (listed(r#"{"id":"l","token":"5ecret","pipelineId":"p"}"#), Setting, "locations[1].id"),
        (listed(r#"{"id":"l2","token":"5ecret","pipeline":"p"}"#), InvalidArgument, "locations[1].pipeline"),
        (
            listed(r#"{"id":"l2","token":"5ecret","pipelineId":"p","webhooks":{"hmac":["5ecret",1]}}"#),
            InvalidArgument,
            "locations[1].webhooks.hmac[1]",
        ),
        (
            listed(r#"{"id":"l2","token":"t","pipelineId":"p","webhooks":{"sharedSecret":{"header":" ","secret":"5ecret"}}}"#),
            Setting,
            "locations[1].webhooks.sharedSecret.header",
        ),
    ])
    .collect();
    for (options, code, field) in table {
        let error = read(&options).unwrap_err();
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{options}: {error}");
        assert!(error.message().starts_with(&format!("{field}: ")), "{error}");
        assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
    }
}

#[test]
fn what_is_missing_is_named_with_what_it_is_for() {
    let one = Config::from_json(r#"{"options":{"token":"t","locationId":"l"}}"#).unwrap_err();
    assert_eq!(
        one.message(),
        "pipelineId: is not set, nor is GHL_ORDERS_PIPELINE_ID; it is the id of the pipeline of orders"
    );
    let listed = Config::from_json(r#"{"options":{"locations":[{"id":"l","token":"t"}]}}"#).unwrap_err();
    assert_eq!(
        listed.message(),
        "locations[0].pipelineId: is not set; it is the id of the pipeline of orders"
    );
}

#[test]
fn a_malformed_variable_is_named_though_options_are_given() {
    let json =
        r#"{"options":{"token":"t","locationId":"l","pipelineId":"p"},"env":{"DATABASE_URL":"5ecret"}}"#;
    let error = Config::from_json(json).unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("DATABASE_URL")));
    assert!(!format!("{error:?}").contains("5ecret"));
}
