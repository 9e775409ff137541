//! Asked before every request leaves: a worker whose lease ends too soon, or that is to stop, sends
//! nothing; nor does a call whose time has passed.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, Ordering},
    time::Duration,
};

use crate::{
    client::SendGate,
    error::{Code, Error, Result},
};

use super::learn::Refusal;

pub(crate) struct LeaseGate<'a> {
    lease_until: i64,
    leave_by: Option<i64>,
    stopping: &'a AtomicBool,
    refused: AtomicU8,
}

impl<'a> LeaseGate<'a> {
    pub(crate) fn new(lease_until: i64, leave_by: Option<i64>, stopping: &'a AtomicBool) -> Self {
        Self { lease_until, leave_by, stopping, refused: AtomicU8::new(0) }
    }

    /// Why the last call was stopped, if it was.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self.refused.load(Ordering::Relaxed) {
            1 => Some(Refusal::Lease),
            2 => Some(Refusal::TooLate),
            _ => None,
        }
    }
}

impl SendGate for LeaseGate<'_> {
    fn check(&self, now_ms: i64, timeout: Duration) -> Result<()> {
        let timeout = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        if self.stopping.load(Ordering::Relaxed) || now_ms.saturating_add(timeout) > self.lease_until {
            self.refused.store(1, Ordering::Relaxed);
            return Err(Error::new(Code::LeaseLost, "the lease ends before the call could"));
        }
        if self.leave_by.is_some_and(|leave_by| now_ms > leave_by) {
            self.refused.store(2, Ordering::Relaxed);
            return Err(Error::new(Code::Conflict, "the call would leave too late"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_that_could_arrive_after_the_lease() {
        let stopping = AtomicBool::new(false);
        let gate = LeaseGate::new(10_000, None, &stopping);
        assert!(gate.check(5_000, Duration::from_secs(5)).is_ok());
        assert_eq!(gate.refusal(), None);
        assert_eq!(gate.check(5_001, Duration::from_secs(5)).unwrap_err().code(), Code::LeaseLost);
        assert_eq!(gate.refusal(), Some(Refusal::Lease));
    }

    #[test]
    fn nothing_leaves_late_or_while_stopping() {
        let stopping = AtomicBool::new(false);
        let gate = LeaseGate::new(100_000, Some(7), &stopping);
        assert!(gate.check(7, Duration::ZERO).is_ok());
        assert!(gate.check(8, Duration::ZERO).is_err());
        assert_eq!(gate.refusal(), Some(Refusal::TooLate));
        stopping.store(true, Ordering::Relaxed);
        assert!(gate.check(7, Duration::ZERO).is_err());
        assert_eq!(gate.refusal(), Some(Refusal::Lease));
    }
}
