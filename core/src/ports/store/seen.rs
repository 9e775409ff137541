use serde::Serialize;

use crate::{
    error::Result,
    ports::{BoxFuture, Shared},
};

/// A webhook, as a [`SeenStore`] tells it from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenKey<'a> {
    /// Whose memory it is: two receivers that share a database each handle every webhook.
    pub receiver: &'a str,
    /// What is the same when the webhook is repeated: [`Event::identity`](crate::webhook::Event::identity).
    pub event: &'a str,
}

/// Whether a webhook is to be handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Claim {
    /// By whoever asked, until the end of the claim.
    New,
    /// It is being handled elsewhere.
    Busy,
    /// It was handled.
    Seen,
}

/// Remembers which webhooks were handled, for all processes that share it.
///
/// A row ends by itself: a claim when whoever made it takes too long or is gone, and what is remembered when no
/// repetition can be accepted any more.
pub trait SeenStore: Shared {
    /// Claims a webhook until `until`, unless it is claimed or remembered. Of many who ask at once, one is told
    /// [`Claim::New`].
    ///
    /// # Errors
    /// `store`: nothing was claimed; answer 429, so that GHL repeats it.
    fn claim<'a>(&'a self, key: SeenKey<'a>, now: i64, until: i64) -> BoxFuture<'a, Result<Claim>>;

    /// Remembers a webhook that was handled until `keep_until`, and forgets a few whose time has passed by `now`.
    ///
    /// # Errors
    /// `store`: it is remembered only as long as the claim lasts.
    fn remember<'a>(&'a self, key: SeenKey<'a>, now: i64, keep_until: i64) -> BoxFuture<'a, Result<()>>;

    /// Gives up the claim that ends at `until`, so that a repetition is handled. A claim that has passed to
    /// another, and what is remembered, stay.
    ///
    /// # Errors
    /// `store`: the claim ends at its time.
    fn release<'a>(&'a self, key: SeenKey<'a>, until: i64) -> BoxFuture<'a, Result<()>>;
}
