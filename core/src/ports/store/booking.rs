use crate::{
    error::Result,
    ids::{CalendarId, EventId, LocationId, OrderId, UserId},
    ports::{BoxFuture, Shared},
};

use super::NewEvent;

/// Where the booking of an installation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookingState {
    /// The time is claimed; whether GHL has the appointment is not known yet.
    Booking,
    /// The appointment is in GHL.
    Scheduled,
    /// The appointment is to be moved; whether GHL has done so is not known yet.
    Moving,
    /// The appointment is to be cancelled; whether GHL has done so is not known yet.
    Cancelling,
    /// The appointment is cancelled or deleted in GHL.
    Cancelled,
}

impl BookingState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            BookingState::Booking => "booking",
            BookingState::Scheduled => "scheduled",
            BookingState::Moving => "moving",
            BookingState::Cancelling => "cancelling",
            BookingState::Cancelled => "cancelled",
        }
    }

    /// Reads the text in the database.
    pub fn parse(text: &str) -> Option<Self> {
        use BookingState::{Booking, Cancelled, Cancelling, Moving, Scheduled};
        [Booking, Scheduled, Moving, Cancelling, Cancelled].into_iter().find(|state| state.as_str() == text)
    }

    /// Whether what is in GHL is not known yet.
    pub fn is_open(self) -> bool {
        !matches!(self, BookingState::Scheduled | BookingState::Cancelled)
    }
}

/// When, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingTime {
    /// The installer.
    pub installer: UserId,
    /// When it begins, in epoch milliseconds.
    pub starts_at: i64,
    /// When it ends, in epoch milliseconds.
    pub ends_at: i64,
}

/// The installation of an order: a row of `ghlkit_bookings`, at most one an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRow {
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// Rises with every change; starts at 1.
    pub version: i64,
    /// Where it stands.
    pub state: BookingState,
    /// The appointment, once it is known.
    pub appointment: Option<EventId>,
    /// The calendar.
    pub calendar: CalendarId,
    /// Its time, as GHL is known to have it; while it is being booked, as it is claimed.
    pub time: BookingTime,
    /// The time it is to be moved to, which is claimed too.
    pub to: Option<BookingTime>,
    /// How long the installer's way to the next installation takes at least, in milliseconds; at most a day.
    pub buffer_ms: i64,
    /// The zone in which the customer is told of it.
    pub time_zone: String,
    /// What the appointment is called.
    pub title: String,
    /// What is installed.
    pub product: String,
    /// For the installer.
    pub instructions: Option<String>,
    /// Since when the appointment is being created: the POST leaves within 40 s of this, or not at all.
    pub creating_since: Option<i64>,
    /// When somebody has to look at it; until then it is left to who is at work on it.
    pub due_at: Option<i64>,
    /// How often that has failed.
    pub failures: i64,
}

/// What is to be kept of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepBooking {
    /// The version of the row that is kept now; `None` where there is none. The new one has the next.
    pub expected: Option<i64>,
    /// The row.
    pub row: BookingRow,
    /// Refused where the installer has another booking at its new time (`to`, else `time`), the ways between them counted in.
    pub exclusive: bool,
    /// Whether the users' row is to show it: `ghl_appointment_id`, `installation_date` and `installation_status`.
    pub show: bool,
    /// Written with it; one with a key already used by the order is dropped.
    pub events: Vec<NewEvent>,
    /// Now.
    pub now: i64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is kept.
    Kept,
    /// The row has another version by now: nothing was written.
    Moved,
    /// The installer has another booking at that time: nothing was written.
    Taken,
}

/// Bookings of installations. Of all who claim a time of an installer at once, in whichever process, one gets it.
pub trait BookingStore: Shared {
    /// The booking of an order.
    ///
    /// # Errors
    /// `store`.
    fn booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>>;

    /// The booking of an appointment.
    ///
    /// # Errors
    /// `store`.
    fn booking_of<'a>(
        &'a self,
        location: &'a LocationId,
        appointment: &'a EventId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>>;

    /// The bookings of a location that are not cancelled and whose time, present or to be, touches this one, by order.
    ///
    /// # Errors
    /// `store`.
    fn bookings<'a>(
        &'a self,
        location: &'a LocationId,
        from: i64,
        until: i64,
    ) -> BoxFuture<'a, Result<Vec<BookingRow>>>;

    /// Bookings that somebody has to look at, the first due first.
    ///
    /// # Errors
    /// `store`.
    fn due_bookings(&self, now: i64, limit: usize) -> BoxFuture<'_, Result<Vec<BookingRow>>>;

    /// Keeps a booking, in one transaction with what it tells and shows.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn keep_booking(&self, keep: KeepBooking) -> BoxFuture<'_, Result<Kept>>;

    /// Removes the booking of an order if it has this version, and tells these events; `false` if it has another.
    ///
    /// # Errors
    /// `store`: nothing was written.
    fn drop_booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
        expected: i64,
        events: Vec<NewEvent>,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>>;
}
