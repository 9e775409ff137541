use super::Shared;

/// Wakes a worker.
pub trait Bell: Shared {
    /// There may be something to do.
    fn ring(&self);
}
