use serde::Serialize;

use crate::ids::UserId;

/// A time at which an installation can take place. Times are ISO 8601 with the offset of the zone that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct InstallationSlot {
    /// When it begins.
    pub starts_at: String,
    /// When it ends.
    pub ends_at: String,
    /// Who is free then, the least busy of that day first.
    pub installer_ids: Vec<UserId>,
}
