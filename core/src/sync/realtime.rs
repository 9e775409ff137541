//! Events over Socket.IO: another way in for what webhooks say, into the same inbox. Who is not connected misses some, so each
//! connection that does not go on where the last one ended is followed by a reconciliation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use event_listener::Event as Signal;
use futures::{StreamExt as _, future::join, stream::FuturesUnordered};
use serde_json::Value;

use super::{
    core::{Core, lock},
    engine::Engine,
    inbound::new_inbox,
};
use crate::{
    config::{LocationConfig, Realtime, TokenPlace},
    error::{Code, Error, Result},
    json::{each_member, member},
    ports::{
        SocketConnector,
        store::{NewInbox, Received},
    },
    realtime::{Backoff, Client, ClientSettings, Event, Happening, SessionSettings},
    secret::Secret,
    webhook::{self, EventBody, body_hash},
};

/// The largest event that is taken: as much as a webhook may have by default.
const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// A database that failed is tried again after this long; nothing is read meanwhile.
const BLIND: Duration = Duration::from_secs(1);
/// A reconciliation that failed is begun again after this long.
const AGAIN: Duration = Duration::from_secs(60);
/// Where connections come and go, looks at all that GHL lists take one part of the time in so many, but none waits longer than this.
const REST_PARTS: i64 = 10;
const LONGEST_REST: i64 = 300_000;
/// No gap is open.
const NONE: i64 = i64::MIN;

impl Engine {
    /// From now on connections to the Socket.IO servers of locations are opened by this. To be called before [`Engine::run`],
    /// which listens on them; `native::open` does this with the feature `websocket`.
    pub fn connect_sockets(&self, connector: Arc<dyn SocketConnector>) {
        *lock(&self.core.sockets) = Some(connector);
    }
}

impl Core {
    /// Listens for every location that says where, without end.
    pub(crate) async fn listen_to_sockets(&self) {
        let _turn = self.listening.lock().await;
        let _lines = Lines(self);
        let connector = lock(&self.sockets).clone();
        let wanted =
            self.config.locations.iter().filter_map(|location| Some((location, location.realtime.as_ref()?)));
        let mut lines = FuturesUnordered::new();
        for (location, realtime) in wanted {
            let line =
                connector.clone().ok_or_else(|| Error::config("realtime", "nothing opens connections here"));
            match line.and_then(|connector| Line::new(self, location, realtime, connector)) {
                Ok(line) => lines.push(line.run()),
                Err(error) => {
                    tracing::error!(location = %location.id, code = %error.code(), %error, "events are not listened to")
                }
            }
        }
        while lines.next().await.is_some() {}
        std::future::pending().await
    }

    /// Keeps an event, as soon as the database can.
    async fn keep_told(&self, new: NewInbox) {
        loop {
            match self.store.receive(new.clone()).await {
                Ok(received) => {
                    self.bell.notify(usize::MAX);
                    return self.metrics.webhook(Ok(received == Received::Seen));
                }
                Err(error) => {
                    tracing::warn!(location = %new.location, code = %error.code(), %error, "an event waits for the database");
                    self.clock.sleep(BLIND).await;
                }
            }
        }
    }
}

/// Nobody listens any more once this is dropped.
struct Lines<'a>(&'a Core);

impl Drop for Lines<'_> {
    fn drop(&mut self) {
        lock(&self.0.lines).clear();
    }
}

/// How a location's connection is.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineState {
    /// Since when.
    pub(super) since: i64,
    /// Why there is none, if so.
    pub(super) failure: Option<Code>,
}

/// One location's connection.
struct Line<'a> {
    core: &'a Core,
    location: &'a LocationConfig,
    realtime: &'a Realtime,
    client: Client,
}

/// Since when events may have been missed.
pub(super) struct Gap {
    since: AtomicI64,
    opened: Signal,
}

impl<'a> Line<'a> {
    fn new(
        core: &'a Core,
        location: &'a LocationConfig,
        realtime: &'a Realtime,
        connector: Arc<dyn SocketConnector>,
    ) -> Result<Self> {
        let client = Client::new(settings(realtime), connector, core.clock.clone(), core.entropy.clone())?;
        Ok(Self { core, location, realtime, client })
    }

    async fn run(mut self) {
        let gap = Gap::default();
        let (core, location) = (self.core, self.location);
        join(self.listen(&gap), gap.mend(core, location)).await;
    }

    async fn listen(&mut self, gap: &Gap) {
        let location = &self.location.id;
        self.is(None);
        loop {
            match self.client.next().await {
                Happening::Joined { recovered } => {
                    tracing::info!(%location, recovered, "listening to events");
                    self.is(None);
                    if !recovered {
                        gap.open(self.core.clock.now_ms());
                    }
                }
                Happening::Event(event) => {
                    if let Some(new) = self.accept(&event) {
                        self.core.keep_told(new).await;
                    }
                    if let Some(reply) = event.reply {
                        self.client.acknowledge(reply, &[]);
                    }
                }
                Happening::Skipped(error) => {
                    tracing::warn!(%location, code = %error.code(), %error, "an event was left out")
                }
                Happening::Left { error, retry_in_ms } => {
                    tracing::warn!(%location, code = %error.code(), %error, retry_in_ms, "events are not listened to");
                    self.is(Some(error.code()));
                }
                Happening::Answer { .. } | Happening::NoAnswer { .. } => {}
            }
        }
    }

    fn is(&self, failure: Option<Code>) {
        let mut lines = lock(&self.core.lines);
        let last = lines.get(&self.location.id).filter(|last| last.failure.is_some() == failure.is_some());
        let since = last.map_or_else(|| self.core.clock.now_ms(), |last| last.since);
        lines.insert(self.location.id.clone(), LineState { since, failure });
    }

    /// The row to keep; `None` for what is of no concern.
    fn accept(&self, event: &Event) -> Option<NewInbox> {
        if self.realtime.events.as_ref().is_some_and(|taken| !taken.contains(&event.name)) {
            return None;
        }
        let raw = body(&event.name, event.args.first()?.get())?;
        let read = webhook::parse(raw.as_bytes())
            .inspect_err(|error| {
                self.core.metrics.webhook(Err(error.code()));
                tracing::warn!(location = %self.location.id, event = ?event.name, code = %error.code(), %error, "an event cannot be read");
            })
            .ok()?;
        let elsewhere = read.location.as_ref().is_some_and(|location| *location != self.location.id);
        let concerns = matches!(
            read.body,
            EventBody::Contact(_)
                | EventBody::Opportunity(_)
                | EventBody::Appointment(_)
                | EventBody::Workflow(_)
        );
        if elsewhere || !concerns && self.realtime.events.is_none() {
            return None;
        }
        let identified = read.identity(raw.as_bytes()).is_some();
        let mut new = new_inbox(&self.location.id, read, raw.as_bytes(), self.core.clock.now_ms());
        if let Some(offset) = event.offset.as_ref().filter(|_| !identified) {
            // The same event as every process hears it; another one may have the same bytes.
            new.body_hash = Some(body_hash(format!("{offset}\n{raw}").as_bytes()));
        }
        Some(new)
    }
}

impl Default for Gap {
    fn default() -> Self {
        Self { since: AtomicI64::new(NONE), opened: Signal::new() }
    }
}

impl Gap {
    pub(super) fn open(&self, at: i64) {
        self.since.store(at, Ordering::SeqCst);
        self.opened.notify(usize::MAX);
    }

    /// Mends each gap by a look at all that GHL lists, once its lists show what was before.
    pub(super) async fn mend(&self, core: &Core, location: &LocationConfig) {
        let mut rested = NONE;
        loop {
            let opened = self.opened.listen();
            let since = self.since.load(Ordering::SeqCst);
            if since == NONE {
                opened.await;
                continue;
            }
            let begin = since.saturating_add(core.config.sync.search_lag_ms).max(rested);
            let nap = u64::try_from(begin.saturating_sub(core.clock.now_ms())).unwrap_or(0);
            core.clock.sleep(Duration::from_millis(nap)).await;
            let begun = core.clock.now_ms();
            match core.reconcile_since(&location.id, begin).await {
                Ok(()) => {
                    let ended = core.clock.now_ms();
                    let took = ended.saturating_sub(begun).max(0);
                    rested = ended.saturating_add(took.saturating_mul(REST_PARTS - 1).min(LONGEST_REST));
                    // Another may have opened meanwhile.
                    let _ = self.since.compare_exchange(since, NONE, Ordering::SeqCst, Ordering::SeqCst);
                }
                Err(error) => {
                    tracing::warn!(location = %location.id, code = %error.code(), %error, "could not reconcile; trying again later");
                    core.clock.sleep(AGAIN).await;
                }
            }
        }
    }
}

/// What a client is set up with to listen there.
pub(crate) fn settings(realtime: &Realtime) -> ClientSettings {
    let sent = |place| [TokenPlace::Both, place].contains(&realtime.token_in);
    let token = realtime.token.as_ref();
    let bearer = token
        .filter(|_| sent(TokenPlace::Header))
        .map(|token| Secret::new(format!("Bearer {}", token.expose())));
    ClientSettings {
        origin: realtime.origin.clone(),
        path: realtime.path.clone(),
        headers: bearer.map(|bearer| ("authorization".into(), bearer)).into_iter().collect(),
        max_message_bytes: MAX_EVENT_BYTES,
        session: SessionSettings {
            namespace: realtime.namespace.clone(),
            token: token.cloned(),
            send_token: sent(TokenPlace::Auth),
            backoff: Backoff {
                first_ms: realtime.reconnect_delay_ms,
                most_ms: realtime.reconnect_delay_max_ms,
            },
            ..SessionSettings::default()
        },
    }
}

/// What was emitted as a webhook would say it: an object whose `type` is the event. The shop's own names for events are
/// GHL's. A `type` in what was emitted may be another thing's, as a contact has one.
fn body(name: &str, json: &str) -> Option<String> {
    let own = member(json, "type").ok()?;
    let name = match name {
        "contact.updated" => "ContactUpdate",
        "opportunity.stage.changed" => "OpportunityStageUpdate",
        other if own.is_some_and(|own| says_event(own) || !webhook::is_known(other)) => {
            return Some(json.to_owned());
        }
        other => other,
    };
    let mut body = format!("{{\"type\":{}", serde_json::to_string(name).ok()?);
    each_member(json, |member, value| {
        if member != "type" {
            body.extend([",", &*Value::from(&*member).to_string(), ":", value]);
        }
    })
    .ok()?;
    body.push('}');
    Some(body)
}

/// Whether it is the JSON of an event's type.
fn says_event(json: &str) -> bool {
    serde_json::from_str::<String>(json).is_ok_and(|event_type| webhook::is_known(&event_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_which_event_it_is() {
        for (name, json, expected) in [
            ("contact.updated", r#"{"contactId":"c"}"#, Some(r#"{"type":"ContactUpdate","contactId":"c"}"#)),
            (
                "opportunity.stage.changed",
                r#" { "opportunityId":"o","newStageId":"b","previousStageId":"a"}"#,
                Some(
                    r#"{"type":"OpportunityStageUpdate","opportunityId":"o","newStageId":"b","previousStageId":"a"}"#,
                ),
            ),
            ("ContactUpdate", "{ }", Some(r#"{"type":"ContactUpdate"}"#)),
            (
                "contact.updated",
                r#"{"id":"c","type":"lead","t\"x":{"type":1}}"#,
                Some(r#"{"type":"ContactUpdate","id":"c","t\"x":{"type":1}}"#),
            ),
            (
                "opportunity.stage.changed",
                r#"{"type":5,"type":"x"}"#,
                Some(r#"{"type":"OpportunityStageUpdate"}"#),
            ),
            ("ContactUpdate", r#"{"type":"lead","id":"c"}"#, Some(r#"{"type":"ContactUpdate","id":"c"}"#)),
            ("ContactUpdate", r#"{"type":"ContactDelete"}"#, Some(r#"{"type":"ContactDelete"}"#)),
            ("webhook", r#"{"type":"InvoicePaid"}"#, Some(r#"{"type":"InvoicePaid"}"#)),
            ("any", r#"{"id":"c","type":"ContactUpdate"}"#, Some(r#"{"id":"c","type":"ContactUpdate"}"#)),
            ("a\"b", "{}", Some(r#"{"type":"a\"b"}"#)),
            ("contact.updated", r#"["type"]"#, None),
            ("contact.updated", "\"text\"", None),
            ("contact.updated", "7", None),
        ] {
            assert_eq!(body(name, json).as_deref(), expected, "{name} {json}");
        }
    }

    #[test]
    fn the_token_goes_where_it_is_wanted_and_never_into_the_url() {
        for (token_in, header, auth) in [
            (TokenPlace::Auth, false, true),
            (TokenPlace::Header, true, false),
            (TokenPlace::Both, true, true),
        ] {
            let realtime = Realtime {
                origin: "wss://a.example".to_owned(),
                path: "/socket.io/".to_owned(),
                namespace: "/".to_owned(),
                token: Some(Secret::new("t")),
                token_in,
                events: None,
                reconnect_delay_ms: 1,
                reconnect_delay_max_ms: 2,
            };
            let settings = settings(&realtime);
            assert_eq!((!settings.headers.is_empty(), settings.session.send_token), (header, auth));
            assert_eq!(
                settings.session.token.as_ref().map(Secret::expose),
                Some("t"),
                "a refusal is told without it"
            );
            assert!(
                settings
                    .headers
                    .iter()
                    .all(|(name, value)| name == "authorization" && value.expose() == "Bearer t")
            );
        }
    }
}
