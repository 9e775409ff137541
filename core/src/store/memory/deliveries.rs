use std::collections::{BTreeMap, BTreeSet};

use super::{MemoryStore, State, next_id};
use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{
            DeliveryCount, DeliveryFilter, DeliveryLease, DeliveryOutcome, DeliveryRow, DeliveryState,
            DeliveryStore, EventRow, NewDelivery,
        },
    },
    store::deliveries,
};

/// Deliveries, and the events of which it is decided who is told.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    rows: BTreeMap<i64, DeliveryRow>,
    planned: BTreeSet<i64>,
}

impl State {
    fn insert_delivery(&mut self, new: NewDelivery, now: i64) -> bool {
        let rows = &mut self.deliveries.rows;
        let known = rows.values().any(|row| {
            row.location == new.location
                && row.order == new.order
                && row.channel == new.channel
                && row.key == new.key
        });
        if !known {
            let id = next_id(rows);
            rows.insert(id, DeliveryRow::new(id, new, now));
        }
        !known
    }

    fn lease_deliveries(&mut self, lease: &DeliveryLease) -> Vec<DeliveryRow> {
        let rows = &mut self.deliveries.rows;
        let mut due: Vec<(i64, i64)> = rows
            .values()
            .filter(|row| row.is_due(lease.now) && lease.channels.contains(&row.channel))
            .filter(|row| !rows.values().any(|other| other.goes_before(row, lease.now)))
            .map(|row| (row.due_at, row.id))
            .collect();
        due.sort_unstable();
        due.truncate(lease.max);
        let mut leased = Vec::new();
        for (_, id) in due {
            if let Some(row) = rows.get_mut(&id) {
                row.begin_lease(lease);
                leased.push(row.clone());
            }
        }
        leased
    }
}

impl DeliveryStore for MemoryStore {
    fn unplanned_events(&self, limit: usize) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let planned = &state.deliveries.planned;
            let open = state.events.values().filter(|event| !planned.contains(&event.position));
            Ok(open.take(limit).cloned().collect())
        })
    }

    fn plan_event(&self, position: i64, deliveries: Vec<NewDelivery>, now: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut state = self.lock();
            for delivery in deliveries {
                state.insert_delivery(delivery, now);
            }
            state.deliveries.planned.insert(position);
            Ok(())
        })
    }

    fn insert_delivery(&self, delivery: NewDelivery, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move { Ok(self.lock().insert_delivery(delivery, now)) })
    }

    fn lease_deliveries(&self, lease: DeliveryLease) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        Box::pin(async move { Ok(self.lock().lease_deliveries(&lease)) })
    }

    fn delivery_leaves<'a>(&'a self, id: i64, token: &'a str, now: i64) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let held = state.deliveries.rows.get_mut(&id).filter(|row| row.is_held(token, now));
            Ok(held.map(|row| row.sent_at = Some(now)).is_some())
        })
    }

    fn settle_delivery<'a>(
        &'a self,
        id: i64,
        token: &'a str,
        outcome: DeliveryOutcome,
        now: i64,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut state = self.lock();
            let held = state.deliveries.rows.get_mut(&id).filter(|row| row.is_leased_by(token));
            Ok(held.map(|row| row.settle(outcome, now)).is_some())
        })
    }

    fn deliveries(&self, filter: DeliveryFilter) -> BoxFuture<'_, Result<Vec<DeliveryRow>>> {
        Box::pin(async move {
            let state = self.lock();
            let asked = state.deliveries.rows.values().filter(|row| filter.takes(row));
            Ok(asked.take(filter.most()).cloned().collect())
        })
    }

    fn replay_delivery(&self, id: i64, now: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(
            async move { Ok(self.lock().deliveries.rows.get_mut(&id).is_some_and(|row| row.replay(now))) },
        )
    }

    fn next_delivery<'a>(&'a self, channels: &'a [String]) -> BoxFuture<'a, Result<Option<i64>>> {
        Box::pin(async move {
            let state = self.lock();
            let open =
                |row: &&DeliveryRow| matches!(row.state, DeliveryState::Waiting | DeliveryState::Leased);
            let rows = &state.deliveries.rows;
            let free = |row: &&DeliveryRow| !rows.values().any(|other| other.holds_up(row));
            let ours = rows.values().filter(open).filter(|row| channels.contains(&row.channel));
            Ok(ours.filter(free).map(|row| row.due_at).min())
        })
    }

    fn count_deliveries(&self) -> BoxFuture<'_, Result<Vec<DeliveryCount>>> {
        Box::pin(async move { Ok(deliveries::count(self.lock().deliveries.rows.values())) })
    }
}
