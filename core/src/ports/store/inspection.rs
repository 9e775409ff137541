/// What a store is like, for whoever sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// Which database, e.g. `PostgreSQL`; empty for memory.
    pub kind: &'static str,
    /// How many migrations were applied.
    pub applied: usize,
    /// How many of this version's are not applied yet.
    pub pending: usize,
    /// Whether a newer version has applied some that this one does not know.
    pub newer: bool,
    /// What this process may not do and must, e.g. `INSERT on webhook_events`.
    pub lacking: Vec<String>,
}
