/// A secret or key that webhooks are verified with, for ever or until it is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted<T> {
    /// The secret or key.
    pub value: T,
    /// The last moment at which it is accepted, in epoch milliseconds.
    pub not_after: Option<i64>,
}

impl<T> Accepted<T> {
    /// The value, while it is accepted.
    pub(super) fn at(&self, now_ms: i64) -> Option<&T> {
        self.not_after.is_none_or(|last| now_ms <= last).then_some(&self.value)
    }

    pub(super) fn try_map<U, E>(self, map: impl FnOnce(T) -> Result<U, E>) -> Result<Accepted<U>, E> {
        Ok(Accepted { value: map(self.value)?, not_after: self.not_after })
    }
}

impl<T> From<T> for Accepted<T> {
    fn from(value: T) -> Self {
        Self { value, not_after: None }
    }
}
