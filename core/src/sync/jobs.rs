//! Jobs, and those that were given up.

use super::engine::Engine;
use crate::{
    error::Result,
    ids::JobId,
    ports::store::{JobFilter, JobRow, JobState},
};

impl Engine {
    /// Jobs by id: for example those that were given up.
    ///
    /// # Errors
    /// `store`.
    pub async fn jobs(&self, filter: JobFilter) -> Result<Vec<JobRow>> {
        self.core.store.jobs(filter).await
    }

    /// Makes a dead job due now with a fresh schedule; `false` if it is not dead.
    ///
    /// # Errors
    /// `store`.
    pub async fn replay(&self, job: &JobId) -> Result<bool> {
        let replayed = self.core.store.replay(job, self.core.clock.now_ms()).await?;
        self.core.bell.notify(usize::MAX);
        Ok(replayed)
    }

    /// Makes all dead jobs that the filter names due now, whatever its state and limit. How many there were.
    ///
    /// # Errors
    /// `invalid_argument`, field `after`; `store`: those before stay due, and it may be called again.
    pub async fn replay_all(&self, filter: JobFilter) -> Result<usize> {
        let core = &self.core;
        let mut filter = JobFilter { state: Some(JobState::Dead), limit: 0, ..filter };
        let mut replayed = 0;
        loop {
            let dead = core.store.jobs(filter.clone()).await?;
            for job in &dead {
                replayed += usize::from(core.store.replay(&job.id, core.clock.now_ms()).await?);
            }
            core.bell.notify(usize::MAX);
            match dead.last() {
                Some(last) => filter.after = Some(last.id.clone()),
                None => return Ok(replayed),
            }
        }
    }
}
