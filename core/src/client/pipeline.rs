use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use futures::future::{Either, select};

use super::{
    Happening, Headers, Teller,
    call::{CallMeta, CallOptions, Priority},
    decode::{self, Outcome, Refusal},
    direct::exchange,
    fields::FieldLists,
    pace::{Lane, Lanes, Ticket, Wait},
    request::{Parts, Sending},
    version::ApiVersion,
};
use crate::{
    error::{Code, Delivery, Error, Result},
    policy::{
        parse_http_date,
        retry::{Class, RetryPolicy, classify, retry_after_ms},
        server_clock::{Offset, Sample, ServerClock},
    },
    ports::{BoxFuture, Clock, Entropy, HttpRequest, HttpResponse, HttpTransport, TokenSource},
    secret::Secret,
};

pub(super) struct Pipeline {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) base_url: String,
    pub(super) version: ApiVersion,
    /// The `User-Agent`.
    pub(super) agent: Cow<'static, str>,
    pub(super) retry: RetryPolicy,
    pub(super) timeout: Duration,
    pub(super) search_lag: Duration,
    pub(super) max_reply_bytes: usize,
    pub(super) lanes: Lanes,
    pub(super) fields: FieldLists,
    pub(super) server_clock: Mutex<ServerClock>,
    /// The number of the next call that somebody observes.
    pub(super) calls: AtomicU64,
}

impl Pipeline {
    /// Sends the request until it succeeds, fails for good, or its tries are used up.
    pub(super) async fn exchange(
        &self,
        teller: &Teller<'_>,
        parts: &Parts,
        options: &CallOptions<'_>,
        meta: &mut CallMeta,
    ) -> Result<HttpResponse> {
        if let Some(fault) = parts.fault {
            return Err(Error::invalid("request", fault));
        }
        let now = self.clock.now_ms();
        let lane = self.lanes.of(teller.location, now);
        lane.called(now);
        self.tries(&lane, teller, parts, options, meta).await.map_err(|error| {
            // An error of our own must not claim that nothing was sent when an earlier try may have acted.
            let unknown = meta.unanswered > 0 && error.delivery() == Delivery::NotSent;
            if unknown { error.with_delivery(Delivery::Unknown) } else { error }
        })
    }

    async fn tries(
        &self,
        lane: &Arc<Lane>,
        teller: &Teller<'_>,
        parts: &Parts,
        options: &CallOptions<'_>,
        meta: &mut CallMeta,
    ) -> Result<HttpResponse> {
        let location = teller.location;
        let allowed = options.tries.unwrap_or(self.retry.tries).max(1);
        let timeout = options.timeout.unwrap_or(self.timeout);
        let mut wait = Wait::within(options, self.clock.now_ms());
        let mut renewed: Option<Secret> = None;
        let (mut attempt, mut throttled) = (1, 0);
        loop {
            let token = match &renewed {
                Some(token) => token.clone(),
                None => self.in_time(&wait, self.tokens.token(location)).await?,
            };
            let sending = Sending {
                base: &self.base_url,
                agent: &self.agent,
                headers: options.headers,
                timeout,
                max_reply_bytes: self.max_reply_bytes,
            };
            let mut request = parts.http(sending, Some(&token))?;
            let next = meta.tries + 1;
            let held = |wait_ms| teller.tell(next, Happening::RateLimit { wait_ms, refused: false });
            let ticket = lane.ticket(&*self.clock, timeout, options.priority, &mut wait, held).await?;
            if let Some(left) = wait.time_left(self.clock.now_ms()) {
                if left.is_zero() {
                    ticket.unsent();
                    return Err(deadline());
                }
                request.timeout = timeout.min(left);
            }
            let (ticket, outcome) = self.send(ticket, request, options, teller, meta).await?;

            let now = self.clock.now_ms();
            if let Ok(HttpResponse { status, .. }) = outcome {
                let sent_at = meta.last_sent_at.unwrap_or(now);
                let duration_ms = now.saturating_sub(sent_at).try_into().unwrap_or(0);
                teller.tell(meta.tries, Happening::Response { status, duration_ms });
            }
            let refusal = Refusal::of(&outcome);
            let class = classify(parts.method, parts.safe_to_repeat, refusal.failure(&outcome));
            let asked = outcome.as_ref().ok().and_then(|reply| retry_after_ms(reply, now));
            // Randomness costs a system call.
            let delay = match class {
                Class::Success => 0,
                _ => self.retry.delay_ms(attempt + throttled, asked, self.entropy.unit()),
            };
            let shut_ms = ticket.settle(&outcome, now, delay);
            if let Some(wait_ms) = shut_ms {
                teller.tell(meta.tries, Happening::RateLimit { wait_ms, refused: true });
            }
            lane.publish(&*self.clock).await;

            let outcome = match outcome {
                Ok(reply) if class == Class::Success => return Ok(reply),
                failed => failed,
            };
            let body = String::from_utf8_lossy(parts.body.as_deref().unwrap_or_default());
            let mut secrets = vec![token.expose(), &body];
            secrets.extend(options.headers.into_iter().flat_map(Headers::iter).map(|(_, value)| value));
            let mut error = decode::error(&outcome, refusal, class, &secrets);
            if let Some(ms) = shut_ms.or(asked) {
                error = error.with_retry_after_ms(ms);
            }
            tracing::debug!(attempt, code = %error.code(), status = error.status(), route = teller.route, "try failed");
            let retry = |code, delay_ms| teller.tell(meta.tries, Happening::Retry { code, delay_ms });
            let code = error.code();
            match class {
                Class::RenewToken if renewed.is_none() => {
                    let renewal = self.tokens.renew(location, &token);
                    renewed = Some(self.in_time(&wait, renewal).await?.ok_or(error)?);
                    retry(code, 0);
                    continue;
                }
                // The shut gate makes the next try wait, and with it everybody else's.
                // Who can wait is not turned away by a limit, which says nothing of the call.
                Class::Throttled if options.tries.is_none() && options.priority == Priority::Bulk => {
                    throttled += 1;
                    retry(code, shut_ms.unwrap_or(0));
                    continue;
                }
                Class::Throttled if attempt < allowed => retry(code, shut_ms.unwrap_or(0)),
                Class::Retry(_) if attempt < allowed => {
                    if !wait.allows(now, delay) {
                        return Err(error.with_retry_after_ms(delay));
                    }
                    lane.retry(now).map_err(|ms| retry_budget(error, ms))?;
                    retry(code, delay);
                    self.clock.sleep(Duration::from_millis(delay)).await;
                    wait.spend(self.clock.now_ms().saturating_sub(now));
                }
                _ => return Err(error),
            }
            attempt += 1;
        }
    }

    /// What a token source answers, unless the call's deadline comes first.
    pub(super) async fn in_time<T>(&self, wait: &Wait, answer: BoxFuture<'_, Result<T>>) -> Result<T> {
        let Some(left) = wait.time_left(self.clock.now_ms()) else { return answer.await };
        match select(answer, self.clock.sleep(left)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(deadline()),
        }
    }

    /// One try. Nothing is awaited between the gate's word and the transport.
    async fn send(
        &self,
        ticket: Ticket,
        request: HttpRequest,
        options: &CallOptions<'_>,
        teller: &Teller<'_>,
        meta: &mut CallMeta,
    ) -> Result<(Ticket, Outcome)> {
        let timeout = request.timeout;
        let sent_at = self.clock.now_ms();
        if let Some(Err(error)) = options.gate.map(|gate| gate.check(sent_at, timeout)) {
            ticket.unsent();
            return Err(error);
        }
        meta.tries += 1;
        meta.first_sent_at.get_or_insert(sent_at);
        meta.last_sent_at = Some(sent_at);
        teller.tell(meta.tries, Happening::Request);
        let outcome = exchange(&*self.transport, &*self.clock, request).await;
        if decode::inconclusive(&outcome) {
            meta.unanswered += 1;
            meta.last_unanswered_at = Some(sent_at);
        }
        if let Some(sample) = outcome.as_ref().ok().and_then(|reply| self.sample(reply, sent_at)) {
            meta.server_time = Some(sample);
            self.server_clock.lock().unwrap_or_else(PoisonError::into_inner).add(sample);
        }
        Ok((ticket, outcome))
    }

    fn sample(&self, reply: &HttpResponse, sent_at_ms: i64) -> Option<Sample> {
        let date_ms = parse_http_date(reply.header("date")?)?;
        Some(Sample { date_ms, sent_at_ms, received_at_ms: self.clock.now_ms() })
    }

    pub(super) fn server_offset(&self) -> Option<Offset> {
        self.server_clock.lock().unwrap_or_else(PoisonError::into_inner).offset()
    }
}

fn deadline() -> Error {
    Error::new(Code::Timeout, "the call's deadline passed before it could be sent")
}

fn retry_budget(failure: Error, ms: u64) -> Error {
    let message = "too many calls to this location failed lately, so this one was not repeated";
    let delivery = failure.delivery();
    Error::new(Code::RetryBudget, message)
        .with_retry_after_ms(ms)
        .with_delivery(delivery)
        .with_source(failure)
}
