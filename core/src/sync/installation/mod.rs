//! Installations: a time is claimed in the store, then the appointment is made in GHL, then both are written down as one.
//!
//! What is not known of GHL stays in the booking's state until somebody has looked: the next caller, or the worker's loop.

mod book;
mod calendar;
mod calls;
mod cancel;
mod desk;
mod inbound;
mod resume;
mod seen;
mod shift;
mod view;

pub use desk::InstallationTerms;
pub use view::{Installation, InstallationState};

pub(crate) use calendar::Known;
pub(crate) use inbound::Hinted;

use tracing::{Span, field};

use super::{
    core::Core,
    engine::{Engine, not_found},
    events,
};
use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::store::{BookingRow, KeepBooking, Kept, NewEvent, OrderRow},
};

/// No installation is booked further ahead than this, in milliseconds: a year and a day.
const FARTHEST_MS: i64 = 367 * 86_400_000;

impl Engine {
    /// The installation of an order, as it is known here.
    ///
    /// # Errors
    /// `not_found` where none was booked; `store`.
    pub async fn installation(&self, location: Option<&LocationId>, order: &OrderId) -> Result<Installation> {
        let location = &self.core.config.location(location)?.id;
        let row = self.core.store.booking(location, order).await?;
        let none =
            || Error::new(Code::NotFound, format!("order {order} has no installation")).with_field("orderId");
        row.as_ref().map(Installation::of).ok_or_else(none)
    }
}

impl Core {
    /// Keeps a booking in place of the one it was made of. `None`: another process was quicker.
    async fn rekeep(
        &self,
        mut row: BookingRow,
        show: bool,
        events: Vec<NewEvent>,
    ) -> Result<Option<BookingRow>> {
        let expected = row.version;
        row.version += 1;
        let now = self.clock.now_ms();
        let keep =
            KeepBooking { expected: Some(expected), row: row.clone(), exclusive: false, show, events, now };
        let kept = self.store.keep_booking(keep).await?;
        if show {
            self.wrote();
        }
        Ok((kept == Kept::Kept).then_some(row))
    }

    /// The order of a booking.
    async fn order_of(&self, location: &LocationId, order: &OrderId) -> Result<OrderRow> {
        self.store.order(location, order).await?.ok_or_else(|| not_found(order))
    }

    /// Writes a booking down with what it tells, and shows it in the users' row.
    async fn settle_booking(
        &self,
        row: BookingRow,
        order: &OrderRow,
        kind: &'static str,
    ) -> Result<Option<BookingRow>> {
        let row = BookingRow { creating_since: None, due_at: None, failures: 0, to: None, ..row };
        let event = events::installation(kind, order, &row, self.clock.now_ms());
        self.rekeep(row, true, vec![event]).await
    }
}

/// The span of what is done about an order's installation.
fn booking_span(action: &'static str, order: &OrderId) -> Span {
    tracing::info_span!(
        "installation",
        otel.name = %format_args!("{action} installation"),
        otel.status_code = field::Empty,
        ghlkit.order = %order,
        error.type = field::Empty,
    )
}

/// Why a booking cannot be changed now.
fn unsettled() -> Error {
    Error::new(
        Code::Conflict,
        "another change of this order's installation is under way, and GHL has not answered for it yet; try again in a minute",
    )
}
