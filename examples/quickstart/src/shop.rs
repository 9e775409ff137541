//! The shop of the demo: the stand-in for GHL, the engine, and the route that receives webhooks.

use std::{collections::BTreeMap, time::Duration};

use ghlkit::{
    config::Config,
    ids::OrderId,
    native::{OpenOptions, open},
    policy::rate_limit::Limits,
    ports::store::{JobFilter, OrderRow},
    sync::Engine,
};
use mock_ghl::{
    Fault, FaultPlan, FaultRule, LOCATION_ID, MockGhl, Running, Settings, TOKEN, WORKFLOW_SECRET,
    WebhookSettings,
};
use tokio::{
    net::TcpListener,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{args::Args, receiver};

/// Anything that ends the demo early.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long the demo waits for one thing to happen: longer than a job rests after its first failures.
const PATIENCE: Duration = Duration::from_secs(180);

/// How far the stand-in's search is behind.
const SEARCH_LAG_MS: i64 = 1_000;

/// See the module.
pub(crate) struct Shop {
    /// The stand-in.
    pub(crate) ghl: Running,
    /// The engine.
    pub(crate) engine: Engine,
    /// Where webhooks are received.
    pub(crate) webhook_url: String,
    worker: JoinHandle<ghlkit::Result<()>>,
    server: JoinHandle<std::io::Result<()>>,
    _database: Database,
}

impl Shop {
    /// Starts everything.
    pub(crate) async fn open(args: &Args) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let webhook_url = format!("http://{}{}", listener.local_addr()?, receiver::PATH);
        let ghl = MockGhl::start(settings(args, &webhook_url)).await?;
        let database = Database::open(args)?;
        let limits = Limits { burst: args.limit, ..Limits::default() };
        let options = OpenOptions { limits, ..OpenOptions::default() };
        let engine = open(config(&ghl, &database.url)?, options).await?;
        database.check_new(&engine).await?;
        engine.provision(None, Default::default()).await?;
        let routes = receiver::routes(engine.clone());
        let worker = engine.clone();
        Ok(Self {
            server: tokio::spawn(async move { axum::serve(listener, routes).await }),
            worker: tokio::spawn(async move { worker.run().await }),
            ghl,
            engine,
            webhook_url,
            _database: database,
        })
    }

    /// From now on requests of these methods and paths go wrong, one for each time it is named.
    pub(crate) fn inject(&self, faults: impl IntoIterator<Item = (&'static str, String, Fault)>) {
        let mut rules: Vec<FaultRule> = Vec::new();
        for (method, path, fault) in faults {
            let before = rules.iter().filter(|rule| rule.method == method && rule.path == path).count();
            let nth = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
            rules.push(FaultRule { nth, method: method.to_owned(), path, fault: Some(fault), latency_ms: 0 });
        }
        self.ghl.set_faults(FaultPlan { rules, ..FaultPlan::default() });
    }

    /// Ends the worker, after what it is doing, and the servers.
    pub(crate) async fn close(self) -> Result<Running, Failure> {
        self.engine.stop();
        self.worker.await??;
        self.server.abort();
        Ok(self.ghl)
    }
}

/// The order is pushed and nothing is left to look at.
pub(crate) fn at_rest(row: &OrderRow) -> bool {
    row.pushed_version == row.version && row.clean == row.dirty && row.clean_contact == row.dirty_contact
}

/// The order's row, once it is as wanted.
pub(crate) async fn when(
    engine: &Engine,
    order: &OrderId,
    what: &str,
    wanted: impl Fn(&OrderRow) -> bool,
) -> Result<OrderRow, Failure> {
    let patience = Instant::now() + PATIENCE;
    loop {
        let row = engine.status(None, order).await?;
        if wanted(&row) {
            return Ok(row);
        }
        if Instant::now() > patience {
            return Err(format!("#{}: still waiting for {what}; it is {}", row.number, row.status).into());
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// The database, and its folder where it is temporary: removed when dropped.
pub(crate) struct Database {
    /// `sqlite:FILE`.
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    /// The one that was asked for, or one in a temporary folder.
    pub(crate) fn open(args: &Args) -> std::io::Result<Self> {
        if let Some(url) = &args.database_url {
            return Ok(Self { url: url.clone(), _folder: None });
        }
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("demo.db").display());
        Ok(Self { url, _folder: Some(folder) })
    }

    /// Refuses a database in use: the worker would take its orders to another GHL than theirs.
    pub(crate) async fn check_new(&self, engine: &Engine) -> Result<(), Failure> {
        if engine.store().jobs(JobFilter { limit: 1, ..JobFilter::default() }).await?.is_empty() {
            return Ok(());
        }
        Err(format!("{}: holds orders already; name a new file", self.url).into())
    }
}

fn settings(args: &Args, webhook_url: &str) -> Settings {
    let base = Settings::default();
    Settings {
        limits: mock_ghl::Limits { burst: args.limit, ..base.limits },
        search_lag_ms: SEARCH_LAG_MS,
        webhooks: WebhookSettings {
            app_url: Some(webhook_url.to_owned()),
            workflow_url: Some(webhook_url.to_owned()),
            ..base.webhooks.clone()
        },
        ..base
    }
}

/// The settings as a shop would have them in its environment.
pub(crate) fn config(ghl: &Running, database: &str) -> ghlkit::Result<Config> {
    let pipeline = ghl.with(|ghl| ghl.order_pipeline(LOCATION_ID).map(|pipeline| pipeline.id.clone()));
    let environment: BTreeMap<&str, String> = [
        ("GHL_BASE_URL", ghl.base_url()),
        ("GOHIGHLEVEL_API_KEY", TOKEN.to_owned()),
        ("GOHIGHLEVEL_LOCATION_ID", LOCATION_ID.to_owned()),
        ("GHL_ORDERS_PIPELINE_ID", pipeline.unwrap_or_default()),
        ("GOHIGHLEVEL_WEBHOOK_SECRET", WORKFLOW_SECRET.to_owned()),
        ("GHL_WEBHOOK_SCHEMES", "hmac,ed25519".to_owned()),
        ("GHL_WEBHOOK_ED25519_KEYS", ghl.with(|ghl| ghl.webhook_public_key())),
        ("GHLKIT_CURRENCY", "USD".to_owned()),
        ("DATABASE_URL", database.to_owned()),
    ]
    .into();
    let mut config = Config::from_vars(|name| environment.get(name).cloned())?;
    config.sync.search_lag_ms = SEARCH_LAG_MS;
    Ok(config)
}
