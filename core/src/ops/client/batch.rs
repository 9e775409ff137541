//! Many calls at once: one text goes in, and one comes out once all have ended.

use futures::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{options::CallOptions, run};
use crate::{
    client::Client,
    error::{Error, Result},
    ids::LocationId,
    ops::{args::Given, settle::settle},
};

/// What it is called by, as operations are.
pub(super) const NAME: &str = "batch";
/// The most calls of a batch.
const MAX_CALLS: usize = 1_000;
/// How many of them are under way at a time.
const IN_FLIGHT: usize = 64;

/// One of the calls.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BatchCall {
    op: String,
    args: Box<RawValue>,
    options: Option<Box<RawValue>>,
}

/// Makes all calls in `{"calls":[{"op":…,"args":…,"options":…},…]}`, and gives the list of what each settled to, in
/// their order. What a call's options leave out is as `options` say.
pub(super) async fn batch(
    client: &Client,
    location: Option<&LocationId>,
    args: &str,
    options: &CallOptions,
) -> Result<String> {
    let calls: Vec<BatchCall> = Given::read(args, &["calls"])?.take("calls")?;
    if calls.len() > MAX_CALLS {
        let expected = format_args!("expected at most {MAX_CALLS} calls, got {}", calls.len());
        return Err(Error::invalid("calls", expected));
    }
    // Each owns its call: what is borrowed from an iterator's item cannot move between threads.
    let settled = calls
        .into_iter()
        .enumerate()
        .map(|(place, call)| async move { (place, settle(one(client, location, &call, options).await)) });
    let mut settled: Vec<(usize, String)> = stream::iter(settled).buffer_unordered(IN_FLIGHT).collect().await;
    settled.sort_unstable_by_key(|(place, _)| *place);
    let texts: Vec<String> = settled.into_iter().map(|(_, text)| text).collect();
    Ok(format!("[{}]", texts.join(",")))
}

async fn one(
    client: &Client,
    location: Option<&LocationId>,
    call: &BatchCall,
    all: &CallOptions,
) -> Result<String> {
    let Some(own) = &call.options else { return run(client, location, &call.op, call.args.get(), all).await };
    let options = CallOptions::from_json(own.get())?.or(all);
    run(client, location, &call.op, call.args.get(), &options).await
}
