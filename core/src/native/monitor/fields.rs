use std::fmt::{Debug, Write as _};

use serde_json::Value;
use tracing::{
    Metadata,
    field::{Field, Visit},
};

use crate::observation::Fields;

/// What may be shown, and under which name. Whatever is not listed stays inside: the message of an error may quote GHL, and a
/// field that is added tomorrow is not known to be harmless.
const SHOWN: &[(&str, &str)] = &[
    ("attempt", "ghlkit.try"),
    ("channel", "ghlkit.channel"),
    ("code", "error.type"),
    ("error.type", "error.type"),
    ("ghlkit.attempt", "ghlkit.attempt"),
    ("ghlkit.channel", "ghlkit.channel"),
    ("ghlkit.dry_run", "ghlkit.dry_run"),
    ("ghlkit.event", "ghlkit.event"),
    ("ghlkit.location", "ghlkit.location"),
    ("ghlkit.order", "ghlkit.order"),
    ("ghlkit.outcome", "ghlkit.outcome"),
    ("ghlkit.schedule", "ghlkit.schedule"),
    ("ghlkit.seen", "ghlkit.seen"),
    ("http.request.method", "http.request.method"),
    ("http.request.resend_count", "http.request.resend_count"),
    ("http.response.status_code", "http.response.status_code"),
    ("http.route", "http.route"),
    ("location", "ghlkit.location"),
    ("method", "http.request.method"),
    ("order", "ghlkit.order"),
    ("retry_in_ms", "ghlkit.retry_in_ms"),
    ("route", "http.route"),
    ("schedule", "ghlkit.schedule"),
    ("status", "http.response.status_code"),
    ("subject", "ghlkit.subject"),
];

/// Whether it is ours.
pub(super) fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "ghlkit" || target.starts_with("ghlkit::")
}

/// Whether all that it says may be shown.
#[cfg(feature = "otel")]
pub(super) fn is_harmless(metadata: &Metadata<'_>) -> bool {
    metadata.fields().iter().all(|field| field.name() == "message" || shown(field.name()).is_some())
}

fn shown(name: &str) -> Option<&'static str> {
    SHOWN.iter().find(|(field, _)| *field == name).map(|(_, shown)| *shown)
}

/// Reads what may be shown of a span or an event.
#[derive(Default)]
pub(super) struct Reading {
    /// The words of an event, or the name that a span goes by.
    pub(super) name: Option<String>,
    pub(super) fields: Fields,
}

impl Reading {
    fn add(&mut self, field: &Field, value: impl FnOnce() -> Value) {
        if let Some(name) = shown(field.name()) {
            self.fields.insert(name, value());
        }
    }
}

impl Visit for Reading {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, || value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, || value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, || value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, || value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, || value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = || {
            let mut text = String::new();
            // Texts take what is written to them.
            let _ = write!(text, "{value:?}");
            text
        };
        match field.name() {
            "message" | "otel.name" => self.name = Some(text()),
            _ => self.add(field, || text().into()),
        }
    }
}
