//! The threads that calls and engines run on.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::{Duration, Instant},
};

use ghlkit::{Code, Error, Result, native::HyperTransport};
use tokio::{
    runtime::{Builder, Handle},
    task::AbortHandle,
    time::timeout_at,
};

/// One call costs tens of microseconds, and the rest is waiting: two workers would spend more on waking each other than
/// the second one adds beside JavaScript's own thread.
const WORKERS: usize = 1;

/// For looking up host names.
const BLOCKING: usize = 8;

/// How long its end waits for a look-up that is under way.
const JOIN: Duration = Duration::from_millis(500);

static SHARED: Mutex<Weak<Runtime>> = Mutex::new(Weak::new());

/// The process's threads and connections. They are made when the first client or engine is, and end with the
/// last one, and the last promise: so whoever holds one of these is on JavaScript's side.
pub(crate) struct Runtime {
    threads: Handle,
    /// Taken when this is dropped.
    owned: Option<tokio::runtime::Runtime>,
    transport: OnceLock<HyperTransport>,
}

impl Runtime {
    /// The one there is, or a new one.
    ///
    /// # Errors
    /// `config`: the system gives no threads.
    pub(crate) fn shared() -> Result<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = shared.upgrade() {
            return Ok(runtime);
        }
        let owned = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(BLOCKING)
            .thread_name("ghlkit")
            .enable_all()
            .build()
            .map_err(|error| Error::new(Code::Config, "no threads can be started").with_source(error))?;
        let threads = owned.handle().clone();
        let runtime = Arc::new(Self { threads, owned: Some(owned), transport: OnceLock::new() });
        *shared = Arc::downgrade(&runtime);
        Ok(runtime)
    }

    /// HTTP for all clients of the process: they share its connections.
    ///
    /// # Errors
    /// `config`: TLS cannot be set up.
    pub(crate) fn transport(&self) -> Result<HyperTransport> {
        if let Some(transport) = self.transport.get() {
            return Ok(transport.clone());
        }
        let made = HyperTransport::new()?;
        Ok(self.transport.get_or_init(|| made).clone())
    }

    /// Runs a future to its end, or until it is aborted.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.threads.spawn(work).abort_handle()
    }

    /// Waits on this thread, which is none of the runtime's, at most until then.
    pub(crate) fn wait(&self, work: impl Future<Output = ()>, until: Instant) {
        // Nothing is asked of who did not make it.
        let _ = self.threads.block_on(async { timeout_at(until.into(), work).await });
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(owned) = self.owned.take() {
            // Joins the threads: glibc may crash where one is detached just as it exits.
            owned.shutdown_timeout(JOIN);
        }
    }
}
