use serde::Deserialize;

use crate::error::{Error, Result};

/// What happens to the name, e-mail, phone and address of a contact that is in GHL already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ExistingContact {
    /// Only what is blank there is filled.
    #[default]
    FillBlanks,
    /// The order's values replace what is there.
    Overwrite,
}

/// How the engine works. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SyncOptions {
    /// How long a call such as `create_order` waits for GHL before it resolves as queued; 0 to 10 minutes,
    /// default 10,000.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub wait_ms: i64,
    /// How long one try of a call to GHL may take; 1 to 2 minutes, default 10,000.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub call_timeout_ms: i64,
    /// How long GHL's search may lag behind its writes; 0 to 1 hour, default 30,000. A create whose outcome
    /// is unknown is searched for only after it.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub search_lag_ms: i64,
    /// How long a worker has a job to itself; at least a quarter more than the call timeout, at most 1 hour, default 120,000.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub lease_ms: i64,
    /// How many orders are worked on at a time; 1 to 1,000, default 8.
    #[cfg_attr(feature = "ts", ts(as = "Option<usize>"))]
    pub concurrency: usize,
    /// How often a worker compares all that GHL lists with what is known, once for all processes: 0, the default, not at
    /// all; at most 31 days.
    #[cfg_attr(feature = "ts", ts(as = "Option<i64>"))]
    pub reconcile_every_ms: i64,
    /// What happens to a contact that is in GHL already; default `fill_blanks`.
    #[cfg_attr(feature = "ts", ts(as = "Option<ExistingContact>"))]
    pub existing_contact: ExistingContact,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            wait_ms: 10_000,
            call_timeout_ms: 10_000,
            search_lag_ms: 30_000,
            lease_ms: 120_000,
            concurrency: 8,
            reconcile_every_ms: 0,
            existing_contact: ExistingContact::FillBlanks,
        }
    }
}

impl SyncOptions {
    /// Checks the bounds.
    ///
    /// # Errors
    /// `config`, field e.g. `sync.leaseMs`.
    pub fn check(&self) -> Result<()> {
        const HOUR: i64 = 3_600_000;
        let concurrency = i64::try_from(self.concurrency).unwrap_or(i64::MAX);
        let bounds = [
            ("sync.waitMs", self.wait_ms, 0, HOUR / 6),
            ("sync.callTimeoutMs", self.call_timeout_ms, 1, HOUR / 30),
            ("sync.searchLagMs", self.search_lag_ms, 0, HOUR),
            // A call leaves only under a lease that outlives its timeout, and does not leave at once.
            ("sync.leaseMs", self.lease_ms, longer_by_a_quarter(self.call_timeout_ms), HOUR),
            ("sync.concurrency", concurrency, 1, 1_000),
            ("sync.reconcileEveryMs", self.reconcile_every_ms, 0, 31 * 24 * HOUR),
        ];
        for (field, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(Error::config(field, format_args!("expected {least} to {most}, got {value}")));
            }
        }
        Ok(())
    }
}

fn longer_by_a_quarter(ms: i64) -> i64 {
    ms.saturating_add(ms / 4).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_its_bounds() {
        assert!(SyncOptions::default().check().is_ok());
        type Change = fn(&mut SyncOptions);
        let table: [(&str, Change); 12] = [
            ("sync.waitMs", |o| o.wait_ms = -1),
            ("sync.waitMs", |o| o.wait_ms = 600_001),
            ("sync.callTimeoutMs", |o| o.call_timeout_ms = 0),
            ("sync.callTimeoutMs", |o| o.call_timeout_ms = i64::MAX),
            ("sync.searchLagMs", |o| o.search_lag_ms = -1),
            ("sync.leaseMs", |o| o.lease_ms = 12_500),
            ("sync.leaseMs", |o| o.lease_ms = 3_600_001),
            ("sync.concurrency", |o| o.concurrency = 0),
            ("sync.concurrency", |o| o.concurrency = 1_001),
            ("sync.concurrency", |o| o.concurrency = usize::MAX),
            ("sync.reconcileEveryMs", |o| o.reconcile_every_ms = -1),
            ("sync.reconcileEveryMs", |o| o.reconcile_every_ms = 2_678_400_001),
        ];
        for (field, change) in table {
            let mut options = SyncOptions::default();
            change(&mut options);
            assert_eq!(options.check().unwrap_err().field(), Some(field), "{options:?}");
        }
        let shortest = SyncOptions {
            wait_ms: 0,
            search_lag_ms: 0,
            call_timeout_ms: 1,
            lease_ms: 2,
            ..Default::default()
        };
        assert!(shortest.check().is_ok());
    }
}
