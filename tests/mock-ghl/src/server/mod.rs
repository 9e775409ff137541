//! The stand-in on a loopback port: connections, latency, faults and the delivery of webhooks.

mod connection;
mod control;
mod deliver;
mod handle;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

use crate::faults::{FaultPlan, Faults};
use crate::model::Ghl;
use crate::settings::Settings;
use connection::{Connections, Count, Line};
pub use deliver::Delivery;

/// How long [`Running::stop`] waits for requests under way.
const GRACE: Duration = Duration::from_secs(5);

/// Starts stand-ins.
pub struct MockGhl;

/// A stand-in that is running. Dropped, it takes no more connections and delivers no more webhooks.
pub struct Running {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Dropping it begins the shutdown.
    shutdown: Option<oneshot::Sender<()>>,
    server: JoinHandle<io::Result<()>>,
    delivery: JoinHandle<()>,
}

/// What connections, control endpoints and deliveries share. No lock is held across an await.
struct Shared {
    ghl: Mutex<Ghl>,
    faults: Mutex<Faults>,
    deliveries: Mutex<deliver::DeliveryLog>,
    /// Webhooks taken from the model and neither delivered nor given up.
    under_way: watch::Sender<usize>,
    /// Rung when the model may have emitted webhooks.
    emitted: Notify,
    /// Connections.
    open: Count,
    /// Requests that wait for their reply, or for the rest of it.
    waiting: Count,
    clock_offset_ms: i64,
    /// The latest time told, because the model's clock must not go back.
    latest: AtomicI64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn now(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now =
            i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX).saturating_add(self.clock_offset_ms);
        self.latest.fetch_max(now, Ordering::Relaxed).max(now)
    }

    fn set_faults(&self, plan: FaultPlan) {
        *lock(&self.faults) = Faults::new(plan);
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Ghl, i64) -> T) -> T {
        let mut ghl = lock(&self.ghl);
        let result = use_it(&mut ghl, self.now());
        drop(ghl);
        self.emitted.notify_one();
        result
    }
}

impl MockGhl {
    /// Starts a stand-in on `127.0.0.1` in the current Tokio runtime.
    ///
    /// ```no_run
    /// # async fn example() -> std::io::Result<()> {
    /// use mock_ghl::{LOCATION_ID, MockGhl, Settings, TOKEN};
    ///
    /// let mut settings = Settings::default();
    /// settings.webhooks.workflow_url = Some("http://127.0.0.1:3000/api/webhooks/ghl/order-status".to_owned());
    /// let mock = MockGhl::start(settings).await?;
    /// println!("base URL {}, location {LOCATION_ID}, token {TOKEN}", mock.base_url());
    /// mock.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The port cannot be bound, or a webhook address is no URL.
    pub async fn start(settings: Settings) -> io::Result<Running> {
        let targets = deliver::Targets::new(&settings)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            faults: Mutex::new(Faults::new(settings.faults.clone())),
            deliveries: Mutex::default(),
            under_way: watch::Sender::new(0),
            emitted: Notify::new(),
            open: Count::default(),
            waiting: Count::default(),
            clock_offset_ms: settings.clock_offset_ms,
            latest: AtomicI64::new(i64::MIN),
            ghl: Mutex::new(Ghl::new(settings)),
        });
        let (shutdown, stopped) = oneshot::channel::<()>();
        let app = Router::new().fallback(handle::answer).with_state(Arc::clone(&shared));
        let service = app.into_make_service_with_connect_info::<Line>();
        let server = axum::serve(Connections { listener, open: shared.open.clone() }, service)
            .with_graceful_shutdown(async move {
                // Sent or dropped, both mean stop.
                let _ = stopped.await;
            });
        Ok(Running {
            address,
            shutdown: Some(shutdown),
            server: tokio::spawn(server.into_future()),
            delivery: tokio::spawn(deliver::run(Arc::clone(&shared), targets)),
            shared,
        })
    }
}

impl Running {
    /// `http://127.0.0.1:<port>`, to be used in place of `https://services.leadconnectorhq.com`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Uses the model; webhooks that this emits are delivered. For human edits take the time from
    /// [`Running::now`].
    pub fn with<T>(&self, use_it: impl FnOnce(&mut Ghl) -> T) -> T {
        self.shared.with(|ghl, _| use_it(ghl))
    }

    /// HighLevel's clock: this machine's with the configured offset, in epoch milliseconds.
    pub fn now(&self) -> i64 {
        self.shared.now()
    }

    /// Replaces the fault plan and starts it anew.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.shared.set_faults(plan);
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.shared.open.get()
    }

    /// How many requests wait for their reply, or for the rest of it.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.get()
    }

    /// What was tried to deliver, oldest first; the last 10,000 tries.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.shared.deliveries).entries()
    }

    /// Waits until every webhook emitted so far is delivered, dropped on purpose, or given up. A receiver
    /// that keeps failing is repeated for a long time, so put a time limit around it.
    pub async fn webhooks_settled(&self) {
        let mut under_way = self.shared.under_way.subscribe();
        loop {
            let waiting = lock(&self.shared.ghl).has_webhooks();
            let count = *under_way.borrow_and_update();
            if !waiting && count == 0 {
                return;
            }
            if under_way.changed().await.is_err() {
                return;
            }
        }
    }

    /// Stops: no more connections, requests under way are answered, webhooks under way are given up.
    pub async fn stop(mut self) {
        self.shutdown.take();
        let _ = tokio::time::timeout(GRACE, &mut self.server).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.delivery.abort();
    }
}
