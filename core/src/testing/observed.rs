//! What monitoring is told, for tests of every room.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tracing_subscriber::{layer::SubscriberExt as _, registry};

use crate::{native::monitor::layer, observation::Observation};

/// What was told while `work` was done: of spans when they end.
pub(crate) fn told(work: impl FnOnce()) -> Vec<(String, Value)> {
    let told: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let kept = Arc::clone(&told);
    let monitor = move |observation: &Observation<'_>| {
        let (name, fields) = match observation {
            Observation::Start { .. } => return,
            Observation::End { name, fields, .. } => ((*name).to_owned(), json!(fields)),
            Observation::Event { crumb, .. } => (crumb.message.clone(), json!(crumb.fields)),
        };
        kept.lock().unwrap_or_else(PoisonError::into_inner).push((name, fields));
    };
    tracing::subscriber::with_default(registry().with(layer(monitor)), work);
    told.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
