//! The operations of the sync engine, and the way in for webhooks.

mod installation;
mod messages;
mod pusher;
mod rows;
mod setup;
mod views;

use super::{
    args::write,
    settle::settle,
    table::{self, Op},
};
use crate::{error::Result, ids::LocationId, ports::BoxFuture, sync::Engine};

/// What runs an operation of the engine, given the JSON of its arguments.
type Run = for<'a> fn(&'a Engine, &'a str) -> BoxFuture<'a, Result<String>>;

static TABLES: &[&[Op<Run>]] = &[rows::OPS, setup::OPS, installation::OPS, messages::OPS, pusher::OPS];

/// Calls an operation of the engine by its name. The text it resolves to is that of [`settle`].
pub async fn engine_call(engine: &Engine, op: &str, args: &str) -> String {
    match table::find(TABLES, op) {
        Ok(op) => settle((op.run)(engine, args).await),
        Err(error) => settle(Err(error)),
    }
}

/// The operations, by name.
pub fn names() -> Vec<&'static str> {
    table::names(TABLES)
}

#[cfg(feature = "ts")]
pub(super) fn pages() -> Vec<super::typescript::OpPage> {
    table::pages(TABLES)
}

/// Takes a webhook in: verifies the raw bytes, writes them down, and resolves to the settled text of a
/// [`crate::sync::Receipt`]; errors are those of [`Engine::receive_webhook`]. `headers` are lines of
/// `name:value`, as many as were received. `location` names whose secrets count; `None` or an empty text
/// stands for the only one.
pub async fn receive_webhook(engine: &Engine, location: Option<&str>, raw: &[u8], headers: &str) -> String {
    settle(received(engine, location, raw, headers).await)
}

async fn received(engine: &Engine, location: Option<&str>, raw: &[u8], headers: &str) -> Result<String> {
    let location = location.filter(|id| !id.is_empty()).map(LocationId::parse).transpose()?;
    let lines = headers.lines().filter_map(|line| line.split_once(':'));
    write(&engine.receive_webhook(location.as_ref(), raw, lines).await?)
}

#[cfg(test)]
mod tests;
