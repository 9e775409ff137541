//! Takes existing orders in, many at once: each is written down with its job, as a new one is, and none of it is told as
//! an event. Their jobs are due one after another, so that what happens meanwhile is pushed in between.

use std::pin::pin;

use futures::{Stream, StreamExt, stream::iter};
use serde::Serialize;

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    order::Order,
};

use super::{
    core::{Core, lock},
    engine::{Engine, new_order},
};

/// How many orders are held in memory at a time.
const CHUNK: usize = 100;

/// How an import goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportOptions {
    /// The jobs of a location are due this far apart, in milliseconds: 0 to 60,000. Default 500, at which new customers
    /// take less than half of what GHL allows.
    pub every_ms: i64,
    /// How many orders there are, where it is known.
    pub total: Option<u64>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { every_ms: 500, total: None }
    }
}

/// What became of a chunk of orders.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportedChunk {
    /// Orders that were written down.
    pub imported: u64,
    /// Orders that were there already.
    pub skipped: u64,
    /// Orders that were refused.
    pub failed: Vec<ImportFailure>,
}

/// An order that was not imported.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportFailure {
    /// Its place among those that were given, from 0.
    pub index: u64,
    /// Why: its field is the order's.
    #[cfg_attr(feature = "ts", ts(as = "crate::error::ErrorJson<'static>"))]
    pub error: Error,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ImportProgress {
    /// Orders that were written down.
    pub imported: u64,
    /// Orders that were there already.
    pub skipped: u64,
    /// Orders that were refused.
    pub failed: u64,
    /// How many there are, where it is known.
    pub total: Option<u64>,
    /// Orders a second since it began, whatever became of them.
    pub per_second: f64,
    /// How long the rest will take at that rate, where the total is known.
    pub left_ms: Option<i64>,
}

impl ImportProgress {
    /// Orders that were dealt with.
    pub fn done(&self) -> u64 {
        self.imported + self.skipped + self.failed
    }

    fn at(mut self, elapsed_ms: i64) -> Self {
        self.per_second = self.done() as f64 * 1_000.0 / elapsed_ms.max(1) as f64;
        let left = |total: u64| total.saturating_sub(self.done()) as f64 * 1_000.0 / self.per_second;
        self.left_ms = self.total.map(left).filter(|ms| ms.is_finite()).map(|ms| ms as i64);
        self
    }
}

impl Engine {
    /// Takes existing orders in, e.g. when a shop begins to use the engine: oldest first, as the last order of a
    /// customer is the one their contact shows. Each must say its `status`; one that is there already is skipped, so an
    /// import that was ended goes on when it is run again. Nothing is sent here: `run` and `drain` do that.
    ///
    /// `told` hears after each 100 orders how far it has come, and which of them were refused; its error ends the import.
    ///
    /// # Errors
    /// That of `told`; `invalid_argument` for an option; `store`, with what was written before kept.
    pub async fn import(
        &self,
        orders: impl Stream<Item = Result<Order>>,
        options: ImportOptions,
        mut told: impl FnMut(&ImportProgress, Vec<ImportFailure>) -> Result<()>,
    ) -> Result<ImportProgress> {
        let begun = self.core.clock.now_ms();
        let mut progress = ImportProgress { total: options.total, ..ImportProgress::default() };
        let mut chunks = pin!(orders.chunks(CHUNK));
        while let Some(chunk) = chunks.next().await {
            let first = progress.done();
            let mut done = self.import_chunk(chunk, options.every_ms).await?;
            progress.imported += done.imported;
            progress.skipped += done.skipped;
            progress.failed += done.failed.len() as u64;
            progress = progress.at(self.core.clock.now_ms().saturating_sub(begun));
            done.failed.iter_mut().for_each(|failure| failure.index += first);
            told(&progress, done.failed)?;
        }
        Ok(progress)
    }

    /// The same for orders that are at hand; an order that could not be read is refused with its error.
    ///
    /// # Errors
    /// `invalid_argument` for `every_ms`; `store`, with what was written before kept.
    pub async fn import_chunk(&self, orders: Vec<Result<Order>>, every_ms: i64) -> Result<ImportedChunk> {
        if !(0..=60_000).contains(&every_ms) {
            return Err(Error::invalid("everyMs", format_args!("expected 0 to 60000, got {every_ms}")));
        }
        let mut done = ImportedChunk::default();
        let mut orders = pin!(iter(orders).enumerate());
        while let Some((index, order)) = orders.next().await {
            match self.core.import_order(order, every_ms).await {
                Ok(true) => done.imported += 1,
                Ok(false) => done.skipped += 1,
                Err(error) if error.code() == Code::Store => return Err(error),
                Err(error) => done.failed.push(ImportFailure { index: index as u64, error }),
            }
        }
        self.core.bell.notify(usize::MAX);
        Ok(done)
    }
}

impl Core {
    /// Whether the order was written down; else it was there.
    async fn import_order(&self, order: Result<Order>, every_ms: i64) -> Result<bool> {
        let order = order?;
        let location = self.config.location(order.location.as_ref())?.id.clone();
        let Some(status) = &order.status else {
            return Err(Error::invalid("status", "expected the status of the order, which exists already"));
        };
        let status = self.config.model.status(status.as_str())?;
        let now = self.clock.now_ms();
        let due_at = lock(&self.import_due).get(&location).copied().unwrap_or(now).max(now);
        let mut new = new_order(&order, &location, status.as_str(), now).0;
        new.due_at = Some(due_at);
        match self.store.insert_order(new).await {
            Ok(_) => {
                lock(&self.import_due).insert(location, due_at.saturating_add(every_ms));
                Ok(true)
            }
            Err(error)
                if error.code() == Code::OrderExists && self.is_known(&location, &order.id).await? =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether it is this location's own.
    async fn is_known(&self, location: &LocationId, order: &OrderId) -> Result<bool> {
        Ok(self.store.order(location, order).await?.is_some())
    }
}
