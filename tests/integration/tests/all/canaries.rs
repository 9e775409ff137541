//! Every secret a shop has is planted, and looked for in all that may be logged, shown or kept.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};

use ghlkit::{
    client::{CallEvent, CallOptions, Headers, Observer, StaticTokens},
    config::{ClientSettings, Config, ConfigOptions, DatabaseUrl, OAuthOptions, OAuthSettings, SyncOptions},
    ids::{AppId, LocationId, OrderId},
    oauth::{Keyring, OAuthApp},
    ops,
    ports::{HttpRequest, HttpResponse, Method, SocketRequest, TokenSource, store::TokenStore},
    secret::Secret,
    sse::OrderTokens,
    sync::{DoctorOptions, HealthLimits, MetricsOptions, UpdateOptions},
    webhook::{
        Accepted, Scheme, Tolerance, Verifier, VerifierSpec,
        sign::{Signer, test_headers},
    },
};
use integration::{Front, Keep, Log, Marketplace, Process, Setup, Shop, here, order};
use mock_ghl::{CLIENT_ID, CLIENT_SECRET, LOCATION_ID, PrivateToken, Settings};
use serde_json::{Value, json};

/// In every secret, and in nothing else.
const CANARY: &str = "5ecret";

/// Holds no canary, and is not nothing.
#[track_caller]
fn assert_clean(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} is empty, so it proves nothing");
    if let Some(at) = text.find(CANARY) {
        let from = text.floor_char_boundary(at.saturating_sub(200));
        let until = text.ceil_char_boundary((at + 60).min(text.len()));
        panic!("{what} tells a secret: …{}…", &text[from..until]);
    }
}

#[track_caller]
fn assert_shown_clean(what: &str, value: &dyn Debug) {
    assert_clean(what, &format!("{value:?}"));
    assert_clean(what, &format!("{value:#?}"));
}

/// An error with all that led to it, in every form.
fn told(error: &ghlkit::Error) -> String {
    let mut told = format!("{error:?} {error:#?} {}", serde_json::to_string(error).unwrap());
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(next) = source {
        told += &format!("\n{next} {next:?}");
        source = next.source();
    }
    told
}

/// Everything that can be set, of a shop.
fn options() -> Value {
    json!({
        "databaseUrl": "sqlite:shop.db?key=5ecret-database",
        "token": "pit-5ecret-token",
        "locationId": LOCATION_ID,
        "pipelineId": "pip1",
        "webhooks": {
            "hmac": ["5ecret-hmac", { "secret": "5ecret-old", "notAfter": "2099-01-01T00:00:00Z" }],
            "sharedSecret": { "header": "x-shop", "secret": "5ecret-shared" },
        },
        "realtime": { "url": "wss://relay.example/shop", "token": "5ecret-socket" },
        "events": { "secrets": ["5ecret-stream-0123456789-0123456789"] },
        "notifications": {
            "webhook": { "url": "https://hooks.example/T0/5ecret-path?key=5ecret-key", "secret": "5ecret-sign" },
            "smtp": { "url": "smtps://shop:5ecret-mail@mail.example:465", "from": "Shop <shop@example.com>" },
            "pusher": { "appId": "1", "key": "k", "secret": "5ecret-pusher", "cluster": "eu" },
        },
    })
}

/// Everything that can be set, of an app.
fn app_options() -> Value {
    json!({
        "clientId": "app1-x",
        "clientSecret": "5ecret-client",
        "redirectUri": "https://shop.example/oauth",
        "scopes": ["contacts.readonly"],
        "tokenKeys": "k1:NXNlY3JldC01c2VjcmV0LTVzZWNyZXQtNXNlY3JldC0=",
        "databaseUrl": "postgres://shop:5ecret-database@db.example/shop",
    })
}

fn read(options: &Value) -> ghlkit::Result<Config> {
    Config::from_json(&json!({ "options": options, "env": {} }).to_string())
}

#[test]
fn no_setting_shows_what_is_secret_in_it() {
    let config = read(&options()).unwrap();
    assert_shown_clean("the configuration", &config);
    assert_shown_clean("what it is read from", &serde_json::from_value::<ConfigOptions>(options()).unwrap());
    assert_shown_clean(
        "what an app is read from",
        &serde_json::from_value::<OAuthOptions>(app_options()).unwrap(),
    );
    let env = |options: &Value| json!({ "options": options, "env": {} }).to_string();
    let oauth = OAuthSettings::from_json(&env(&app_options())).unwrap();
    assert_shown_clean("an app's settings", &oauth);
    assert_shown_clean("the app", &oauth.app);
    assert_clean("the keys", &format!("{:?}", oauth.keys).replace("NXNlY3JldC01", CANARY));
    let client = json!({ "token": "pit-5ecret", "locationId": "loc1" });
    assert_shown_clean("a client's settings", &ClientSettings::from_json(&env(&client)).unwrap());
    assert_shown_clean("an address", &DatabaseUrl::new("postgres://shop:5ecret@db.example/shop"));
    let spec: VerifierSpec = serde_json::from_value(options()["webhooks"].clone()).unwrap();
    assert_shown_clean("how webhooks are verified", &spec);
    assert_shown_clean("the hook's host is told", &config.notifications);
    assert!(format!("{:?}", config.notifications).contains("hooks.example"));
}

/// Paths of the texts that hold a secret.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(CANARY) => found.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(nth, item)| places(item, &format!("{at}/{nth}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

#[test]
fn a_secret_that_is_malformed_or_in_the_wrong_place_is_not_told() {
    let wrong = [
        json!({ "value": "5ecret" }),
        json!([["5ecret"]]),
        json!(["5ecret", 5]),
        json!("5ecret\r\nx: 5ecret"),
        json!("5ecret \u{0}"),
        json!(" 5ecret ü "),
        json!("https://5ecret:5ecret@x.example/#5ecret"),
        json!("5ecret://5ecret"),
        json!("x5ecret".repeat(2_000)),
    ];
    type Read = fn(&Value) -> Result<String, ghlkit::Error>;
    let readers: [(Value, Read); 2] = [
        (options(), |options| read(options).map(|config| format!("{config:?}"))),
        (app_options(), |options| {
            let json = json!({ "options": options, "env": {} }).to_string();
            OAuthSettings::from_json(&json).map(|settings| format!("{settings:?}"))
        }),
    ];
    let (mut tried, mut refused) = (0, 0);
    for (all, read) in readers {
        let mut found = Vec::new();
        places(&all, "", &mut found);
        for place in found {
            for instead in &wrong {
                let mut options = all.clone();
                *options.pointer_mut(&place).unwrap() = instead.clone();
                let told = read(&options).map_err(|error| {
                    refused += 1;
                    told(&error)
                });
                assert_clean(&format!("{place} as {instead}"), told.as_ref().unwrap_or_else(|told| told));
                tried += 1;
            }
        }
    }
    assert!(tried > 100 && refused > 60, "{refused} of {tried}");
}

#[test]
fn no_variable_is_told_that_is_secret() {
    let usual = [
        ("GOHIGHLEVEL_API_KEY", "pit-1"),
        ("GOHIGHLEVEL_LOCATION_ID", "loc1"),
        ("GHL_ORDERS_PIPELINE_ID", "pip1"),
        ("GOHIGHLEVEL_WEBHOOK_SECRET", "s"),
    ];
    for name in [
        "GOHIGHLEVEL_API_KEY",
        "GOHIGHLEVEL_WEBHOOK_SECRET",
        "GHL_WEBHOOK_SHARED_SECRET",
        "GHLKIT_EVENTS_SECRETS",
        "GHLKIT_REALTIME_TOKEN",
        "GHLKIT_TOKEN_KEYS",
        "GHLKIT_METRICS_TOKEN",
        "GHL_CLIENT_SECRET",
        "CRON_SECRET",
        "PUSHER_SECRET",
        "DATABASE_URL",
        "GHL_BASE_URL",
        "GHLKIT_REALTIME_URL",
    ] {
        for value in ["5ecret", "5ecret\n5ecret", "5ecret://u:5ecret@x/5ecret?5ecret#5ecret", "k1:5ecret,k2"]
        {
            let vars = |asked: &str| {
                let given = (asked == name).then_some(value);
                let usual = usual.iter().find(|(known, _)| *known == asked).map(|(_, value)| *value);
                given.or(usual).map(str::to_owned)
            };
            match Config::from_vars(vars) {
                // What a public address is, is no secret.
                Ok(config) if name.ends_with("_URL") && name != "DATABASE_URL" => drop(config),
                Ok(config) => assert_shown_clean(name, &config),
                Err(error) => assert_clean(name, &told(&error)),
            }
            if let Err(error) = OAuthSettings::from_vars(vars) {
                assert_clean(name, &told(&error));
            }
        }
    }
}

#[tokio::test]
async fn no_value_that_can_be_printed_shows_the_secret_it_holds() {
    let secret = || Secret::new("5ecret");
    let headers = vec![("authorization".into(), "Bearer 5ecret".into())];
    let request = HttpRequest {
        method: Method::Post,
        url: "https://x.example/contacts/?email=5ecret".to_owned(),
        headers,
        body: b"client_secret=5ecret".to_vec(),
        timeout: Duration::from_secs(1),
        max_reply_bytes: 1,
    };
    assert_shown_clean("a request", &request);
    let body = br#"{"access_token":"5ecret"}"#.to_vec();
    let reply = HttpResponse { status: 200, headers: vec![("x".into(), "5ecret".to_owned())], body };
    assert_shown_clean("a reply", &reply);
    assert!(!format!("{reply:?}").contains("53, 101, 99"), "nor in bytes: {reply:?}");
    let socket = SocketRequest {
        url: "wss://x.example".to_owned(),
        headers: vec![("authorization".into(), secret())],
        max_message_bytes: 1,
    };
    assert_shown_clean("a socket's request", &socket);
    assert_shown_clean("headers", &Headers::new().with("x-key", "5ecret").unwrap());
    assert_clean("bad headers", &told(&Headers::new().with("x-key", "5ecret\r\n").unwrap_err()));
    assert_shown_clean("tokens", &StaticTokens::for_any(secret()).with(here(), secret()));
    let app = OAuthApp::new("app1", secret(), "https://shop.example/oauth", ["contacts.readonly"]);
    assert_shown_clean("an app", &app);
    assert_clean("bad keys", &told(&Keyring::parse("k1:5ecret").unwrap_err()));
    let schemes = vec![
        Scheme::HmacSha256 { secrets: vec![Accepted::from(secret())] },
        Scheme::SharedSecret { header: "x-shop".to_owned(), secrets: vec![Accepted::from(secret())] },
    ];
    assert_shown_clean("schemes", &schemes);
    assert_shown_clean("a verifier", &Verifier::new(schemes, Tolerance::default()).unwrap());
    let tokens = OrderTokens::new(vec![Secret::new("5ecret-stream-0123456789-0123456789")]).unwrap();
    assert_shown_clean("order tokens", &tokens);
}

/// Tokens and keys of an app, once it is installed: what they are is known from its own mouth.
#[tokio::test]
async fn an_apps_tokens_are_in_nothing_that_is_shown_or_kept() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let market = Marketplace::open().await;
    let process = market.installed(Some(LOCATION_ID)).await;
    process.call().await.unwrap();
    market.expire();
    process.call().await.unwrap();
    let access = process.tokens.token(&here()).await.unwrap();
    let store = Process::store(&market.file).await;
    let app = AppId::new(CLIENT_ID.split('-').next().unwrap());
    let rows = store.token_rows(&app, None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    let kept = format!("{:?}", market.db.dump().await);
    let shown =
        format!("{:?} {:#?} {:?} {:?}", process.tokens, process.client, rows, process.tokens.tokens());
    for (what, text) in [("the store", kept), ("what is shown", shown), ("the log", log.text())] {
        assert!(!text.is_empty(), "{what}");
        for secret in [access.expose(), CLIENT_SECRET, integration::TOKEN_KEY.split(':').nth(1).unwrap()] {
            assert!(!text.contains(secret), "{what} tells {secret}");
        }
    }
}

/// GHL refuses everything, and repeats all it was sent.
fn echo(head: &integration::Head, body: &[u8]) -> Option<(u16, String)> {
    let said = format!("{:?} {}", head.headers, String::from_utf8_lossy(body));
    let bearer = head.values("authorization").first().map(|value| (*value).to_owned());
    let status = match head.line.split(' ').next() {
        Some("GET") if head.line.contains("pipelines") => 403,
        Some("GET") => 401,
        Some("POST") => 422,
        _ => 500,
    };
    let refusal = json!({ "statusCode": status, "message": [said], "error": bearer, "traceId": bearer });
    Some((status, refusal.to_string()))
}

/// GHL refuses what is to be written alone.
fn echo_of_writes(head: &integration::Head, body: &[u8]) -> Option<(u16, String)> {
    if head.line.starts_with("GET") { None } else { echo(head, body) }
}

/// How something ended, in every form.
fn ended<T: Debug>(result: &ghlkit::Result<T>) -> String {
    match result {
        Ok(done) => format!("{done:?}"),
        Err(error) => told(error),
    }
}

/// Keeps what an observer is told.
#[derive(Default)]
struct Hooks(Mutex<String>);

impl Observer for Hooks {
    fn observe(&self, event: &CallEvent<'_>) {
        let told = format!("{event:?} {}\n", serde_json::to_string(event).unwrap());
        self.0.lock().unwrap().push_str(&told);
    }
}

#[tokio::test]
async fn what_ghl_repeats_of_a_secret_goes_nowhere() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let panics: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&panics);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        kept.lock().unwrap().push_str(&info.to_string());
        before(info);
    }));
    let variants: [(Keep, integration::Instead); 3] =
        [(Keep::usual(), echo), (Keep::usual(), echo_of_writes), (Keep::Memory, echo)];
    for (nth, (keep, instead)) in variants.into_iter().enumerate() {
        let mut settings = Settings::unlimited();
        settings.private_tokens.push(PrivateToken::location("pit-5ecret-token", LOCATION_ID));
        let front = Front::start(settings, instead).await;
        let vars = vec![
            ("GOHIGHLEVEL_API_KEY", "pit-5ecret-token".to_owned()),
            ("GOHIGHLEVEL_WEBHOOK_SECRET", "5ecret-webhook".to_owned()),
            ("GHL_WEBHOOK_SCHEMES", "hmac,shared-secret".to_owned()),
            ("GHL_WEBHOOK_SHARED_HEADER", "x-shop".to_owned()),
            ("GHL_WEBHOOK_SHARED_SECRET", "5ecret-shared".to_owned()),
            ("GHLKIT_EVENTS_SECRETS", "5ecret-stream-0123456789-0123456789".to_owned()),
            ("GHL_BASE_URL", front.base_url.clone()),
        ];
        let sync = SyncOptions { call_timeout_ms: 500, search_lag_ms: 0, ..SyncOptions::default() };
        let shop = Shop::cold(Setup { vars, sync, keep, ..Setup::deaf() }).await;
        let engine = &shop.engine;
        let mut said = vec![ended(&engine.provision(None, Default::default()).await)];
        let outcome = engine.create_order(&order("7"), UpdateOptions::default()).await.unwrap();
        assert!(outcome.error.is_some(), "{outcome:?}");
        said.push(format!("{outcome:?}"));
        said.push(ended(&engine.reconcile(None, Default::default()).await));

        // Webhooks: forged, of the wrong place, and genuine ones that cannot be applied.
        let body = json!({ "type": "ContactUpdate", "locationId": LOCATION_ID, "id": "con1" }).to_string();
        let raw = body.as_bytes();
        let genuine = test_headers(raw, Signer::Hmac("5ecret-webhook"));
        for headers in [
            vec![("x-shop".to_owned(), "5ecret-sharee".to_owned())],
            vec![("x-ghl-signature".to_owned(), "5ecret-webhook".to_owned())],
            test_headers(b"other", Signer::Hmac("5ecret-webhook")),
        ] {
            said.push(told(&engine.receive_webhook(None, raw, headers).await.unwrap_err()));
        }
        engine.receive_webhook(None, raw, genuine.clone()).await.unwrap();
        engine
            .receive_webhook(None, raw, vec![("x-shop".to_owned(), "5ecret-shared".to_owned())])
            .await
            .unwrap();
        let elsewhere = LocationId::new("elsewhere");
        said.push(told(&engine.receive_webhook(Some(&elsewhere), raw, genuine).await.unwrap_err()));
        let token = engine.check_order_token(None, &OrderId::new("7"), "5ecret.5ecret.5ecret");
        said.push(told(&token.unwrap_err()));
        drop(engine.drain(Default::default()).await);

        said.push(serde_json::to_string(&engine.doctor(&DoctorOptions::default()).await).unwrap());
        said.push(serde_json::to_string(&engine.health(HealthLimits::default()).await).unwrap());
        said.push(engine.metrics(MetricsOptions::default()).await);
        said.push(format!("{:?} {:#?}", engine.config(), engine.config()));
        for event in engine.store().events(0, 10_000).await.unwrap() {
            said.push(format!("{event:?}"));
        }
        for said in &said {
            assert_clean("what was said", said);
        }
        if keep != Keep::Memory {
            let dump = shop.db.dump().await;
            assert!(
                !dump["webhook_events"].is_empty() && dump["crm_sync_log"].is_empty() == (nth == 0),
                "{dump:?}"
            );
            assert_clean("the store", &format!("{dump:?}"));
        }

        // A client of its own, with a header of the caller's.
        let hooks = Arc::new(Hooks::default());
        let client =
            integration_client(&front.base_url).with_observer(Arc::clone(&hooks) as Arc<dyn Observer>);
        let headers = Headers::new().with("x-key", "5ecret-header").unwrap();
        let options = CallOptions { headers: Some(&headers), tries: Some(1), ..CallOptions::default() };
        for method in [Method::Get, Method::Post, Method::Put] {
            let request = ghlkit::client::ApiRequest::<Value>::new(method, &["things", "5ecret-id"])
                .with_query("email", "5ecret@example.com");
            let call = client.call(&here(), &request, &options).await;
            let error = call.result.unwrap_err();
            // The address is the caller's own, and GHL's words may have it.
            assert!(
                !told(&error).contains("5ecret-header") && !told(&error).contains("5ecret-token"),
                "{error}"
            );
        }
        let settled =
            ops::call(&client, Some(&here()), "contacts.get", r#"{"contactId":"con1"}"#, "{}").await;
        assert_clean("a settled call", &settled);
        assert_clean("hooks", &hooks.0.lock().unwrap());
    }
    drop(std::panic::take_hook());
    assert_clean("the log", &log.text());
    assert!(!panics.lock().unwrap().contains(CANARY));
}

fn integration_client(base_url: &str) -> ghlkit::client::Client {
    use ghlkit::native::{HyperTransport, OsEntropy, SystemClock};
    let tokens = StaticTokens::for_any(Secret::new("pit-5ecret-token"));
    let transport = Arc::new(HyperTransport::new().unwrap());
    ghlkit::client::ClientBuilder::new(
        transport,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        Arc::new(tokens),
    )
    .base_url(base_url)
    .build()
    .unwrap()
}
