use std::collections::BTreeMap;

use crate::{
    error::Result,
    ids::{EventId, LocationId, OrderId},
    ports::{
        BoxFuture,
        store::{BookingRow, BookingStore, KeepBooking, Kept, NewEvent},
    },
};

use super::MemoryStore;

/// Rows by location and order.
pub(super) type Bookings = BTreeMap<(LocationId, OrderId), BookingRow>;

impl BookingStore for MemoryStore {
    fn booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        Box::pin(async move { Ok(self.lock().bookings.get(&(location.clone(), order.clone())).cloned()) })
    }

    fn booking_of<'a>(
        &'a self,
        location: &'a LocationId,
        appointment: &'a EventId,
    ) -> BoxFuture<'a, Result<Option<BookingRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let mut rows = state.bookings.values().filter(|row| row.location == *location);
            Ok(rows.find(|row| row.appointment.as_ref() == Some(appointment)).cloned())
        })
    }

    fn bookings<'a>(
        &'a self,
        location: &'a LocationId,
        from: i64,
        until: i64,
    ) -> BoxFuture<'a, Result<Vec<BookingRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let rows = state.bookings.values().filter(|row| row.location == *location);
            Ok(rows.filter(|row| row.touches(from, until)).cloned().collect())
        })
    }

    fn due_bookings(&self, now: i64, limit: usize) -> BoxFuture<'_, Result<Vec<BookingRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let due = state.bookings.values().filter(|row| row.due_at.is_some_and(|due| due <= now));
            let mut due: Vec<BookingRow> = due.cloned().collect();
            due.sort_by_key(|row| row.due_at);
            due.truncate(limit);
            Ok(due)
        })
    }

    fn keep_booking(&self, keep: KeepBooking) -> BoxFuture<'_, Result<Kept>> {
        Box::pin(async move {
            let mut state = self.lock();
            let KeepBooking { expected, row, exclusive, events, now, .. } = keep;
            let key = (row.location.clone(), row.order.clone());
            if state.bookings.get(&key).map(|kept| kept.version) != expected {
                return Ok(Kept::Moved);
            }
            if exclusive && state.bookings.values().any(|other| row.is_kept_out_by(other)) {
                return Ok(Kept::Taken);
            }
            state.append_events(&key.0, &key.1, events, now);
            state.bookings.insert(key, row);
            Ok(Kept::Kept)
        })
    }

    fn drop_booking<'a>(
        &'a self,
        location: &'a LocationId,
        order: &'a OrderId,
        expected: i64,
        events: Vec<NewEvent>,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let key = (location.clone(), order.clone());
            let fits = state.bookings.get(&key).is_some_and(|row| row.version == expected);
            if fits {
                state.append_events(location, order, events, now);
                state.bookings.remove(&key);
            }
            Ok(fits)
        })
    }
}
