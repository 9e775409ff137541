use std::time::Duration;

use super::ms_until;
use crate::client::call::CallOptions;

/// How long a call may still wait, and take.
pub(in crate::client) struct Wait {
    left_ms: Option<u64>,
    until: Option<i64>,
}

impl Wait {
    /// From `now` on.
    pub(in crate::client) fn within(options: &CallOptions<'_>, now: i64) -> Self {
        let ms = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let until = options.deadline.map(|limit| now.saturating_add_unsigned(ms(limit)));
        Self { left_ms: options.max_wait.map(ms), until }
    }

    /// How long the call may take from now on, whatever for.
    pub(in crate::client) fn time_left(&self, now: i64) -> Option<Duration> {
        self.until.map(|until| Duration::from_millis(ms_until(until, now)))
    }

    /// The options of a call for what is left of it.
    pub(in crate::client) fn left_of<'a>(&self, options: &CallOptions<'a>, now: i64) -> CallOptions<'a> {
        CallOptions {
            max_wait: self.left_ms.map(Duration::from_millis),
            deadline: self.time_left(now),
            ..*options
        }
    }

    pub(in crate::client) fn allows(&self, now: i64, ms: u64) -> bool {
        self.left(now).is_none_or(|left| ms <= left)
    }

    pub(super) fn left(&self, now: i64) -> Option<u64> {
        let left = self.until.map(|until| ms_until(until, now));
        self.left_ms.into_iter().chain(left).min()
    }

    /// How long to pause before looking again (`None` inside: until rung), or nothing if more time is
    /// needed than is left.
    pub(super) fn pause(&self, now: i64, least: u64, wake: Option<u64>) -> Option<Option<u64>> {
        let Some(left) = self.left(now) else { return Some(wake) };
        let pause = wake.map_or(left, |wake| wake.min(left));
        (least <= left && pause > 0).then_some(Some(pause))
    }

    pub(in crate::client) fn spend(&mut self, ms: i64) {
        let spent = u64::try_from(ms).unwrap_or(0);
        self.left_ms = self.left_ms.map(|left| left.saturating_sub(spent));
    }
}
