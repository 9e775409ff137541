use std::sync::Arc;

use super::{Lane, ms_until};
use crate::{
    client::decode::Outcome,
    policy::rate_limit::{RateHeaders, Slot},
    ports::TransportErrorKind,
};

/// A slot, settled when dropped: wherever its call is cancelled, the window knows that the request may
/// still arrive.
pub(in crate::client) struct Ticket {
    pub(super) lane: Arc<Lane>,
    pub(super) slot: Option<Slot>,
}

impl Ticket {
    /// The try has ended: a reply corrects the window, and a 429 shuts its gate, for `delay_ms` where the
    /// day is not used up. Returns for how long it is shut.
    pub(in crate::client) fn settle(mut self, outcome: &Outcome, now: i64, delay_ms: u64) -> Option<u64> {
        let reply = match outcome {
            Ok(reply) => reply,
            Err(error) => {
                if error.kind == TransportErrorKind::Connect {
                    self.unsent();
                }
                return None;
            }
        };
        let slot = self.slot.take()?;
        let headers = RateHeaders::read(reply);
        let until = now.saturating_add_unsigned(delay_ms);
        self.lane.change(|window| {
            window.answered(slot, now);
            window.correct(now, &headers);
            (reply.status == 429).then(|| ms_until(window.refused(now, until, &headers), now))
        })
    }

    /// The request surely never left.
    pub(in crate::client) fn unsent(mut self) {
        if let Some(slot) = self.slot.take() {
            self.lane.change(|window| window.unsent(slot));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.lane.change(|window| window.lost(slot));
        }
    }
}
