use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sentry_core::protocol::{Breadcrumb, Event, Exception, Level as Severity, Values};
use serde_json::Value;
use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use super::watch::layer;
use crate::{
    error::Code,
    observation::{Crumb, Fields, Level, Observation},
};

/// A layer of `tracing-subscriber` that sends what ghlkit gives up to Sentry, through the client that `sentry::init` has set up. The code,
/// the order and the location are tags, and what happened before in the same piece of work, such as the sync of the order, are the
/// breadcrumbs: what is tried again or left out is among them, and no event, as a database that is away would be one each second.
///
/// Beside `sentry-tracing`, leave ghlkit's events to this layer, or they arrive twice. A filter over the whole subscriber
/// must let `ghlkit=debug` through, or breadcrumbs are few.
///
/// ```
/// use ghlkit::native::monitor;
/// use tracing_subscriber::prelude::*;
///
/// let _guard = tracing_subscriber::registry().with(monitor::sentry()).set_default();
/// ```
pub fn sentry<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    layer(report)
}

fn report(observation: &Observation<'_>) {
    let Observation::Event { crumb, breadcrumbs, .. } = observation else { return };
    if crumb.level < Level::Error {
        return;
    }
    let code = crumb.fields.get("error.type").and_then(Value::as_str);
    let why = code.and_then(Code::parse).map_or_else(String::new, |code| format!(": {}", code.meaning()));
    let grouped = ["ghlkit", crumb.message.as_str(), code.unwrap_or_default()];
    sentry_core::capture_event(Event {
        level: severity(crumb.level),
        logger: Some("ghlkit".to_owned()),
        timestamp: time(crumb.at_ms),
        exception: Values::from(vec![Exception {
            ty: code.unwrap_or("ghlkit").to_owned(),
            value: Some(format!("{}{why}", crumb.message)),
            ..Exception::default()
        }]),
        tags: crumb.fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect(),
        breadcrumbs: Values::from(breadcrumbs.iter().map(breadcrumb).collect::<Vec<_>>()),
        fingerprint: grouped.map(|word| word.to_owned().into()).to_vec().into(),
        ..Event::default()
    });
}

fn breadcrumb(crumb: &Crumb) -> Breadcrumb {
    let http = crumb.fields.contains_key("http.route");
    Breadcrumb {
        timestamp: time(crumb.at_ms),
        ty: if http { "http" } else { "default" }.to_owned(),
        category: Some("ghlkit".to_owned()),
        level: severity(crumb.level),
        message: Some(crumb.message.clone()),
        data: owned(&crumb.fields),
    }
}

fn owned(fields: &Fields) -> std::collections::BTreeMap<String, Value> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Debug => Severity::Debug,
        Level::Info => Severity::Info,
        Level::Warn => Severity::Warning,
        Level::Error => Severity::Error,
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn time(at_ms: f64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs_f64(at_ms.max(0.0) / 1_000.0)
}
