use opentelemetry::trace::Tracer;
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::fields::{is_harmless, is_ours};

/// A layer of `tracing-subscriber` that makes spans of OpenTelemetry of what happens in ghlkit, and of nothing else in the process, so
/// that it stands beside a layer for the shop's own. Calls, the sync of an order, webhooks, messages, schedules, installations and
/// reconciliations are spans; a call has the attributes of an HTTP client, a failure `error.type` and the status `Error`.
///
/// Calls are told at the level `debug`: a filter over the whole subscriber must let `ghlkit=debug` through.
///
/// ```
/// use ghlkit::native::monitor;
/// use opentelemetry::trace::noop::NoopTracer;
/// use tracing_subscriber::prelude::*;
///
/// // In a service, `tracer` is what its `SdkTracerProvider` gives.
/// let tracer = NoopTracer::new();
/// let _guard = tracing_subscriber::registry().with(monitor::otel(tracer)).set_default();
/// ```
pub fn otel<S, T>(tracer: T) -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    T: Tracer + Send + Sync + 'static,
    T::Span: Send + Sync,
{
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_target(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|metadata| is_ours(metadata) && (metadata.is_span() || is_harmless(metadata))))
}
