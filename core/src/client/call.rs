use std::time::Duration;

use super::Headers;
use crate::{error::Result, policy::server_clock::Sample, ports::Shared};

/// Has the last word before every try: a worker whose lease has ended sends nothing.
pub trait SendGate: Shared {
    /// Called immediately before a request is handed to the transport, with the time and the try's
    /// timeout: the try's effect may fall as late as `now_ms + timeout`.
    ///
    /// # Errors
    /// Any error ends the call with it; nothing more is sent.
    fn check(&self, now_ms: i64, timeout: Duration) -> Result<()>;
}

/// Who goes first where calls wait for a slot within the location's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Somebody waits for the reply: before all that is bulk.
    #[default]
    Interactive,
    /// It can wait.
    Bulk,
}

/// What one call does differently from the client's settings.
#[derive(Clone, Copy, Default)]
pub struct CallOptions<'a> {
    /// Asked before every try.
    pub gate: Option<&'a dyn SendGate>,
    /// The limit of one try, connecting included. Default: the client's.
    pub timeout: Option<Duration>,
    /// At most this many tries; at least one. Default: the retry policy's, and for bulk one more for every 429. A
    /// renewed token allows one more.
    pub tries: Option<u32>,
    /// The longest the call may wait in all: for a slot, for a closed gate and between tries; time on the
    /// wire does not count. Default: as long as it takes (but never for the daily limit).
    pub max_wait: Option<Duration>,
    /// The longest the call may take in all, waiting, tries and replies included. Default: none.
    pub deadline: Option<Duration>,
    /// Whether it goes before other calls that wait.
    pub priority: Priority,
    /// Headers that go along with the client's own.
    pub headers: Option<&'a Headers>,
    /// Leaves it to the caller to find out what became of a POST whose reply was lost.
    pub leave_unknown: bool,
}

/// The outcome of a call, and what it took.
#[derive(Debug)]
pub struct Call<T> {
    /// The reply, or the error.
    pub result: Result<T>,
    /// What was sent.
    pub meta: CallMeta,
}

/// What a call took. Times are epoch milliseconds of the client's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallMeta {
    /// Requests that were handed to the transport.
    pub tries: u32,
    /// Tries that may have had their effect without saying so: no reply came though they may have left,
    /// or the reply was a 408 or a 5xx, which a proxy may have given in GHL's place.
    pub unanswered: u32,
    /// When the first try was sent.
    pub first_sent_at: Option<i64>,
    /// When the last try was sent.
    pub last_sent_at: Option<i64>,
    /// When the last of the unanswered tries was sent.
    pub last_unanswered_at: Option<i64>,
    /// What the last reply tells of GHL's clock.
    pub server_time: Option<Sample>,
}
