//! What happens in this process and what waits in its database, as numbers.

use super::engine::Engine;
use crate::{
    error::Result,
    metrics::{Gauges, Metrics},
    policy::rate_limit::Room,
};

/// How [`Engine::metrics`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MetricsOptions {
    /// Tells what is left of the limits for each location that was called, rather than for the one with the least. Of
    /// thousands of locations that is as many series. Default: no location is a label.
    pub locations: bool,
}

impl Engine {
    /// The counters of this process, and what waits in the database, as Prometheus reads them (text format 0.0.4). They
    /// begin with the engine; what is counted by other processes, they tell. The database is asked three times, GHL never; where
    /// the database fails, `ghlkit_database_up` is 0 and what it knows is left out.
    pub async fn metrics(&self, options: MetricsOptions) -> String {
        let mut gauges = self.queue_gauges().await.unwrap_or_default();
        gauges.streams = self.core.hub.watchers();
        let rooms = self.core.client.rooms();
        gauges.rooms = if options.locations {
            rooms.into_iter().map(|(location, room)| (Some(location), room)).collect()
        } else {
            let all = rooms.into_iter().map(|(_, room)| room);
            let least = all.reduce(|a, b| Room { now: a.now.min(b.now), today: a.today.min(b.today) });
            least.into_iter().map(|room| (None, room)).collect()
        };
        self.core.metrics.text(&gauges)
    }

    /// The counters, for what else in this process is to be counted among them: a
    /// [`Receiver`](crate::receiver::Receiver::with_metrics), a channel of notifications.
    pub fn counters(&self) -> &Metrics {
        &self.core.metrics
    }

    async fn queue_gauges(&self) -> Result<Gauges> {
        let core = &self.core;
        let queue = core.store.queue().await?;
        let oldest = core.store.pending_inbox(0, 1).await?;
        let now = core.clock.now_ms();
        let age = |since: Option<i64>| since.map_or(0, |since| now.saturating_sub(since).max(0));
        Ok(Gauges {
            database_works: true,
            waiting: queue.waiting,
            dead: queue.dead,
            oldest_due_ms: age(queue.due_at),
            oldest_webhook_ms: age(oldest.first().map(|row| row.received_at)),
            done_at: queue.done_at,
            messages: core.store.count_deliveries().await?,
            rooms: Vec::new(),
            streams: 0,
        })
    }
}
