//! What happens to orders, told to many at once as it happens: streams of server-sent events.
//!
//! One reader a process follows the log ([`Engine::keep_watch`]); each [`Watch`] has its own place in it and reads the store for
//! what it missed, so that a stream which was cut goes on where it was, in any process.

mod hub;
mod reader;
mod stream;
mod told;

use crate::{
    error::Result,
    ids::{LocationId, OrderId},
    sse::OrderTokens,
};

use super::engine::{Engine, not_found};
pub(crate) use hub::Hub;
pub use stream::{Watch, WatchOptions};

impl Engine {
    /// What happens to orders from now on, or from where a stream was cut: see [`WatchOptions`]. What may be watched by whom
    /// is the caller's to decide: [`Engine::check_order_token`] is for customers.
    ///
    /// # Errors
    /// `order_not_found`; `invalid_argument`, field `locationId`; `busy` where [`Events::max_streams`](crate::config::Events) are
    /// open; `store`, also where the log could not be read within 10 s.
    pub async fn watch(&self, options: WatchOptions) -> Result<Watch> {
        let core = &self.core;
        let location = match (&options.location, &options.order) {
            // An order is one of a location; without one, all are watched.
            (None, None) => None,
            (location, _) => Some(core.config.location(location.as_ref())?.id.clone()),
        };
        Watch::begin(core, location, options).await
    }

    /// Ends all streams and lets no other begin: for a service that ends. After [`Engine::stop`] others can.
    pub fn end_streams(&self) {
        self.core.hub.close_to_watchers();
    }

    /// What a stream says that cannot begin now, and then ends: the browser comes back. Any status but 200 would keep it away.
    pub fn come_back_later(&self) -> String {
        format!("retry: {}\n\n", stream::comes_back_ms(&self.core))
    }

    /// A token with which a customer may watch an order, for so many milliseconds; see [`OrderTokens`].
    ///
    /// # Errors
    /// `config`, field `events.secrets`, where none is set; `order_not_found`; `invalid_argument`, field `expiresInMs`; `store`.
    pub async fn order_token(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        expires_in_ms: i64,
    ) -> Result<String> {
        let location = &self.core.config.location(location)?.id;
        let tokens = self.order_tokens()?;
        self.core.store.order(location, order).await?.ok_or_else(|| not_found(order))?;
        tokens.issue(location, order, self.core.clock.now_ms(), expires_in_ms)
    }

    /// Whether a token lets its bearer watch an order.
    ///
    /// # Errors
    /// `unauthorized`; `config`, field `events.secrets`, where none is set.
    pub fn check_order_token(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        token: &str,
    ) -> Result<()> {
        let location = &self.core.config.location(location)?.id;
        self.order_tokens()?.check(token, location, order, self.core.clock.now_ms())
    }

    fn order_tokens(&self) -> Result<&OrderTokens> {
        self.core.config.events.tokens()
    }
}
