//! When an installation can take place and who can do it: zones, business hours, slots, the choice of an installer, and
//! the texts of the appointment. No I/O.

mod choice;
mod hours;
mod slots;
mod text;
mod zone;

pub use choice::{Busy, Free, Wanted, free};
pub use hours::{BusinessHours, OpenHours};
pub use slots::{free_starts, open_hours, team};
pub use text::{Template, description};
pub use zone::{When, parse_zone, rendered};

/// A minute in milliseconds.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// A day of 24 hours in milliseconds.
pub(crate) const DAY_MS: i64 = 86_400_000;
/// The longest an installation may take, and the longest way between two, in minutes.
pub const MAX_MINUTES: i64 = 24 * 60;
