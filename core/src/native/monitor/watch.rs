use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::Context,
    registry::{ExtensionsMut, LookupSpan, SpanRef},
};

use super::fields::{Reading, is_ours};
use crate::observation::{Crumb, Fields, Level, Observation};

/// How much is kept of what led to an error.
const BREADCRUMBS: usize = 30;

/// Is told what happens, at once and where it happens: what takes long holds that up.
pub trait Monitor: Send + Sync + 'static {
    /// Something has happened.
    fn observe(&self, observation: &Observation<'_>);
}

impl<F: Fn(&Observation<'_>) + Send + Sync + 'static> Monitor for F {
    fn observe(&self, observation: &Observation<'_>) {
        self(observation);
    }
}

/// A layer of `tracing-subscriber` that tells a monitor what happens in ghlkit, and nothing else of the process. Calls are told at
/// the level `debug`: a filter over the whole subscriber must let `ghlkit=debug` through.
///
/// ```
/// use ghlkit::{native::monitor, observation::{Level, Observation}};
/// use tracing_subscriber::prelude::*;
///
/// let told = |observation: &Observation<'_>| {
///     if let Observation::Event { crumb, breadcrumbs, .. } = observation
///         && crumb.level >= Level::Warn
///     {
///         eprintln!("{} {:?} after {breadcrumbs:?}", crumb.message, crumb.fields);
///     }
/// };
/// let _guard = tracing_subscriber::registry().with(monitor::layer(told)).set_default();
/// ```
pub fn layer<S>(monitor: impl Monitor) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    static LAST: AtomicU64 = AtomicU64::new(0);
    let id = LAST.fetch_add(1, Ordering::Relaxed);
    Watch { id, monitor }.with_filter(filter_fn(is_ours))
}

struct Watch<M> {
    id: u64,
    monitor: M,
}

/// A span as each monitor is told of it: all layers share what is kept with a span.
#[derive(Default)]
struct Tellings(Vec<Told>);

/// A span as it is told.
struct Told {
    watch: u64,
    number: u64,
    name: Option<String>,
    fields: Fields,
    /// What happened in it, where it is part of no other.
    trail: VecDeque<Crumb>,
}

impl<M: Monitor, S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watch<M> {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let Some(span) = context.span(id) else { return };
        let parent = span.parent().and_then(|parent| self.number(&parent));
        let mut reading = Reading::default();
        attributes.record(&mut reading);
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let Reading { name, fields } = reading;
        let started = Observation::Start {
            span: number,
            parent,
            name: name.as_deref().unwrap_or(span.name()),
            at_ms: now_ms(),
            fields: &fields,
        };
        self.monitor.observe(&started);
        let told = Told { watch: self.id, number, name, fields, trail: VecDeque::new() };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut::<Tellings>() {
            Some(Tellings(all)) => all.push(told),
            None => extensions.insert(Tellings(vec![told])),
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut reading = Reading::default();
        values.record(&mut reading);
        if let Some(told) = self.told(&mut span.extensions_mut()) {
            told.fields.append(&mut reading.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut reading = Reading::default();
        event.record(&mut reading);
        let mut crumb = Crumb {
            at_ms: now_ms(),
            level: level(*event.metadata().level()),
            message: reading.name.unwrap_or_default(),
            fields: reading.fields,
        };
        let Some(span) = context.event_span(event) else {
            return self.monitor.observe(&Observation::Event { span: None, crumb, breadcrumbs: &[] });
        };
        let mut before = Vec::new();
        let own = crumb.clone();
        // The outermost that is told of: the shop's own spans are not.
        let mut outermost = true;
        for part in span.scope().from_root() {
            let mut extensions = part.extensions_mut();
            let Some(told) = self.told(&mut extensions) else { continue };
            for (name, value) in &told.fields {
                crumb.fields.entry(name).or_insert_with(|| value.clone());
            }
            if std::mem::take(&mut outermost) {
                if crumb.level >= Level::Warn {
                    before.extend(told.trail.iter().cloned());
                }
                if told.trail.len() == BREADCRUMBS {
                    told.trail.pop_front();
                }
                told.trail.push_back(own.clone());
            }
        }
        self.monitor.observe(&Observation::Event { span: self.number(&span), crumb, breadcrumbs: &before });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Told { number, name, fields, .. }) = self.take(&mut span.extensions_mut()) else { return };
        let name = name.as_deref().unwrap_or(span.name());
        self.monitor.observe(&Observation::End { span: number, name, at_ms: now_ms(), fields: &fields });
    }
}

impl<M> Watch<M> {
    fn number<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> Option<u64> {
        self.told(&mut span.extensions_mut()).map(|told| told.number)
    }

    fn told<'a>(&self, extensions: &'a mut ExtensionsMut<'_>) -> Option<&'a mut Told> {
        let Tellings(all) = extensions.get_mut()?;
        all.iter_mut().find(|told| told.watch == self.id)
    }

    fn take(&self, extensions: &mut ExtensionsMut<'_>) -> Option<Told> {
        let Tellings(all) = extensions.get_mut()?;
        let at = all.iter().position(|told| told.watch == self.id)?;
        Some(all.swap_remove(at))
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// Now, in epoch milliseconds, to parts of a thousandth.
fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1_000.0)
}
