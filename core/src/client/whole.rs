//! A call as a whole: what comes before its request, and what makes up for a reply that was lost.

use std::{borrow::Cow, time::Duration};

use super::{
    Client,
    call::{CallMeta, CallOptions},
    look::Look,
    observe::Teller,
    pace::Wait,
    request::Parts,
};
use crate::{
    error::{Code, Delivery, Error, Result},
    ids::LocationId,
    policy::server_clock::Offset,
    ports::HttpResponse,
};

/// The first pause between looks; each is twice the one before.
const PAUSE_MS: u64 = 500;
/// The longest after a refusal: nothing is under way then, and GHL's index lags but a few seconds.
const REFUSED_PAUSE_MS: u64 = 2_000;

/// A request that is sent again only once it was looked for.
struct Lost<'a> {
    location: &'a LocationId,
    parts: &'a Parts,
    look: &'a Look,
    options: &'a CallOptions<'a>,
    /// When what it made is seen at the latest.
    settled_at: i64,
    /// When the first try left.
    sent_at: i64,
    /// The longest pause between looks.
    pause_ms: u64,
}

/// What looking came to.
enum Looked {
    /// It was done: this is what it made.
    Found(String),
    /// It was not done.
    Absent,
    /// There is no telling.
    Unknown,
}

impl Client {
    /// Sends a request, after what it needs was asked for. Where it may have been done without a word, looks whether it was,
    /// and sends it again only where it was not.
    pub(super) async fn exchange(
        &self,
        teller: &Teller<'_>,
        parts: &Parts,
        options: &CallOptions<'_>,
        meta: &mut CallMeta,
    ) -> Result<HttpResponse> {
        let location = teller.location;
        let mut wait = Wait::within(options, self.clock().now_ms());
        let parts = self.prepared(location, parts, options, &wait).await?;
        let spoken = parts.spoken(self.inner.version);
        let mut rounds = options.tries.unwrap_or(self.inner.retry.tries);
        loop {
            let left = wait.left_of(options, self.clock().now_ms());
            let error = match self.inner.exchange(teller, &spoken, &left, meta).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(look) = parts.look.filter(|_| !options.leave_unknown) else { return Err(error) };
            let (Some(settled_at), Some(sent_at)) =
                (self.settled_at(&error, options, meta), meta.first_sent_at)
            else {
                return Err(error);
            };
            let pause_ms = match error.delivery() {
                Delivery::Answered => REFUSED_PAUSE_MS,
                _ => u64::MAX,
            };
            let lost = Lost { location, parts: &parts, look, options, settled_at, sent_at, pause_ms };
            match self.looked_for(&lost, &mut wait).await {
                Looked::Found(body) => {
                    let (status, headers, body) = (200, Vec::new(), body.into_bytes());
                    return Ok(HttpResponse { status, headers, body });
                }
                Looked::Absent if error.delivery() == Delivery::Unknown && rounds > 1 => rounds -= 1,
                Looked::Absent => return Err(error),
                Looked::Unknown => return Err(error.with_delivery(Delivery::Unknown)),
            }
            let now = self.clock().now_ms();
            if self.inner.lanes.of(location, now).retry(now).is_err() {
                return Err(error);
            }
        }
    }

    async fn prepared<'a>(
        &self,
        location: &LocationId,
        parts: &'a Parts,
        options: &CallOptions<'_>,
        wait: &Wait,
    ) -> Result<Cow<'a, Parts>> {
        let mut parts = Cow::Borrowed(parts);
        if let (Some(prepare), Some(body)) = (parts.prepare, &parts.body) {
            let body = self.inner.in_time(wait, prepare(self, location, body, *options)).await;
            // Whatever became of what was asked, the request itself has not left.
            if let Some(body) = body.map_err(|error| error.with_delivery(Delivery::NotSent))? {
                parts.to_mut().body = Some(body);
            }
        }
        Ok(parts)
    }

    /// When what was asked for is seen at the latest, if it was done in spite of the error.
    fn settled_at(&self, error: &Error, options: &CallOptions<'_>, meta: &CallMeta) -> Option<i64> {
        let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let lag = ms(self.inner.search_lag);
        match error.code() {
            // It may still be on its way.
            _ if error.delivery() == Delivery::Unknown
                || meta.unanswered > 0 && error.code() == Code::Duplicate =>
            {
                let timeout = ms(options.timeout.unwrap_or(self.inner.timeout));
                Some(meta.last_unanswered_at?.saturating_add(timeout).saturating_add(lag))
            }
            // GHL has been seen to refuse what it made all the same.
            Code::Validation if error.status() == Some(422) && !says_why(error.message()) => {
                Some(meta.last_sent_at?.saturating_add(lag))
            }
            _ => None,
        }
    }

    /// Looks until it is found, or would have been.
    async fn looked_for(&self, lost: &Lost<'_>, wait: &mut Wait) -> Looked {
        let Some(request) = lost.look.request(lost.location, lost.parts) else { return Looked::Unknown };
        let clock = self.clock();
        let (mut pause, mut failures) = (PAUSE_MS, 0);
        loop {
            let now = clock.now_ms();
            let lane = self.inner.lanes.of(lost.location, now);
            // In an outage there is nothing to be seen.
            if !lane.may_retry(now) {
                return Looked::Unknown;
            }
            let Offset { ms, error_ms } = self.server_offset().unwrap_or(Offset::UNKNOWN);
            let since = lost.sent_at.saturating_add(ms).saturating_sub(error_ms);
            let find = |reply: &str| Ok(lost.look.find(reply, lost.parts, since));
            let options = CallOptions { tries: Some(1), ..wait.left_of(lost.options, now) };
            match self.call_with(lost.location, &request, &options, find).await.result {
                Ok(Some(found)) => return Looked::Found(found),
                Ok(None) if now >= lost.settled_at => return Looked::Absent,
                Ok(None) => {}
                Err(error) => {
                    failures += 1;
                    let paid = lane.retry(clock.now_ms()).is_ok();
                    if !paid || !error.retryable() || failures >= self.inner.retry.tries {
                        return Looked::Unknown;
                    }
                }
            }
            let now = clock.now_ms();
            let ms = match u64::try_from(lost.settled_at.saturating_sub(now)) {
                Ok(left @ 1..) => pause.min(left),
                _ => pause,
            };
            if !wait.allows(now, ms) {
                return Looked::Unknown;
            }
            clock.sleep(Duration::from_millis(ms)).await;
            wait.spend(clock.now_ms().saturating_sub(now));
            pause = pause.saturating_mul(2).min(lost.pause_ms);
        }
    }
}

/// Whether a refusal says what is wrong: then nothing was done.
fn says_why(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["must ", "should ", "expected", "invalid", "required"].iter().any(|word| message.contains(word))
}
