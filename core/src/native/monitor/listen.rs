use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tracing_subscriber::{layer::SubscriberExt as _, registry};

use super::watch::{Monitor, layer};
use crate::{
    error::{Error, Result},
    observation::Observation,
};

type Listener = Arc<dyn Fn(String) + Send + Sync>;

static LISTENERS: Mutex<Vec<(u64, Listener)>> = Mutex::new(Vec::new());

/// Somebody listens until this is dropped.
#[derive(Debug)]
pub struct Listening(u64);

/// Tells a host that has no subscriber of its own what happens in the process, as the JSON of an [`Observation`]. Before the first
/// call nothing is made of it; several may listen.
///
/// # Errors
/// `config`: the process has a subscriber already, which can be given a [`layer`].
pub fn listen(listener: impl Fn(String) + Send + Sync + 'static) -> Result<Listening> {
    static SUBSCRIBED: OnceLock<bool> = OnceLock::new();
    let subscribed = SUBSCRIBED
        .get_or_init(|| tracing::subscriber::set_global_default(registry().with(layer(Everybody))).is_ok());
    if !subscribed {
        return Err(Error::config("listener", "the process has a subscriber of `tracing`; give it a layer"));
    }
    static LAST: AtomicU64 = AtomicU64::new(0);
    let id = LAST.fetch_add(1, Ordering::Relaxed);
    listeners(|all| all.push((id, Arc::new(listener))));
    Ok(Listening(id))
}

struct Everybody;

impl Monitor for Everybody {
    fn observe(&self, observation: &Observation<'_>) {
        // Called outside of the lock: they may do anything.
        let all: Vec<_> = listeners(|all| all.iter().map(|(_, listener)| Arc::clone(listener)).collect());
        if all.is_empty() {
            return;
        }
        // Texts and numbers only: nothing in it can fail to be written.
        if let Ok(json) = serde_json::to_string(observation) {
            all.iter().for_each(|listener| listener(json.clone()));
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mine = listeners(|all| {
            let place = all.iter().position(|(id, _)| *id == self.0);
            place.map(|place| all.swap_remove(place))
        });
        // Outside of the lock.
        drop(mine);
    }
}

fn listeners<T>(with: impl FnOnce(&mut Vec<(u64, Listener)>) -> T) -> T {
    with(&mut LISTENERS.lock().unwrap_or_else(PoisonError::into_inner))
}
