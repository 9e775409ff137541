//! The operations of installations.

use super::{Run, rows::run};
use crate::{
    error::InstallationSlot,
    ids::{LocationId, OrderId, UserId},
    ops::table::ops,
    sync::{Installation, InstallationTerms},
};

ops! {
    pub(super) const OPS: Run;

    /// Books the installation of an order: claims a free slot for an installer, makes the appointment, and writes both down.
    "scheduleInstallation" "function" {
        /// The order.
        order_id: OrderId,
        /// A local time of the zone (`2026-10-25T09:00`), an instant (with an offset or `Z`), or a day (`2026-10-25`) whose first free
        /// slot is meant.
        at: String,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
        /// Only by this installer; default the least busy of the calendar's team that day.
        installer_id: Option<UserId>,
        /// How long it takes, in minutes; 1 to 1,440, default as configured.
        duration_minutes: Option<i64>,
        /// How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as configured.
        buffer_minutes: Option<i64>,
        /// The customer's zone, by the IANA database; default the shop's.
        time_zone: Option<String>,
        /// For the installer; default the order's installation notes.
        instructions: Option<String>,
    } -> Installation = run(|engine, args| Box::pin(async move {
        let terms = InstallationTerms {
            installer: args.installer_id,
            duration_minutes: args.duration_minutes,
            buffer_minutes: args.buffer_minutes,
            time_zone: args.time_zone,
            instructions: args.instructions,
        };
        engine.schedule_installation(args.location_id.as_ref(), &args.order_id, &args.at, &terms).await
    }));

    /// The times within a span, of at most 31 days, at which an installation can begin.
    "availableInstallations" "function" {
        /// From when: a local time of the zone, an instant, or a day from its beginning.
        from: String,
        /// Until when: the same, a day to its end.
        to: String,
        /// The location, where several are configured.
        location_id: Option<LocationId>,
        /// Only by this installer.
        installer_id: Option<UserId>,
        /// How long it takes, in minutes; 1 to 1,440, default as configured.
        duration_minutes: Option<i64>,
        /// How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as configured.
        buffer_minutes: Option<i64>,
        /// The zone in which they are told, by the IANA database; default the shop's.
        time_zone: Option<String>,
    } -> Vec<InstallationSlot> = run(|engine, args| Box::pin(async move {
        let terms = InstallationTerms {
            installer: args.installer_id,
            duration_minutes: args.duration_minutes,
            buffer_minutes: args.buffer_minutes,
            time_zone: args.time_zone,
            instructions: None,
        };
        engine.available_installations(args.location_id.as_ref(), &args.from, &args.to, &terms).await
    }));

    /// Moves the installation of an order to another time, or to another installer.
    "rescheduleInstallation" "function" {
        /// The order.
        order_id: OrderId,
        /// As for `scheduleInstallation`.
        at: String,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
        /// Only by this installer; default its own, or else the least busy of that day.
        installer_id: Option<UserId>,
        /// How long it takes, in minutes; 1 to 1,440, default as it is.
        duration_minutes: Option<i64>,
        /// How long the installer's way to the next takes at least, in minutes; 0 to 1,440, default as configured.
        buffer_minutes: Option<i64>,
        /// The customer's zone, by the IANA database; default as it is.
        time_zone: Option<String>,
    } -> Installation = run(|engine, args| Box::pin(async move {
        let terms = InstallationTerms {
            installer: args.installer_id,
            duration_minutes: args.duration_minutes,
            buffer_minutes: args.buffer_minutes,
            time_zone: args.time_zone,
            instructions: None,
        };
        engine.reschedule_installation(args.location_id.as_ref(), &args.order_id, &args.at, &terms).await
    }));

    /// Cancels the installation of an order, in GHL too.
    "cancelInstallation" "function" {
        /// The order.
        order_id: OrderId,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
    } -> Installation = run(|engine, args| Box::pin(async move {
        engine.cancel_installation(args.location_id.as_ref(), &args.order_id).await
    }));

    /// The installation of an order, as it is known here.
    "installation" "function" {
        /// The order.
        order_id: OrderId,
        /// Its location, where several are configured.
        location_id: Option<LocationId>,
    } -> Installation = run(|engine, args| Box::pin(async move {
        engine.installation(args.location_id.as_ref(), &args.order_id).await
    }));
}
