use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use ghlkit::{
    config::{Config, DatabaseUrl, SyncOptions},
    native::{self, DatabaseOptions, OpenOptions, OsEntropy, SystemClock},
    order::Order,
    policy::rate_limit::Limits,
    ports::{Notifier, store::OrderRow},
    store::MemoryStore,
    sync::{DrainLimits, Engine, SyncOutcome, SyncState, UpdateOptions},
    webhook::sign::{Signer, test_headers},
};
use mock_ghl::{FaultPlan, FaultRule, Ghl, LOCATION_ID, MockGhl, Model, Running, WORKFLOW_SECRET};
use postgres_server::Server;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Db, Keep, Receiver, Setup, Told, Worker};

pub use mock_ghl::TOKEN;

/// The longest a quiet server may take to hand its webhooks over.
const QUIET: Duration = Duration::from_secs(40);

/// A shop with its engine, and GHL.
pub struct Shop {
    /// The server.
    pub ghl: Running,
    /// The engine.
    pub engine: Engine,
    /// The database; an empty one where memory is the store.
    pub db: Db,
    /// What was told, oldest first.
    pub told: Told,
    config: Config,
    keep: Keep,
    limits: Limits,
    database: DatabaseOptions,
    file: PathBuf,
    // Last, so that it outlives the connections to what is in it.
    _receiver: Receiver,
    _dir: TempDir,
}

impl Shop {
    /// A shop with the defaults that knows its location, so that only calls about orders follow.
    pub async fn open() -> Self {
        Self::with(Setup::default()).await
    }

    /// A shop that knows its location.
    pub async fn with(setup: Setup) -> Self {
        let shop = Self::cold(setup).await;
        shop.engine.provision(None, Default::default()).await.unwrap();
        shop
    }

    /// A shop that has not called GHL yet.
    pub async fn cold(setup: Setup) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("shop.db");
        let url = match setup.keep {
            Keep::Postgres => {
                let server =
                    if setup.durable { Server::durable().await } else { Server::of_this_process().await };
                server.expect("where there is none, tests leave this out").database().await
            }
            Keep::Sqlite | Keep::Memory => format!("sqlite:{}", file.display()),
        };
        let db = Db::open(&url);
        if !setup.tables.is_empty() {
            db.create(setup.tables).await;
        }
        let receiver = Receiver::start().await;
        let mut settings = setup.settings;
        if setup.webhooks {
            settings.webhooks.app_url = Some(receiver.url.clone());
            settings.webhooks.workflow_url = Some(receiver.url.clone());
        }
        let ghl = MockGhl::start(settings).await.unwrap();
        let mut config = Self::config(&ghl, &file, &setup.vars, setup.sync).unwrap();
        config.database_url = DatabaseUrl::new(url);
        let told = Told::default();
        let engine = Self::engine(config.clone(), setup.limits, setup.database.clone(), setup.keep, &told);
        // What opens a database is large.
        let engine = Box::pin(engine).await;
        receiver.hand_to(engine.clone());
        Self {
            ghl,
            engine,
            db,
            told,
            config,
            keep: setup.keep,
            limits: setup.limits,
            database: setup.database,
            file,
            _receiver: receiver,
            _dir: dir,
        }
    }

    /// The configuration from the environment that a shop with this server has.
    ///
    /// # Errors
    /// As [`Config::from_vars`].
    pub fn config(
        ghl: &Running,
        file: &std::path::Path,
        more: &[(&str, String)],
        sync: SyncOptions,
    ) -> ghlkit::Result<Config> {
        let vars = Self::vars(ghl, file, more);
        Ok(Config { sync, ..Config::from_vars(|name| vars.get(name).cloned())? })
    }

    /// The environment of a shop with this server.
    pub fn vars<'a>(
        ghl: &Running,
        file: &std::path::Path,
        more: &[(&'a str, String)],
    ) -> BTreeMap<&'a str, String> {
        let (pipeline, key) = ghl.with(|ghl| (pipeline(ghl), ghl.webhook_public_key()));
        let usual = [
            ("GOHIGHLEVEL_API_KEY", TOKEN.to_owned()),
            ("GOHIGHLEVEL_LOCATION_ID", LOCATION_ID.to_owned()),
            ("GHL_ORDERS_PIPELINE_ID", pipeline),
            ("GOHIGHLEVEL_WEBHOOK_SECRET", WORKFLOW_SECRET.to_owned()),
            ("GHL_WEBHOOK_SCHEMES", "hmac,ed25519".to_owned()),
            ("GHL_WEBHOOK_ED25519_KEYS", key),
            ("GHL_BASE_URL", ghl.base_url()),
            ("DATABASE_URL", format!("sqlite:{}", file.display())),
        ];
        usual.into_iter().chain(more.iter().cloned()).collect()
    }

    async fn engine(
        config: Config,
        limits: Limits,
        database: DatabaseOptions,
        keep: Keep,
        told: &Told,
    ) -> Engine {
        let notifier: Option<Arc<dyn Notifier>> = Some(Arc::new(told.clone()));
        match keep {
            Keep::Sqlite | Keep::Postgres => {
                let options = OpenOptions { notifier, limits, database, ..OpenOptions::default() };
                native::open(config, options).await.unwrap()
            }
            Keep::Memory => {
                let client = native::client(&config, limits).unwrap();
                let store = Arc::new(MemoryStore::new());
                Engine::new(config, client, store, Arc::new(SystemClock), Arc::new(OsEntropy), notifier)
            }
        }
    }

    /// Another engine on the same file and server, as another process has it, after `change` to the settings.
    pub async fn another_engine(&self, change: impl FnOnce(&mut Config)) -> Engine {
        assert_ne!(self.keep, Keep::Memory, "memory is not shared");
        let mut config = self.config.clone();
        change(&mut config);
        Self::engine(config, Limits::default(), self.database.clone(), self.keep, &self.told).await
    }

    /// What the client takes the server's limit to be.
    pub(crate) fn burst(&self) -> u32 {
        self.limits.burst
    }

    /// How the database is used.
    pub(crate) fn database(&self) -> &DatabaseOptions {
        &self.database
    }

    /// The SQLite file.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Creates an order, which must come to be synced.
    pub async fn place(&self, order: &Order) -> Placed {
        let outcome = self.engine.create_order(order, UpdateOptions::default()).await.unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{outcome:?}");
        Placed::of(order.id.as_str(), &outcome)
    }

    /// Changes a status, which must come to be synced.
    pub async fn update(&self, order: &str, status: &str) {
        let outcome = self.change(order, status, UpdateOptions::default()).await.unwrap();
        assert_eq!(outcome.state, SyncState::Synced, "{outcome:?}");
    }

    /// Changes a status.
    ///
    /// # Errors
    /// As [`Engine::update_status`].
    pub async fn change(
        &self,
        order: &str,
        status: &str,
        options: UpdateOptions,
    ) -> ghlkit::Result<SyncOutcome> {
        self.engine.update_status(None, &id(order), status, options).await
    }

    /// The order as the store has it.
    pub async fn row(&self, order: &str) -> OrderRow {
        self.engine.status(None, &id(order)).await.unwrap()
    }

    /// Works until nothing is due and no webhook is on its way.
    pub async fn settle(&self) {
        let quiet = async {
            loop {
                self.ghl.webhooks_settled().await;
                let drained = self.engine.drain(DrainLimits::default()).await.unwrap();
                let waiting = self.engine.store().pending_inbox(0, 1).await.unwrap();
                if drained.passes == 0 && !drained.more && waiting.is_empty() {
                    break;
                }
            }
        };
        tokio::time::timeout(QUIET, quiet).await.expect("the webhooks do not come to an end");
    }

    /// Starts a worker: the loop a server process runs.
    pub fn work(&self) -> Worker {
        Worker::start(&self.engine)
    }

    /// Lets a wait of the engine's pass: what it remembers becomes older.
    pub async fn let_pass(&self, time: Duration) {
        let ms = time.as_millis();
        self.db
            .execute(&format!(
                "UPDATE ghlkit_jobs SET due_at = due_at - {ms}, lease_until = lease_until - {ms}, \
                 first_failed_at = first_failed_at - {ms}; \
                 UPDATE ghlkit_orders SET creating_since = creating_since - {ms}, \
                 changed_at = changed_at - {ms}"
            ))
            .await;
    }

    /// Events of the log: order and kind, in order.
    pub async fn events(&self, kind: &str) -> Vec<(String, Value)> {
        let events = self.engine.store().events(0, 10_000).await.unwrap();
        let of_kind = events.into_iter().filter(|event| event.kind == kind);
        of_kind
            .map(|event| (event.order.as_str().to_owned(), serde_json::from_str(&event.payload).unwrap()))
            .collect()
    }

    /// Makes the n-th request that matches go wrong.
    pub fn fault(&self, rules: Vec<FaultRule>) {
        self.ghl.set_faults(FaultPlan { rules, ..FaultPlan::default() });
    }

    /// Lets a human do something in GHL, now.
    pub fn human<T>(&self, act: impl FnOnce(&mut Ghl, i64) -> Result<T, mock_ghl::NoSuch>) -> T {
        let now = self.ghl.now();
        self.ghl.with(|ghl| act(ghl, now)).unwrap()
    }

    /// Puts a contact there as if it had always been.
    pub fn seed(&self, details: &[(&str, &str)], tags: &[&str]) -> String {
        self.human(|ghl, now| ghl.seed_contact(now, LOCATION_ID, details, tags))
    }

    /// The id of a contact's custom field.
    pub fn field(&self, key: &str) -> String {
        self.ghl.with(|ghl| ghl.field_id(LOCATION_ID, Model::Contact, key).unwrap().to_owned())
    }

    /// The id of an opportunity's custom field.
    pub fn opportunity_field(&self, key: &str) -> String {
        self.ghl.with(|ghl| ghl.field_id(LOCATION_ID, Model::Opportunity, key).unwrap().to_owned())
    }

    /// The value of a contact's custom field; `Null` where it is blank.
    pub fn contact_field(&self, contact: &str, key: &str) -> Value {
        self.ghl.with(|ghl| ghl.contact_fields(contact).remove(key).unwrap_or_default())
    }

    /// A contact's tags, sorted.
    pub fn tags(&self, contact: &str) -> Vec<String> {
        let mut tags = self.ghl.with(|ghl| ghl.contact(contact).unwrap().tags.clone());
        tags.sort();
        tags
    }

    /// A standard property of a contact; empty where it is blank.
    pub fn property(&self, contact: &str, name: &str) -> String {
        self.ghl.with(|ghl| ghl.contact(contact).unwrap().text(name).unwrap_or_default().to_owned())
    }

    /// The key of an opportunity's stage.
    pub fn stage(&self, opportunity: &str) -> String {
        self.ghl.with(|ghl| ghl.stage(&ghl.opportunity(opportunity).unwrap().stage_id).unwrap().key())
    }

    /// The id of a stage by its key.
    pub fn stage_id(&self, key: &str) -> String {
        self.ghl.with(|ghl| ghl.order_pipeline(LOCATION_ID).unwrap().stage(key).unwrap().id.clone())
    }

    /// An opportunity's status.
    pub fn opportunity_status(&self, opportunity: &str) -> String {
        self.ghl.with(|ghl| ghl.opportunity(opportunity).unwrap().status.clone())
    }

    /// How many contacts and opportunities GHL has.
    pub fn counts(&self) -> (usize, usize) {
        self.ghl.with(|ghl| (ghl.contacts().count(), ghl.opportunities().count()))
    }

    /// Hands the engine a body with a genuine signature.
    ///
    /// # Errors
    /// As [`Engine::receive_webhook`].
    pub async fn post(&self, body: &Value) -> ghlkit::Result<ghlkit::sync::Receipt> {
        let raw = body.to_string().into_bytes();
        let headers = test_headers(&raw, Signer::Hmac(WORKFLOW_SECRET));
        self.engine.receive_webhook(None, &raw, headers).await
    }
}

fn id(order: &str) -> ghlkit::ids::OrderId {
    ghlkit::ids::OrderId::new(order)
}

fn pipeline(ghl: &Ghl) -> String {
    ghl.order_pipeline(LOCATION_ID).unwrap().id.clone()
}

/// An order with its objects in GHL.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The order.
    pub id: String,
    /// Its contact.
    pub contact: String,
    /// Its opportunity.
    pub opportunity: String,
}

impl Placed {
    fn of(id: &str, outcome: &SyncOutcome) -> Self {
        Self {
            id: id.to_owned(),
            contact: outcome.contact.as_ref().unwrap().as_str().to_owned(),
            opportunity: outcome.opportunity.as_ref().unwrap().as_str().to_owned(),
        }
    }
}
