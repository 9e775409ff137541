//! Streams of what happens to orders.

use std::sync::Arc;

use ghlkit::ops::{self, Watching};
use tokio_util::task::TaskTracker;

use crate::{
    border::{Call, Handle, Keep, Result, Value},
    runtime::Runtime,
    sync,
};

/// A stream, and what it runs on.
struct Open {
    watching: Watching,
    runtime: Arc<Runtime>,
    work: TaskTracker,
}

impl Handle for Open {
    const MADE_BY: &'static str = "watchOpen";
}

impl Drop for Open {
    fn drop(&mut self) {
        self.watching.end();
    }
}

/// `watchOpen(sync: SyncHandle, options: string): Promise<WatchHandle>`
pub(crate) fn open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let options = call.owned_text((1, "options"))?;
    let (engine, runtime, work) = sync::parts(call)?;
    let opening = work.track_future(async move { Ok(ops::watch(&engine, &options).await?) });
    let host = call.env.host()?;
    host.promise(call.env, Keep::Running, &runtime, Box::pin(opening), move |env, _, outcome| {
        // The same as above, which this promise keeps; see `sync::open`.
        env.handle(Open { watching: outcome?, runtime: Runtime::shared()?, work })
    })
}

/// `watchNext(watch: WatchHandle): Promise<string>`
pub(crate) fn next<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let open = call.handle::<Open>((0, "watch"))?;
    let watching = open.watching.clone();
    let work = open.work.track_future(async move { watching.next().await });
    call.env.host()?.settled(call.env, Keep::Running, &open.runtime, work)
}

/// `watchEnd(watch: WatchHandle): void`
pub(crate) fn end<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.handle::<Open>((0, "watch"))?.watching.end();
    Ok(call.env.undefined())
}
