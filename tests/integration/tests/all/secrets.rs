//! No secret appears in an error, in the store or in what is logged.

use ghlkit::{
    config::SyncOptions,
    sync::{UpdateOptions, event_kind},
    webhook::sign::{Signer, test_headers},
};
use integration::{Front, Log, Setup, Shop, TOKEN, order};
use mock_ghl::{Fault, FaultRule, Settings, WORKFLOW_SECRET};
use serde_json::{Value, json};

/// A wrong token that could be mistaken for no other text.
const WRONG_TOKEN: &str = "pit-5ecret-5ecret-5ecret";

/// None of the secrets is in the text, which is not empty.
fn assert_clean(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} is empty, so it proves nothing");
    for secret in [TOKEN, WRONG_TOKEN, WORKFLOW_SECRET, "5ecret"] {
        assert!(!text.contains(secret), "{what} tells {secret}: {text}");
    }
}

/// Everything the store holds, as text.
async fn stored(shop: &Shop) -> String {
    format!("{:?}", shop.db.dump().await)
}

#[tokio::test]
async fn failures_tell_no_secret() {
    let log = Log::default();
    // The runtime has one thread, so everything the test does is logged here.
    let _guard = tracing::subscriber::set_default(log.clone());
    let sync = SyncOptions { call_timeout_ms: 300, ..SyncOptions::default() };
    let shop = Shop::with(Setup { sync, ..Setup::default() }).await;
    shop.place(&order("7")).await;
    let mut errors = vec![format!("{:?}", shop.engine.config())];

    let fault = |nth, fault, latency_ms| FaultRule {
        nth,
        method: "PUT".to_owned(),
        path: "/opportunities/".to_owned(),
        fault,
        latency_ms,
    };
    for rules in [
        vec![fault(1, Some(Fault::Status(403)), 0)],
        vec![fault(1, Some(Fault::RefusedButDone), 0)],
        vec![
            fault(1, Some(Fault::ResetAfter), 0),
            fault(2, None, 600),
            fault(3, Some(Fault::Status(500)), 0),
        ],
    ] {
        shop.fault(rules);
        let status = match errors.len() {
            1 => "processing",
            2 => "manufacturing",
            _ => "shipped",
        };
        let outcome = shop.change("7", status, UpdateOptions::default()).await.unwrap();
        let error = outcome.error.as_ref();
        errors.push(format!("{outcome:?} {:?}", error.map(ToString::to_string)));
    }
    assert!(errors[1].contains("refused") && errors[3].contains("server"), "{errors:?}");

    let body = br#"{"contactId":"c"}"#;
    for headers in
        [test_headers(body, Signer::Hmac("5ecret")), vec![("x-ghl-signature".into(), WRONG_TOKEN.into())]]
    {
        let error = shop.engine.receive_webhook(None, body, headers).await.unwrap_err();
        errors.push(format!("{error} {error:?}"));
    }
    shop.settle().await;

    assert_clean("errors", &errors.join("\n"));
    assert_clean("the store", &stored(&shop).await);
    let text = log.text();
    assert!(text.contains("try failed"), "the log has no word of the failures: {text}");
    assert_clean("the log", &text);
}

#[tokio::test]
async fn a_refused_token_is_not_told_even_where_the_reply_repeats_it() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let answers: [integration::Instead; 3] = [
        |head, _| {
            let sent = head.values("authorization")[0].to_owned();
            Some((401, json!({ "statusCode": 401, "message": format!("Invalid JWT: {sent}") }).to_string()))
        },
        |head, _| {
            let token = head.values("authorization")[0].trim_start_matches("Bearer ").to_owned();
            Some((422, json!({ "message": [format!("token {token} may not do this"), token] }).to_string()))
        },
        |head, _| Some((400, format!("<html>{:?}</html>", head.headers))),
    ];
    for answer in answers {
        let front = Front::start(Settings::unlimited(), answer).await;
        let vars =
            vec![("GOHIGHLEVEL_API_KEY", WRONG_TOKEN.to_owned()), ("GHL_BASE_URL", front.base_url.clone())];
        let shop = Shop::cold(Setup { vars, ..Setup::deaf() }).await;
        let error = shop.engine.provision(None, Default::default()).await.unwrap_err();
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        let mut told = format!("{error:?}");
        while let Some(next) = source {
            told += &format!("\n{next} {next:?}");
            source = next.source();
        }
        let outcome = shop.engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        told += &format!("\n{outcome:?}");
        assert!(outcome.error.is_some(), "{outcome:?}");
        shop.settle().await;
        assert_clean("the error", &told);
        assert_clean("the store", &stored(&shop).await);
        let events: Vec<(String, Value)> = shop.events(event_kind::SYNC_FAILED).await;
        assert_eq!(events.len(), 1);
        assert_clean("the event", &events[0].1.to_string());
    }
    assert_clean("the log", &log.text());
}
