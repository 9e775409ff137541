//! The operations of GHL's API: one file of rows for each resource.

mod batch;
mod calendars;
mod contacts;
mod conversations;
mod free;
mod locations;
mod notes;
mod opportunities;
mod options;
mod page;
mod payments;
mod push;
mod request;
#[cfg(feature = "testing")]
mod samples;
mod table;

use super::{settle::settle, table as tables};
use crate::{client::Client, error::Result, ids::LocationId};
use request::{Run, Scope};

pub(super) use options::CallOptions;
#[cfg(feature = "testing")]
pub use samples::{SampleRequest, sample_requests};

// A static, as what a constant names is compiled once more wherever it is used.
static TABLES: &[&[tables::Op<Run>]] = &[
    contacts::OPS,
    notes::OPS,
    opportunities::OPS,
    calendars::OPS,
    locations::OPS,
    conversations::OPS,
    payments::OPS,
    push::OPS,
    free::OPS,
];

/// Calls an operation of GHL's API by its name. `location` is the client's own; `options` is JSON of
/// `locationId`, `timeoutMs`, `maxRetries`, `maxWaitMs`, `deadlineMs`, `priority`, `headers`. `batch` makes many
/// at once: `{"calls":[{"op":…,"args":…,"options":…},…]}`. The text it resolves to is that of [`settle`].
pub async fn call(
    client: &Client,
    location: Option<&LocationId>,
    op: &str,
    args: &str,
    options: &str,
) -> String {
    settle(called(client, location, op, args, options).await)
}

async fn called(
    client: &Client,
    location: Option<&LocationId>,
    op: &str,
    args: &str,
    options: &str,
) -> Result<String> {
    let options = CallOptions::from_json(options)?;
    if op == batch::NAME {
        return batch::batch(client, location, args, &options).await;
    }
    run(client, location, op, args, &options).await
}

async fn run(
    client: &Client,
    location: Option<&LocationId>,
    op: &str,
    args: &str,
    options: &CallOptions,
) -> Result<String> {
    let op = tables::find(TABLES, op)?;
    let location = options.location(location)?;
    let scope = Scope { client, location, options: options.of_call() };
    match &op.run {
        Run::Request(request) => request.send(scope, args).await,
        Run::Steps(steps) => steps(scope, args).await,
    }
}

/// The operations, by name.
pub fn names() -> Vec<&'static str> {
    tables::names(TABLES)
}

#[cfg(feature = "ts")]
pub(super) fn pages() -> Vec<super::typescript::OpPage> {
    tables::pages(TABLES)
}

#[cfg(test)]
mod tests;
