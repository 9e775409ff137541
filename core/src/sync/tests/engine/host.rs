//! A shop's process: the engine and everything it is given.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::{Either, select};

use crate::{
    client::{ApiVersion, ClientBuilder, StaticTokens},
    config::{
        Config, DEFAULT_BASE_URL, DatabaseUrl, EventOptions, Events, LocationConfig, Notifications,
        SyncOptions,
    },
    error::{Code, Error, Result},
    ids::{LocationId, OrderId, PipelineId},
    order::{Order, OrderData, OrderRules, StatusModel},
    ports::{
        BoxFuture, Clock, Notice, Notifier,
        store::{EventRow, EventStore, InboxState, JobRow, JobStore, OrderRow, OrderStore},
    },
    secret::Secret,
    sync::{
        DrainLimits, Drained, Engine, Receipt, SyncOutcome, SyncState, UpdateOptions,
        core::lock,
        tests::shop::{PIPELINE, START, context_without, order_json, stage},
    },
    testing::{ManualClock, ScriptedTransport, SeededEntropy, Step, drive},
    webhook::{
        Scheme, Tolerance, Verifier,
        sign::{Signer, test_headers},
    },
};

use super::meddled::MeddledStore;

const SECRET: &str = "s3cret";
pub(super) const WAIT_NOT: UpdateOptions = UpdateOptions { allow_backward: false, wait_ms: Some(0) };

/// Hears notices, if it can.
#[derive(Clone, Default)]
pub(super) struct Ears {
    pub(super) heard: Arc<Mutex<Vec<Notice>>>,
    /// Fails while this is set.
    pub(super) deaf: Arc<AtomicBool>,
    /// Never answers while this is set.
    pub(super) stuck: Arc<AtomicBool>,
    /// Takes this long, by this clock.
    pub(super) slow: Arc<Mutex<Option<(ManualClock, Duration)>>>,
}

impl Ears {
    pub(super) fn kinds(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|notice| notice.kind.clone()).collect()
    }
}

impl Notifier for Ears {
    fn notify<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if self.stuck.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            if self.deaf.load(Ordering::Relaxed) {
                return Err(Error::new(Code::Network, "nobody listens"));
            }
            self.heard.lock().unwrap().push(notice.clone());
            let slow = self.slow.lock().unwrap().clone();
            if let Some((clock, takes)) = slow {
                clock.sleep(takes).await;
            }
            Ok(())
        })
    }
}

pub(super) struct Host {
    pub(super) clock: ManualClock,
    pub(super) transport: ScriptedTransport,
    pub(super) store: MeddledStore,
    pub(super) ears: Ears,
    pub(super) engine: Engine,
    seen: Mutex<usize>,
}

impl Host {
    pub(super) fn new() -> Self {
        Self::with(SyncOptions::default())
    }

    pub(super) fn with(options: SyncOptions) -> Self {
        Self::of(options, Notifications::default())
    }

    /// One that tells customers and others.
    pub(super) fn telling(notifications: &str) -> Self {
        let options = serde_json::from_str(notifications).unwrap();
        Self::of(SyncOptions::default(), Notifications::new(options, &StatusModel::default()).unwrap())
    }

    /// Another process on the same rows, which tells customers and others.
    pub(super) fn another_telling(&self, notifications: &str) -> Engine {
        let options = serde_json::from_str(notifications).unwrap();
        let notifications = Notifications::new(options, &StatusModel::default()).unwrap();
        engine(&self.clock, &self.transport, &self.store, &self.ears, *self.options(), notifications)
    }

    fn of(options: SyncOptions, notifications: Notifications) -> Self {
        let clock = ManualClock::new(START);
        let transport = ScriptedTransport::new(clock.clone());
        let (store, ears) = (MeddledStore::default(), Ears::default());
        let engine = engine(&clock, &transport, &store, &ears, options, notifications);
        Self { clock, transport, store, ears, engine, seen: Mutex::default() }
    }

    /// Another process of the shop, on the same rows.
    pub(super) fn another(&self) -> Engine {
        let notifications = self.engine.config().notifications.clone();
        engine(&self.clock, &self.transport, &self.store, &self.ears, *self.options(), notifications)
    }

    fn options(&self) -> &SyncOptions {
        &self.engine.config().sync
    }

    /// Runs a future to its end on the manual clock, within an hour of it.
    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        let hour = self.clock.sleep(Duration::from_secs(3_600));
        match drive(&self.clock, select(pin!(future), hour)) {
            Some(Either::Left((output, _))) => output,
            Some(Either::Right(_)) | None => panic!("it does not come to an end"),
        }
    }

    pub(super) fn ghl(&self, steps: impl IntoIterator<Item = Step>) -> &Self {
        for step in steps {
            self.transport.then(step);
        }
        self
    }

    /// The requests since this was last asked, as `METHOD path`.
    pub(super) fn requests(&self) -> Vec<String> {
        let sent = self.transport.sent();
        let from = std::mem::replace(&mut *self.seen.lock().unwrap(), sent.len());
        let line = |url: &str| url.trim_start_matches(DEFAULT_BASE_URL).to_owned();
        sent[from..]
            .iter()
            .map(|sent| format!("{} {}", sent.request.method.as_str(), line(&sent.request.url)))
            .collect()
    }

    /// Order A-1 in step with `con1` and `opp1`; an hour later.
    pub(super) fn with_synced_order() -> Self {
        Self::new().with_order_in_step()
    }

    pub(super) fn with_order_in_step(self) -> Self {
        let host = self;
        host.ghl([made_contact("con1"), made_opportunity("opp1")]);
        let outcome = host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{outcome:?}");
        host.run(host.engine.drain(DrainLimits::default())).unwrap();
        host.clock.advance(3_600_000);
        host.requests();
        host.ears.heard.lock().unwrap().clear();
        host
    }

    pub(super) fn set(&self, status: &str, options: UpdateOptions) -> Result<SyncOutcome> {
        self.run(self.engine.update_status(None, &id("A-1"), status, options))
    }

    pub(super) fn drain(&self) -> Drained {
        self.run(self.engine.drain(DrainLimits::default())).unwrap()
    }

    pub(super) fn row(&self, number: &str) -> OrderRow {
        self.run(self.store.order(&here(), &id(number))).unwrap().unwrap()
    }

    /// The job of the order; where there is but one, the first.
    pub(super) fn job(&self, number: &str) -> JobRow {
        let jobs = self.run(self.store.jobs(Default::default())).unwrap();
        jobs.into_iter().find(|job| job.order == id(number)).unwrap()
    }

    pub(super) fn events(&self) -> Vec<EventRow> {
        self.run(self.store.events(0, 1_000)).unwrap()
    }

    /// A genuine webhook arrives.
    pub(super) fn webhook(&self, body: &str) -> Result<Receipt> {
        let headers = test_headers(body.as_bytes(), Signer::Hmac(SECRET));
        self.run(self.engine.receive_webhook(None, body.as_bytes(), headers))
    }

    /// A genuine webhook arrives and is applied; what was called for it.
    pub(super) fn apply(&self, body: &str) -> Vec<String> {
        self.webhook(body).unwrap();
        self.drain();
        self.requests()
    }

    /// The ids and reasons of the events that belong to no order.
    pub(super) fn unresolved(&self) -> Vec<String> {
        let rows = self.run(self.engine.unresolved(None, 0, 100)).unwrap();
        rows.into_iter()
            .map(|row| {
                assert_eq!(row.state, InboxState::Unresolved);
                row.reason.unwrap()
            })
            .collect()
    }
}

fn engine(
    clock: &ManualClock,
    transport: &ScriptedTransport,
    store: &MeddledStore,
    ears: &Ears,
    sync: SyncOptions,
    notifications: Notifications,
) -> Engine {
    let token = Secret::new("pit-5ecret");
    let hmac = Scheme::HmacSha256 { secrets: vec![Secret::new(SECRET).into()] };
    let location = LocationConfig {
        id: here(),
        token: Some(token.clone()),
        pipeline: PipelineId::new(PIPELINE),
        stages: BTreeMap::new(),
        calendar: None,
        verifier: Verifier::new(vec![hmac], Tolerance::widest()).unwrap(),
        realtime: None,
    };
    let config = Config {
        base_url: DEFAULT_BASE_URL.to_owned(),
        api_version: ApiVersion::default(),
        locations: vec![location],
        model: StatusModel::default(),
        currency: None,
        database_url: DatabaseUrl::new("sqlite:test.db"),
        installation: Default::default(),
        events: Events::new(EventOptions {
            secrets: Some(vec![Secret::new(SECRET.repeat(8))]),
            max_ms: Some(300_000),
            max_streams: Some(100),
            ..Default::default()
        })
        .unwrap(),
        notifications,
        status_trigger: false,
        sync,
    };
    config.check().unwrap();
    let (clock, entropy) = (Arc::new(clock.clone()), Arc::new(SeededEntropy::new(1)));
    let tokens = Arc::new(StaticTokens::new().with(here(), token));
    let client = ClientBuilder::new(Arc::new(transport.clone()), clock.clone(), entropy.clone(), tokens)
        .build()
        .unwrap();
    let engine =
        Engine::new(config, client, Arc::new(store.clone()), clock, entropy, Some(Arc::new(ears.clone())));
    // What the location looks like is known: the calls of a test are those of its orders.
    lock(&engine.core.contexts).insert(here(), Arc::new(context_without(&[])));
    engine
}

pub(super) fn here() -> LocationId {
    LocationId::new("loc1")
}

pub(super) fn id(number: &str) -> OrderId {
    OrderId::new(format!("id-{number}"))
}

/// An order of Aino's.
pub(super) fn order(number: &str) -> Order {
    OrderData::from_json(order_json(number), &OrderRules::default()).unwrap()
}

/// An order of someone else's.
pub(super) fn order_of(number: &str, name: &str, phone: &str) -> Order {
    let json = order_json(number).replace("aino@", &format!("{name}@")).replace("+358401234567", phone);
    OrderData::from_json(json, &OrderRules::default()).unwrap()
}

pub(super) fn made_contact(id: &str) -> Step {
    Step::reply(201, format!(r#"{{"contact":{{"id":"{id}","dateAdded":"2027-01-15T08:00:00.000Z"}}}}"#))
}

pub(super) fn made_opportunity(id: &str) -> Step {
    Step::reply(201, shown(id, "order_placed", "2027-01-15T08:00:00.000Z"))
}

/// The opportunity of order A-1 with `con1`, in the stage of this status since then.
pub(super) fn shows(status: &str, since: &str) -> Step {
    Step::reply(200, shown("opp1", status, since))
}

pub(super) fn shown(id: &str, status: &str, since: &str) -> String {
    format!(
        r#"{{"opportunity":{{"id":"{id}","name":"Order #A-1","contactId":"con1","pipelineId":"pip1",
        "pipelineStageId":"{}","status":"open","createdAt":"2027-01-15T08:00:00.000Z",
        "lastStageChangeAt":"{since}"}}}}"#,
        stage(status)
    )
}

/// Done, with nothing to say.
pub(super) fn done() -> Step {
    Step::reply(200, r#"{"contact":{"id":"con1"},"opportunity":{"id":"opp1"},"tags":[],"succeded":true}"#)
}

/// GHL has the contact's fields in `con1`: number and status.
pub(super) fn shows_contact(number: &str, status: &str) -> Step {
    Step::reply(
        200,
        format!(
            r#"{{"contact":{{"id":"con1","firstName":"Aino","tags":["status_order_placed"],"customFields":[
            {{"id":"f1","value":"{number}"}},{{"id":"f4","value":"{status}"}}]}}}}"#
        ),
    )
}

/// The time on the clock, as GHL would write it.
pub(super) fn now(host: &Host) -> String {
    crate::ports::iso(host.clock.now_ms())
}
