use std::sync::LazyLock;

use ghlkit::native::monitor;
use integration::wait_until;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, WithExportConfig as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::prelude::*;

use crate::{Canary, Receiver, Span, spans};

static TRACED: LazyLock<Traced> = LazyLock::new(Traced::start);

/// The subscriber of this process, as a service has it: both layers, one beside the other. What one thread begins another may
/// end, so it is one for all tests.
pub struct Traced {
    receiver: Receiver,
    provider: SdkTracerProvider,
}

impl Traced {
    /// The one there is.
    pub fn shared() -> &'static Self {
        &TRACED
    }

    fn start() -> Self {
        let receiver = Receiver::start();
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("http://{}/v1/traces", receiver.address))
            .build()
            .unwrap();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
        let (otel, sentry) = (monitor::otel(provider.tracer("shop")), monitor::sentry());
        tracing_subscriber::registry().with(otel).with(sentry).init();
        Self { receiver, provider }
    }

    /// The spans received, in none of which is anything secret, once `found` finds what it looks for. The threads of SQLite
    /// hold on to a span for a moment longer than what it is about.
    pub async fn spans<T>(&self, found: impl Fn(&[Span]) -> Option<T>) -> T {
        let found = wait_until("the spans have ended", || async {
            self.provider.force_flush().unwrap();
            found(&spans(&self.receiver.received()))
        });
        let found = found.await;
        Canary::assert_unseen(&self.receiver.received());
        found
    }
}
