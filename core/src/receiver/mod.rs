//! Receiving webhooks: verified, handled once by all who share a memory, and answered so that GHL repeats what failed.
//!
//! The engine has its own way, [`Engine::receive_webhook`](crate::sync::Engine::receive_webhook), which keeps the
//! bytes and applies them later. A [`Receiver`] is for everything else that a shop does on a webhook: its handler runs
//! before the answer, and only one that succeeds makes the webhook a seen one.

mod answer;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

pub use answer::{Answer, is_json, status};

use crate::{
    error::{Code, Error, Result},
    metrics::Metrics,
    ports::{
        Clock,
        store::{Claim, SeenKey, SeenStore},
    },
    webhook::{Event, Verifier},
};

/// How webhooks are remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiverOptions {
    /// Tells the memories of receivers apart that share a database. Default: `webhooks`.
    pub name: String,
    /// How long a handler may take before a repetition is handled beside it; a process that is killed meanwhile leaves
    /// its webhook behind for as long. Default: 1 minute.
    pub claim: Duration,
    /// How long an event that was handled is remembered. Default: 7 days, which is longer than GHL repeats one.
    pub keep: Duration,
}

impl Default for ReceiverOptions {
    fn default() -> Self {
        let keep = Duration::from_secs(7 * 24 * 60 * 60);
        Self { name: "webhooks".to_owned(), claim: Duration::from_secs(60), keep }
    }
}

/// Receives webhooks. Clones share their memory.
#[derive(Clone)]
pub struct Receiver {
    verifier: Verifier,
    seen: Arc<dyn SeenStore>,
    clock: Arc<dyn Clock>,
    options: ReceiverOptions,
    metrics: Option<Metrics>,
}

/// A webhook that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// It is to be handled.
    New(Event, Claimed),
    /// It was handled when it came before.
    Seen(Event),
}

/// A webhook that is to be handled: [`Receiver::remember`] it when that was done, or [`Receiver::release`] it. With
/// neither it can be handled again once the claim has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Without an identity there is nothing to remember.
    event: Option<String>,
    until: i64,
    keep_until: i64,
}

/// What came of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// The handler ran, and succeeded.
    Now,
    /// It was handled when it came before.
    Before,
}

impl Receiver {
    /// A receiver of what the verifier accepts.
    ///
    /// # Errors
    /// `config`, field `keep`: an event would be forgotten while its `timestamp` is still accepted.
    pub fn new(
        verifier: Verifier,
        seen: Arc<dyn SeenStore>,
        clock: Arc<dyn Clock>,
        options: ReceiverOptions,
    ) -> Result<Self> {
        let (keep, tolerance) = (millis(options.keep), verifier.tolerance().ms());
        if keep < tolerance {
            let why = format_args!("expected at least the tolerance of {tolerance} ms, got {keep} ms");
            return Err(Error::config("keep", why));
        }
        Ok(Self { verifier, seen, clock, options, metrics: None })
    }

    /// The same receiver, which counts its webhooks among these: those of
    /// [`Engine::counters`](crate::sync::Engine::counters), for example.
    #[must_use]
    pub fn with_metrics(self, metrics: Metrics) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// What verifies.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Verifies and reads a webhook, and claims it.
    ///
    /// # Errors
    /// As [`Verifier::construct_event`]; `conflict` while it is being handled elsewhere, and `store`: answer 429, so
    /// that GHL repeats it. [`Answer::refused`] has the answer to each.
    pub async fn receive<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Received> {
        let received = self.claimed(raw, headers).await;
        if let Some(metrics) = &self.metrics {
            let outcome = received.as_ref().map(|received| matches!(received, Received::Seen(_)));
            metrics.webhook(outcome.map_err(Error::code));
        }
        received
    }

    async fn claimed<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Received> {
        let now = self.clock.now_ms();
        let event = self.verifier.construct_event(raw, headers, now)?;
        let until = now.saturating_add(millis(self.options.claim));
        let claimed = Claimed {
            until,
            // Byte by byte the same is a repetition only while its timestamp is accepted.
            keep_until: match (&event.webhook_id, event.timestamp_ms) {
                (None, Some(sent)) => sent.saturating_add(self.verifier.tolerance().ms()).saturating_add(1),
                _ => now.saturating_add(millis(self.options.keep)),
            },
            event: event.identity(raw),
        };
        let Some(key) = self.key(&claimed) else { return Ok(Received::New(event, claimed)) };
        match self.seen.claim(key, now, until).await? {
            Claim::New => Ok(Received::New(event, claimed)),
            Claim::Seen => Ok(Received::Seen(event)),
            Claim::Busy => {
                Err(Error::new(Code::Conflict, "the same webhook is being handled; repeat it later"))
            }
        }
    }

    /// The webhook was handled.
    ///
    /// # Errors
    /// `store`: it is remembered no longer than the claim lasts, and a repetition after that is handled again.
    pub async fn remember(&self, claimed: &Claimed) -> Result<()> {
        match self.key(claimed) {
            Some(key) => self.seen.remember(key, self.clock.now_ms(), claimed.keep_until).await,
            None => Ok(()),
        }
    }

    /// The webhook was not handled: a repetition is to be.
    ///
    /// # Errors
    /// `store`: a repetition is handled only once the claim has ended.
    pub async fn release(&self, claimed: &Claimed) -> Result<()> {
        match self.key(claimed) {
            Some(key) => self.seen.release(key, claimed.until).await,
            None => Ok(()),
        }
    }

    /// Receives a webhook and hands it to the handler, unless it was handled before. [`Answer::accepted`] is the answer
    /// to either.
    ///
    /// ```
    /// # use ghlkit::{Error, receiver::{Answer, Receiver}};
    /// # async fn f(receiver: &Receiver, body: &[u8], headers: Vec<(String, String)>) {
    /// let outcome = receiver.handle(body, headers, |event| async move {
    ///     println!("{} of {:?}", event.event_type, event.location);
    ///     Ok::<(), Error>(())
    /// });
    /// let answer = match outcome.await {
    ///     Ok(_) => Answer::accepted(),
    ///     Err(error) => Answer::refused(&error),
    /// };
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Receiver::receive`]; `handler_failed`, with the handler's error as its source.
    pub async fn handle<N, V, E, F>(
        &self,
        raw: &[u8],
        headers: impl IntoIterator<Item = (N, V)>,
        handler: impl FnOnce(Event) -> F,
    ) -> Result<Handled>
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
        F: Future<Output = Result<(), E>>,
    {
        let Received::New(event, claimed) = self.receive(raw, headers).await? else {
            return Ok(Handled::Before);
        };
        let handled = handler(event).await;
        self.settle(&claimed, handled.is_ok()).await;
        match handled {
            Ok(()) => Ok(Handled::Now),
            Err(source) => Err(failed().with_source(source)),
        }
    }

    /// Writes down what became of a webhook. Where that fails the claim ends by itself, which is told in the log.
    pub(crate) async fn settle(&self, claimed: &Claimed, handled: bool) {
        let written = if handled { self.remember(claimed).await } else { self.release(claimed).await };
        if let Err(error) = written {
            tracing::warn!(code = %error.code(), %error, handled, "what became of a webhook is not remembered");
        }
    }

    fn key<'a>(&'a self, claimed: &'a Claimed) -> Option<SeenKey<'a>> {
        let event = claimed.event.as_deref()?;
        Some(SeenKey { receiver: &self.options.name, event })
    }
}

/// A handler failed.
pub(crate) fn failed() -> Error {
    Error::new(Code::HandlerFailed, "the webhook was not handled; repeat it later")
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verifier, options, .. } = self;
        f.debug_struct("Receiver")
            .field("verifier", verifier)
            .field("options", options)
            .finish_non_exhaustive()
    }
}
