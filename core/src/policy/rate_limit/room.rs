use super::window::{Gate, Window};

/// What is left of a location's limits, as far as one process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Requests that may leave now; 0 while the gate is shut.
    pub(crate) now: u32,
    /// Requests that may leave until the day ends.
    pub(crate) today: u32,
}

impl Window {
    /// What is left. Where the limit is shared and nothing of it is claimed at the moment, all of it may be.
    pub(crate) fn room(&mut self, now: i64) -> Room {
        self.forget_past(now);
        let slots = match self.slots() {
            0 => self.limits.burst,
            slots => slots,
        };
        let busy = u32::try_from(self.busy.len()).unwrap_or(u32::MAX);
        let open = self.gate == Gate::Open;
        Room {
            now: if open { slots.saturating_sub(busy) } else { 0 },
            today: self.limits.daily.saturating_sub(self.used_today),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::rate_limit::{Limits, RateHeaders, Take};

    #[test]
    fn what_is_left_is_told() {
        let mut window = Window::new(Limits { burst: 3, interval_ms: 1_000, daily: 10 });
        assert_eq!(window.room(0), Room { now: 3, today: 10 });
        let Take::Slot(slot) = window.take(0, 100) else { panic!() };
        window.answered(slot, 5);
        assert_eq!(window.room(5), Room { now: 2, today: 9 });
        assert_eq!(
            window.room(1_006),
            Room { now: 3, today: 9 },
            "an interval after its reply the slot is free"
        );
        window.refused(2_000, 5_000, &RateHeaders::default());
        assert_eq!(window.room(2_000), Room { now: 0, today: 9 });
    }
}
