use std::{pin::pin, sync::Arc, time::Duration};

use futures::future::{Either, select};

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::store::EventFilter,
    sse::{Cursor, PING, frame, greeting},
    sync::{core::Core, engine::not_found, pause},
};

use super::{
    hub::{Batch, Item, Look},
    told::Told,
};

/// How many events are read from the store at once.
const PAGE: usize = 200;
/// How long the first reading of the log may take.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
/// Who takes what was told later than this is let go, and reads on from where it was.
const SLOW_MS: i64 = 60_000;
/// Browsers come back spread over this time.
const SPREAD_MS: f64 = 10_000.0;
/// Streams with an end are ended up to this part earlier, for the same reason.
const EARLIER: f64 = 0.2;

/// What is watched, and from where on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WatchOptions {
    /// The order; `None` for all of the location.
    pub order: Option<OrderId>,
    /// The location. `None` for the only one, or, where no order is named, for all.
    pub location: Option<LocationId>,
    /// What the browser sends as `Last-Event-ID`: the stream goes on after it. One that is not of this log is ignored, and the
    /// stream begins as it does without: with the order as it is, then what happens from now on.
    pub last_event_id: Option<String>,
}

/// A stream of server-sent events, each once and none left out: text for a reply of type `text/event-stream`.
///
/// `data:` is JSON of one line, told by its `type`: `STATUS_UPDATE`, `PROGRESS_UPDATE`, `MILESTONE` or `INSTALLATION`. Of an order
/// it begins with a `STATUS_UPDATE` of how it is now, marked `"current": true`, unless it goes on from where another was cut.
pub struct Watch {
    core: Arc<Core>,
    location: Option<LocationId>,
    order: Option<OrderId>,
    cursor: Cursor,
    /// The number of the next batch of the hub's; `None` where the store is read.
    place: Option<u64>,
    /// What is said first.
    greeting: Option<String>,
    ending: u64,
    ends_at: i64,
    spoke_at: i64,
}

impl Watch {
    pub(super) async fn begin(
        core: &Arc<Core>,
        location: Option<LocationId>,
        options: WatchOptions,
    ) -> Result<Self> {
        let (now, config) = (core.clock.now_ms(), &core.config.events);
        if core.hub.is_closed() {
            return Err(Error::new(Code::Aborted, "the engine is ending, so no stream begins"));
        }
        if !core.hub.join(config.max_streams) {
            let most = format!("events.maxStreams: {} streams are open here", config.max_streams);
            return Err(Error::new(Code::Busy, most));
        }
        let mut watch = Self {
            core: core.clone(),
            location,
            order: options.order,
            cursor: Cursor::default(),
            place: None,
            greeting: None,
            ending: core.hub.endings(),
            ends_at: config
                .max_ms
                .map_or(i64::MAX, |max| now.saturating_add(earlier(max, core.entropy.unit()))),
            spoke_at: now,
        };
        let (number, settled) = watch.end_of_log().await?;
        let known = options.last_event_id.as_deref().and_then(Cursor::parse);
        let last = core.store.last_event().await?;
        let goes_on = known.filter(|cursor| cursor.last() <= last);
        let mut now = String::new();
        if let Some(cursor) = goes_on {
            watch.cursor = cursor;
        } else {
            watch.cursor = Cursor::at(settled);
            // What was told before, though something before it may still come.
            for row in core.store.events_of(watch.filter(Cursor::MAX_AHEAD)).await? {
                watch.cursor.take(row.position);
            }
            watch.place = Some(number);
            now = watch.now().await?;
        }
        watch.greeting = Some(greeting(comes_back_ms(core), &watch.cursor) + &now);
        Ok(watch)
    }

    /// What is to be sent next: one or more frames, or a comment where nothing happened for a while. `None` at the end: the
    /// browser then comes back by itself. It can be dropped while it waits.
    pub async fn next(&mut self) -> Option<String> {
        let asked_at = self.core.clock.now_ms();
        if asked_at.saturating_sub(self.spoke_at) > SLOW_MS {
            return None;
        }
        if let Some(greeting) = self.greeting.take() {
            return Some(self.say(greeting));
        }
        loop {
            let core = self.core.clone();
            let moved = core.hub.moves();
            let now = core.clock.now_ms();
            if core.hub.is_closed() || core.hub.endings() != self.ending || now >= self.ends_at {
                return None;
            }
            let (text, more) = self
                .read_on()
                .await
                .inspect_err(|error| {
                    tracing::warn!(code = %error.code(), %error, "the log could not be read; a stream was ended");
                })
                .ok()?;
            if !text.is_empty() {
                return Some(self.say(text));
            }
            let ping_at = self.spoke_at.saturating_add(core.config.events.ping_ms);
            if now >= ping_at {
                return Some(self.say(PING.to_owned()));
            }
            if !more {
                // A clock that is set back holds up no sign of life.
                let nap = ping_at.min(self.ends_at).saturating_sub(now);
                let nap = nap.clamp(1, core.config.events.ping_ms).unsigned_abs();
                pause(moved, core.clock.sleep(Duration::from_millis(nap))).await;
            }
        }
    }

    fn say(&mut self, text: String) -> String {
        self.spoke_at = self.core.clock.now_ms();
        text
    }

    /// What is new, and whether there may be more at once.
    async fn read_on(&mut self) -> Result<(String, bool)> {
        let mut text = String::new();
        let Some(place) = self.place else {
            let more = self.read_store(&mut text).await?;
            return Ok((text, more));
        };
        match self.core.hub.look(place) {
            Look::Batch(batch) => {
                if self.read_batch(&batch, &mut text) {
                    self.place = Some(place + 1);
                } else {
                    self.place = None;
                }
                Ok((text, self.place.is_some()))
            }
            Look::End => Ok((text, false)),
            Look::Lost => {
                self.place = None;
                Ok((text, true))
            }
        }
    }

    /// Whether all of it was read.
    fn read_batch(&mut self, batch: &Batch, text: &mut String) -> bool {
        for item in &batch.items {
            if !self.read_item(item, batch.settled, text) {
                return false;
            }
        }
        self.cursor.settle(batch.settled);
        true
    }

    /// Reads a page of what was missed. Whether there may be more at once.
    async fn read_store(&mut self, text: &mut String) -> Result<bool> {
        // What comes after is kept from there on.
        let (number, settled) = self.end_of_log().await?;
        let rows = self.core.store.events_of(self.filter(PAGE)).await?;
        let page = rows.len();
        let core = self.core.clone();
        let told = Told { model: &core.config.model };
        for row in rows {
            if !self.read_item(&told.item(row), settled, text) {
                return Ok(false);
            }
        }
        if page < PAGE {
            self.cursor.settle(settled);
            self.place = Some(number);
        }
        Ok(true)
    }

    /// Tells an item, if it is new. `settled`: up to this position nothing comes any more that was not read. Whether there was
    /// room for it.
    fn read_item(&mut self, item: &Item, settled: i64, text: &mut String) -> bool {
        let watched = self.order.as_ref().is_none_or(|order| item.order == *order)
            && self.location.as_ref().is_none_or(|location| item.location == *location);
        if !watched || self.cursor.has(item.position) {
            return true;
        }
        if item.position <= settled {
            self.cursor.settle(item.position);
        } else if self.cursor.has_room() {
            self.cursor.take(item.position);
        } else {
            return false;
        }
        if let Some(data) = &item.data {
            text.push_str(&frame(&self.cursor, data));
        }
        true
    }

    fn filter(&self, limit: usize) -> EventFilter {
        EventFilter {
            after: self.cursor.settled(),
            location: self.location.clone(),
            order: self.order.clone(),
            limit,
        }
    }

    /// The order as it is, where one is watched.
    async fn now(&self) -> Result<String> {
        let (Some(order), Some(location)) = (&self.order, &self.location) else { return Ok(String::new()) };
        let row = self.core.store.order(location, order).await?.ok_or_else(|| not_found(order))?;
        let booking = self.core.store.booking(location, order).await?;
        let told = Told { model: &self.core.config.model };
        Ok(frame(&self.cursor, &told.now(&row, booking.as_ref(), self.core.clock.now_ms())))
    }

    /// Where the log ends, once it was read.
    async fn end_of_log(&self) -> Result<(u64, i64)> {
        let (hub, clock) = (&self.core.hub, &self.core.clock);
        let read = pin!(async {
            loop {
                let moved = hub.moves();
                if let Some(end) = hub.end() {
                    return end;
                }
                moved.await;
            }
        });
        match select(read, clock.sleep(BEGIN_WITHIN)).await {
            Either::Left((end, _)) => Ok(end),
            Either::Right(_) => Err(Error::new(Code::Store, "the log of events could not be read in time")),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.core.hub.leave();
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { location, order, cursor, .. } = self;
        f.debug_struct("Watch")
            .field("location", location)
            .field("order", order)
            .field("cursor", cursor)
            .finish_non_exhaustive()
    }
}

/// After how many milliseconds a browser comes back: each after a time of its own.
pub(super) fn comes_back_ms(core: &Core) -> u64 {
    let spread = (SPREAD_MS * core.entropy.unit()) as u64;
    core.config.events.retry_ms.unsigned_abs().saturating_add(spread)
}

/// A span that is shortened by chance.
fn earlier(ms: i64, chance: f64) -> i64 {
    ms.saturating_sub((ms as f64 * EARLIER * chance) as i64)
}
