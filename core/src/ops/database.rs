//! What hosts use of a database by itself.

use serde::Serialize;

use super::{
    args::{Arguments, write},
    settle::settle,
    table::{self, Op, ops},
};
use crate::{
    error::Result,
    ports::{
        BoxFuture,
        store::{Claim, SeenKey, SeenStore},
    },
};

/// What runs an operation, given the JSON of its arguments.
type Run = for<'a> fn(&'a dyn SeenStore, &'a str) -> BoxFuture<'a, Result<String>>;

static TABLES: &[&[Op<Run>]] = &[OPS];

ops! {
    const OPS: Run;

    /// Claims a webhook, unless it is claimed or remembered.
    "seen.claim" "function" {
        /// Whose memory it is.
        receiver: String,
        /// What identifies the webhook.
        event: String,
        /// The time, in epoch milliseconds.
        now_ms: i64,
        /// The end of the claim.
        until_ms: i64,
    } -> Claim = run(|store, args| Box::pin(async move {
        let key = SeenKey { receiver: &args.receiver, event: &args.event };
        store.claim(key, args.now_ms, args.until_ms).await
    }));

    /// Remembers a webhook that was handled.
    "seen.remember" "function" {
        /// Whose memory it is.
        receiver: String,
        /// What identifies the webhook.
        event: String,
        /// The time, in epoch milliseconds.
        now_ms: i64,
        /// Until when.
        keep_until_ms: i64,
    } -> () = run(|store, args| Box::pin(async move {
        let key = SeenKey { receiver: &args.receiver, event: &args.event };
        store.remember(key, args.now_ms, args.keep_until_ms).await
    }));

    /// Gives up a claim.
    "seen.release" "function" {
        /// Whose memory it is.
        receiver: String,
        /// What identifies the webhook.
        event: String,
        /// The end of the claim.
        until_ms: i64,
    } -> () = run(|store, args| Box::pin(async move {
        let key = SeenKey { receiver: &args.receiver, event: &args.event };
        store.release(key, args.until_ms).await
    }));
}

/// The operation that awaits `call`.
fn run<'a, A: Arguments + Send + 'a, R: Serialize + 'a>(
    store: &'a dyn SeenStore,
    args: &'a str,
    call: fn(&'a dyn SeenStore, A) -> BoxFuture<'a, Result<R>>,
) -> BoxFuture<'a, Result<String>> {
    let call = A::read(args).map(|args| call(store, args));
    Box::pin(async move { write(&call?.await?) })
}

/// Calls an operation of a database by its name. The text it resolves to is that of [`settle`].
pub async fn database_call(store: &dyn SeenStore, op: &str, args: &str) -> String {
    match table::find(TABLES, op) {
        Ok(op) => settle((op.run)(store, args).await),
        Err(error) => settle(Err(error)),
    }
}

#[cfg(feature = "ts")]
pub(super) fn pages() -> Vec<super::typescript::OpPage> {
    table::pages(TABLES)
}
