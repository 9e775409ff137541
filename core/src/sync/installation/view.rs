use serde::Serialize;

use crate::{
    error::InstallationSlot,
    ids::{CalendarId, EventId, OrderId, UserId},
    install::{Free, rendered},
    ports::store::{BookingRow, BookingState},
};
use chrono_tz::Tz;

/// How far an installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InstallationState {
    /// The time is kept for the order. Whether GHL has the appointment is not known yet: the worker looks, and makes it if not.
    Booking,
    /// The appointment is in GHL.
    Scheduled,
    /// It is being moved to this time; whether GHL has done so is not known yet.
    Moving,
    /// It is being cancelled; whether GHL has done so is not known yet.
    Cancelling,
    /// It is cancelled.
    Cancelled,
}

/// The installation of an order. Times are ISO 8601 with the offset of its zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "OrderInstallation"))]
#[serde(rename_all = "camelCase")]
pub struct Installation {
    /// The order.
    pub order_id: OrderId,
    /// How far it is.
    pub state: InstallationState,
    /// The appointment in GHL, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment_id: Option<EventId>,
    /// Its calendar.
    pub calendar_id: CalendarId,
    /// Who comes.
    pub installer_id: UserId,
    /// When it begins.
    pub starts_at: String,
    /// When it ends.
    pub ends_at: String,
    /// The zone in which the customer is told of it.
    pub time_zone: String,
    /// What the appointment is called.
    pub title: String,
    /// What is installed.
    pub product: String,
    /// For the installer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

impl Installation {
    pub(super) fn of(row: &BookingRow) -> Self {
        let zone = row.time_zone.parse().unwrap_or(Tz::UTC);
        let time = row.claimed();
        Self {
            order_id: row.order.clone(),
            state: match row.state {
                BookingState::Booking => InstallationState::Booking,
                BookingState::Scheduled => InstallationState::Scheduled,
                BookingState::Moving => InstallationState::Moving,
                BookingState::Cancelling => InstallationState::Cancelling,
                BookingState::Cancelled => InstallationState::Cancelled,
            },
            appointment_id: row.appointment.clone(),
            calendar_id: row.calendar.clone(),
            installer_id: time.installer.clone(),
            starts_at: rendered(time.starts_at, zone),
            ends_at: rendered(time.ends_at, zone),
            time_zone: row.time_zone.clone(),
            title: row.title.clone(),
            product: row.product.clone(),
            instructions: row.instructions.clone(),
        }
    }
}

/// A free time as it is told in a zone.
pub(super) fn slot(free: Free, zone: Tz) -> InstallationSlot {
    InstallationSlot {
        starts_at: rendered(free.starts_at, zone),
        ends_at: rendered(free.ends_at, zone),
        installer_ids: free.installers,
    }
}
