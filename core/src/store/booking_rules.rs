//! What makes two bookings exclude each other, for every store alike.

use crate::ports::store::{BookingRow, BookingState, BookingTime};

/// The longest way between two installations, in milliseconds: no booking further away is looked at.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) const LONGEST_WAY_MS: i64 = 86_400_000;

impl BookingRow {
    /// The times that are the installers' because of it.
    pub(crate) fn held(&self) -> impl Iterator<Item = &BookingTime> {
        let standing = self.state != BookingState::Cancelled;
        [Some(&self.time), self.to.as_ref()].into_iter().flatten().filter(move |_| standing)
    }

    /// The time that is being claimed.
    pub(crate) fn claimed(&self) -> &BookingTime {
        self.to.as_ref().unwrap_or(&self.time)
    }

    /// Whether another booking keeps the installer from what is claimed here.
    pub(crate) fn is_kept_out_by(&self, other: &Self) -> bool {
        let (wanted, way) = (self.claimed(), self.buffer_ms.max(other.buffer_ms));
        let another = other.location == self.location && other.order != self.order;
        another
            && other.held().any(|held| {
                held.installer == wanted.installer
                    && held.starts_at < wanted.ends_at.saturating_add(way)
                    && wanted.starts_at < held.ends_at.saturating_add(way)
            })
    }

    /// Whether it touches a time.
    pub(crate) fn touches(&self, from: i64, until: i64) -> bool {
        self.held().any(|held| held.starts_at < until && from < held.ends_at)
    }
}
