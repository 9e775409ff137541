//! OAuth over HTTP: what the token endpoint received, and what is left in the store.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use futures::future::join_all;
use ghlkit::{
    Code, Result,
    api::contacts,
    ids::{AppId, CompanyId, ContactId, LocationId},
    native::sqlite::SqliteStore,
    oauth::AppChange,
    ports::{
        BoxFuture, TokenSource,
        store::{TokenRow, TokenStore, TokenSubject},
    },
    webhook::{
        Scheme, Tolerance, Verifier,
        sign::{Signer, ed25519_public_key, test_headers},
    },
};
use integration::{Front, Log, Marketplace, Process, here, wait_until};
use mock_ghl::{
    CLIENT_ID, CLIENT_SECRET, COMPANY_ID, FaultPlan, FaultRule, LOCATION_ID, LocationSettings, RefreshError,
    Settings,
};
use serde_json::{Value, json};
use tokio::sync::Barrier;

#[tokio::test]
async fn sixteen_tasks_with_an_expired_token_refresh_it_once() {
    let market = Marketplace::open().await;
    let process = market.installed(Some(LOCATION_ID)).await;
    process.call().await.unwrap();
    for round in 1..=5 {
        market.expire();
        for result in join_all((0..16).map(|_| process.call())).await {
            result.unwrap();
        }
        assert_eq!(market.refreshes(), vec![200; round]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_engines_on_one_file_refresh_once_a_round() {
    const ENGINES: usize = 8;
    const ROUNDS: usize = 50;
    let market = Arc::new(Marketplace::open().await);
    drop(market.installed(Some(LOCATION_ID)).await);
    let barrier = Arc::new(Barrier::new(ENGINES));
    let engines = (0..ENGINES).map(|_| {
        let (market, barrier) = (Arc::clone(&market), Arc::clone(&barrier));
        tokio::spawn(async move {
            let process = market.process().await;
            for _ in 0..ROUNDS {
                process.call().await.unwrap();
                if barrier.wait().await.is_leader() {
                    market.expire();
                }
                barrier.wait().await;
                process.call().await.unwrap();
                barrier.wait().await;
            }
        })
    });
    for engine in join_all(engines).await {
        engine.unwrap();
    }
    assert_eq!(market.refreshes(), vec![200; ROUNDS]);
}

#[test]
fn processes_that_share_a_file_refresh_once_a_round() {
    let race = Command::new(env!("CARGO_BIN_EXE_refresh_race")).args(["8", "10"]).output().unwrap();
    let said = String::from_utf8_lossy(&race.stdout);
    let report: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap();
    let expected = json!({
        "processes": 8,
        "rounds": 10,
        "rounds_with_one_refresh": 10,
        "refreshes": 10,
        "refreshes_refused": 0,
        "calls": 88,
        "calls_failed": 0,
    });
    assert_eq!(report, expected, "{}", String::from_utf8_lossy(&race.stderr));
    assert!(race.status.success());
}

/// A store whose process dies where it would save renewed tokens.
struct Deadly {
    inner: SqliteStore,
    dying: Arc<AtomicBool>,
}

impl TokenStore for Deadly {
    fn token_row<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
    ) -> BoxFuture<'a, Result<Option<TokenRow>>> {
        self.inner.token_row(app, subject)
    }

    fn token_rows<'a>(
        &'a self,
        app: &'a AppId,
        after: Option<&'a TokenSubject>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<TokenRow>>> {
        self.inner.token_rows(app, after, limit)
    }

    fn swap_token(&self, expected: Option<i64>, row: TokenRow) -> BoxFuture<'_, Result<bool>> {
        // Taking the lease passes.
        if row.lease.is_some() {
            return self.inner.swap_token(expected, row);
        }
        self.dying.store(true, SeqCst);
        Box::pin(std::future::pending())
    }

    fn delete_token<'a>(
        &'a self,
        app: &'a AppId,
        subject: &'a TokenSubject,
        expected: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        self.inner.delete_token(app, subject, expected)
    }
}

#[tokio::test]
async fn a_process_killed_between_reply_and_save_is_healed_by_another() {
    let market = Marketplace::open().await;
    let heir = market.installed(Some(LOCATION_ID)).await;
    heir.call().await.unwrap();
    let dying = Arc::new(AtomicBool::new(false));
    let store = Deadly { inner: Process::store(&market.file).await, dying: Arc::clone(&dying) };
    let doomed = Process::on(&market.ghl.base_url(), Arc::new(store));
    market.expire();
    let call = tokio::spawn(async move { doomed.call().await });
    wait_until("the reply is there", || std::future::ready(dying.load(SeqCst).then_some(()))).await;
    call.abort();
    assert_eq!(market.refreshes(), [200]);

    // Its lease is over before the 30 seconds are in which the same refresh token is answered alike.
    let left: i64 = market.db.value("SELECT refresh_lease_until FROM ghlkit_tokens").await.parse().unwrap();
    let left = left - market.ghl.now();
    assert!((1..15_000).contains(&left), "{left}");
    market.db.execute("UPDATE ghlkit_tokens SET refresh_lease_until = 0").await;
    heir.call().await.unwrap();
    assert_eq!(market.refreshes(), [200, 200]);
    assert_eq!(market.db.rows("SELECT state, refresh_owner FROM ghlkit_tokens").await, [["active", "NULL"]]);
    // What was saved is the living successor: it can be refreshed in its turn.
    market.expire();
    heir.call().await.unwrap();
    assert_eq!(market.refreshes(), [200; 3]);
}

#[tokio::test]
async fn a_cancelled_call_does_not_take_the_renewal_with_it() {
    let market = Marketplace::open().await;
    let process = market.installed(Some(LOCATION_ID)).await;
    process.call().await.unwrap();
    market.expire();
    let slow = FaultRule {
        nth: 1,
        method: "POST".to_owned(),
        path: "/oauth/token".to_owned(),
        fault: None,
        latency_ms: 300,
    };
    market.ghl.set_faults(FaultPlan { rules: vec![slow], ..FaultPlan::default() });
    let leased = || async {
        let owner = market.db.value("SELECT refresh_owner FROM ghlkit_tokens").await;
        (owner != "NULL").then_some(())
    };
    // The call ends when the renewal is under way, ...
    let cancelled = futures::future::select(
        Box::pin(process.call()),
        Box::pin(wait_until("the renewal is under way", leased)),
    );
    assert!(matches!(cancelled.await, futures::future::Either::Right(_)), "the call came to an end");
    // ... which goes on.
    let saved = || async { leased().await.is_none().then_some(()) };
    wait_until("the new tokens are saved", saved).await;
    assert_eq!(market.refreshes(), [200]);
    process.call().await.unwrap();
    assert_eq!(market.refreshes(), [200]);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_up_means_install_again() {
    for refresh_error in [RefreshError::InvalidGrant, RefreshError::Unauthorized] {
        let mut settings = Settings::unlimited();
        settings.assumptions.refresh_error = refresh_error;
        let market = Marketplace::with(settings).await;
        let process = market.installed(Some(LOCATION_ID)).await;
        // A server that has lost all it gave out.
        market.ghl.with(|ghl| *ghl = mock_ghl::Ghl::new(ghl.settings().clone()));
        for _ in 0..3 {
            assert_eq!(process.call().await.unwrap_err().code(), Code::Reauthorize);
        }
        assert_eq!(market.refreshes().len(), 1);
        assert_eq!(market.db.value("SELECT state FROM ghlkit_tokens").await, "reauthorize");
        market.installed(Some(LOCATION_ID)).await.call().await.unwrap();
        process.call().await.unwrap();
    }
}

#[tokio::test]
async fn no_refusal_but_that_of_the_token_refreshes_it() {
    let mut settings = Settings::unlimited();
    settings.app.scope = "locations/tags.readonly".to_owned();
    let market = Marketplace::with(settings).await;
    let process = market.installed(Some(LOCATION_ID)).await;
    let get = contacts::get(&ContactId::new("con1"));
    let error = process.client.send(&here(), &get).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (Code::ScopeMissing, Some(401)));
    assert!(error.message().contains("add the scope"), "{error}");
    assert_eq!(market.refreshes().len(), 0);
}

#[tokio::test]
async fn a_consent_installs_and_an_uninstall_event_removes() {
    const KEY: [u8; 32] = [7; 32];
    let market = Marketplace::open().await;
    let process = market.process().await;
    let tokens = process.tokens.tokens();
    let url = tokens.authorize_url("session-1").unwrap();
    let state = url.split_once("&state=").unwrap().1;
    let code = market.ghl.with(|ghl| ghl.issue_code(Some(LOCATION_ID)));
    let forged = tokens.callback(&format!("code={code}&state={state}"), "session-2").await.unwrap_err();
    assert_eq!(forged.field(), Some("state"));
    assert_eq!(market.answers("grant_type=authorization_code").len(), 0);
    let installed = tokens.callback(&format!("code={code}&state={state}"), "session-1").await.unwrap();
    assert_eq!(installed.subject, TokenSubject::Location(here()));
    process.call().await.unwrap();
    let again = tokens.callback(&format!("code={code}&state={state}"), "session-1").await.unwrap_err();
    assert_eq!((again.code(), again.status()), (Code::Unauthorized, Some(401)), "a code works once");

    let schemes = vec![Scheme::Ed25519 { keys: vec![ed25519_public_key(&KEY).into()] }];
    let verifier = Verifier::new(schemes, Tolerance::widest()).unwrap();
    let app = CLIENT_ID.split('-').next().unwrap();
    let body = json!({ "type": "UNINSTALL", "appId": app, "locationId": LOCATION_ID }).to_string();
    let headers = test_headers(body.as_bytes(), Signer::Ed25519(&KEY));
    let event = verifier.construct_event(body.as_bytes(), headers, market.ghl.now()).unwrap();
    let removed = AppChange::Removed(vec![TokenSubject::Location(here())]);
    assert_eq!(tokens.apply_event(&event).await.unwrap(), removed);
    assert_eq!(market.db.rows("SELECT * FROM ghlkit_tokens").await, Vec::<Vec<String>>::new());
    assert_eq!(process.call().await.unwrap_err().code(), Code::Reauthorize);
    assert_eq!(tokens.apply_event(&event).await.unwrap(), AppChange::None);
}

#[tokio::test]
async fn an_agency_serves_its_locations() {
    const OTHER: &str = "SaunaLocation0000002";
    let mut settings = Settings::unlimited();
    settings.locations.push(LocationSettings { id: OTHER.to_owned(), ..LocationSettings::default() });
    let market = Marketplace::with(settings).await;
    let process = market.installed(None).await;
    let tokens = process.tokens.tokens();
    let ids = |sql| market.db.column(sql);
    assert_eq!(
        ids("SELECT subject_id FROM ghlkit_tokens WHERE by_company ORDER BY 1").await,
        [LOCATION_ID, OTHER]
    );
    process.call().await.unwrap();
    assert_eq!(market.answers(&format!("locationId={LOCATION_ID}")), [201]);
    let company = CompanyId::new(COMPANY_ID);
    let listed = tokens.installed_locations(&company).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|location| location.id.as_str()).collect();
    assert_eq!(listed, [LOCATION_ID, OTHER]);
    assert_eq!(tokens.adopt_installed(&company).await.unwrap(), []);
    // A new process finds the location's token, and when both have ended, renews the agency's by itself.
    let another = market.process().await;
    another.call().await.unwrap();
    assert_eq!(market.answers(&format!("locationId={LOCATION_ID}")).len(), 1);
    market.expire();
    tokens.token(&LocationId::new(OTHER)).await.unwrap();
    another.call().await.unwrap();
    assert_eq!(market.refreshes(), [200, 200], "the agency's and the location's");
}

#[tokio::test]
async fn no_secret_is_logged_told_or_stored() {
    let log = Log::default();
    // The runtime has one thread, so everything the test does is logged here.
    let _guard = tracing::subscriber::set_default(log.clone());
    let market = Marketplace::open().await;
    let process = market.installed(Some(LOCATION_ID)).await;
    process.call().await.unwrap();
    let mut secrets = vec![CLIENT_SECRET.to_owned()];
    let mut told = String::new();
    for round in 0..3 {
        secrets.push(process.tokens.token(&here()).await.unwrap().expose().to_owned());
        market.expire();
        process.call().await.unwrap();
        told += &format!("{:?} {round}", process.tokens);
    }
    let bodies: Vec<_> = market.ghl.with(|ghl| ghl.received().map(|got| got.body.clone()).collect());
    for body in &bodies {
        let fields = form_urlencoded::parse(body).into_owned();
        secrets.extend(fields.filter(|(name, _)| name == "refresh_token" || name == "code").map(|(_, v)| v));
    }
    assert!(secrets.len() >= 8, "{}", secrets.len());

    // A server that refuses, and repeats all it was sent.
    let echo: integration::Instead = |head, body| {
        let said = format!("{:?} {}", head.headers, String::from_utf8_lossy(body));
        Some((401, json!({ "statusCode": 401, "message": format!("Invalid JWT {said}") }).to_string()))
    };
    let front = Front::start(Settings::unlimited(), echo).await;
    let echoed = Process::open(&front.base_url, &market.file).await;
    for error in [
        echoed.call().await.unwrap_err(),
        echoed.tokens.tokens().exchange_code("c0de-5ecret").await.unwrap_err(),
    ] {
        told += &format!("{error} {error:?}");
    }
    secrets.push("c0de-5ecret".to_owned());
    assert!(front.heads.lock().unwrap().len() >= 3, "it was asked with token, refresh token and code");

    let wal = market.file.with_extension("db-wal");
    let stored = [std::fs::read(&market.file).unwrap(), std::fs::read(wal).unwrap()].concat();
    let stored = String::from_utf8_lossy(&stored);
    assert!(log.text().contains("the app was installed") && stored.contains("ghlkit_tokens"));
    for (what, text) in [("the log", log.text().as_str()), ("an error", &told), ("the store", &stored)] {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{what} tells {secret}");
        }
    }
}
