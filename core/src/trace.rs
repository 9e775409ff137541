//! How spans tell of failures: in the words that OpenTelemetry has for them.

use tracing::{Instrument as _, Span};

use crate::error::{Code, Result};

/// Does work within a span, which tells how it failed. What else is to be recorded is recorded on the same handle: where a filter
/// leaves our span out, the current one is the shop's.
pub(crate) async fn within<T>(span: Span, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = work.instrument(span.clone()).await;
    if let Err(error) = &done {
        failed(&span, error.code());
    }
    done
}

/// What the span is about has failed.
pub(crate) fn failed(span: &Span, code: Code) {
    span.record("error.type", code.as_str()).record("otel.status_code", "error");
}
