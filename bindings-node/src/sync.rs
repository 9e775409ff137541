//! The sync engine of a server process.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use futures::FutureExt as _;
use ghlkit::{
    Error,
    config::{Channel, Config},
    native::{Database, OpenOptions, SystemClock, open_with_store},
    ops::{self, Cancel, Feed},
    ports::Notifier,
    sync::Engine,
};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{
    border::{Call, Handle, Keep, Resident, Result, Space, Value, lost},
    oauth,
    runtime::Runtime,
};

/// An engine that was opened.
struct Sync {
    engine: Engine,
    store: Database,
    feed: Feed,
    runtime: Arc<Runtime>,
    /// The id of its bell.
    id: u64,
    /// Its worker and the calls that are under way; closed once it is.
    work: TaskTracker,
    /// What came of the worker that was started last, once it has ended.
    worker: RefCell<Option<Ended>>,
    /// Whether that one was asked to end.
    stopping: Cell<bool>,
}

type Ended = watch::Receiver<Option<String>>;

/// An engine, until it is closed.
struct Slot(RefCell<Option<Rc<Sync>>>);

/// JavaScript holds one share, the host the other: an engine that is forgotten goes on until the end.
struct Opened(Rc<Slot>);

impl Handle for Opened {
    const MADE_BY: &'static str = "syncOpen";
}

impl Opened {
    /// The engine, though it may be closing.
    fn any(&self) -> Option<Rc<Sync>> {
        self.0.0.borrow().clone()
    }

    /// The engine, if it takes calls.
    fn open(&self) -> Result<Rc<Sync>, Error> {
        let closed = || Error::invalid("sync", "expected one that is open, but it was closed; open it again");
        self.any().filter(|sync| !sync.work.is_closed()).ok_or_else(closed)
    }
}

impl Resident for Slot {
    fn stop(&self) {
        if let Some(sync) = &*self.0.borrow() {
            sync.stop();
            // Nobody will answer any more.
            sync.feed.close();
        }
    }

    fn leave(&self, until: Instant) {
        if let Some(sync) = self.0.take() {
            sync.runtime.wait(sync.close(), until);
        }
    }
}

/// The text of a worker that was asked to end, and did.
const DONE: &str = r#"{"ok":null}"#;

impl Sync {
    /// Begins a worker, unless one is at work and is to stay so.
    fn start(&self) {
        let last = self.worker.take();
        let at_work = |last: &Ended| last.borrow().is_none() && last.has_changed().is_ok();
        if !self.stopping.replace(false) && last.as_ref().is_some_and(at_work) {
            *self.worker.borrow_mut() = last;
            return;
        }
        let (tell, ended) = watch::channel(None);
        *self.worker.borrow_mut() = Some(ended);
        let engine = self.engine.clone();
        engine.resume();
        self.runtime.spawn(self.work.track_future(async move {
            if let Some(mut last) = last {
                // One that panicked has ended as well.
                let _ = last.wait_for(Option::is_some).await;
            }
            let text = match Box::pin(engine.run()).await {
                Ok(()) => DONE.to_owned(),
                Err(error) => ops::error_text(&error),
            };
            // Perhaps nobody wants to know.
            let _ = tell.send(Some(text));
        }));
    }

    /// Asks the worker to end.
    fn stop(&self) {
        self.stopping.set(true);
        self.engine.stop();
    }

    /// Asks worker and calls to end, and lets none begin. Resolves when all has ended and the database is
    /// closed.
    fn close(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop();
        self.engine.end_streams();
        self.feed.end();
        self.work.close();
        let (work, feed, store) = (self.work.clone(), self.feed.clone(), self.store.clone());
        async move {
            work.wait().await;
            feed.close();
            store.close().await;
        }
    }
}

/// The settled text of a call that is counted among the engine's work.
fn settled<'a, F: Future<Output = String> + Send + 'static>(
    call: &Call<'a>,
    work: impl FnOnce(Engine) -> F,
) -> Result<Value<'a>> {
    match call.handle::<Opened>((0, "sync"))?.open() {
        Ok(sync) => {
            let work = sync.work.track_future(work(sync.engine.clone()));
            call.env.host()?.settled(call.env, Keep::Running, &sync.runtime, work)
        }
        Err(closed) => call.env.resolved(call.env.text(&ops::error_text(&closed))?),
    }
}

/// `syncOpen(settings: string, bell: () => void, oauth?: OAuthHandle): Promise<SyncHandle>`
pub(crate) fn open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let settings = call.owned_text((0, "settings"))?;
    let bell = call.function((1, "bell"))?;
    let app = oauth::tokens(call, (2, "oauth"))?.map(|(tokens, _)| tokens);
    let runtime = Runtime::shared()?;
    let host = call.env.host()?;
    let (id, ring) = host.bell(bell);
    let feed = Feed::new(Arc::new(SystemClock), ring);
    let notifier: Option<Arc<dyn Notifier>> = Some(Arc::new(feed.clone()));
    let sender = Arc::new(feed.clone());
    let opened = async move {
        let config =
            if app.is_some() { Config::without_tokens(&settings) } else { Config::from_json(&settings) };
        let options = OpenOptions { notifier, app, ..OpenOptions::default() };
        let (engine, store) = open_with_store(config?, options).await?;
        engine.carry_messages(Channel::Hook, sender);
        Ok((engine, store))
    };
    host.promise(call.env, Keep::Running, &runtime, Box::pin(opened), move |env, host, outcome| {
        let (engine, store) = outcome.inspect_err(|_| host.dismiss(id))?;
        // The same as above, which this promise keeps. Not carried here: a runtime must not end on one of its
        // own threads.
        let runtime = Runtime::shared()?;
        let work = TaskTracker::new();
        let (worker, stopping) = (RefCell::default(), Cell::new(false));
        let sync = Rc::new(Sync { engine, store, feed, runtime, id, work, worker, stopping });
        let slot = Rc::new(Slot(RefCell::new(Some(sync))));
        host.admit(id, slot.clone());
        env.handle(Opened(slot))
    })
}

/// The engine, what its calls run on, and what counts those among its work.
pub(crate) fn parts(call: &Call<'_>) -> Result<(Engine, Arc<Runtime>, TaskTracker)> {
    let sync = call.handle::<Opened>((0, "sync"))?.open()?;
    Ok((sync.engine.clone(), sync.runtime.clone(), sync.work.clone()))
}

/// `syncCall(sync: SyncHandle, op: string, args: string, cancel?: CancelHandle): Promise<string>`
pub(crate) fn call<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let (op, args) = (call.owned_text((1, "op"))?, call.owned_text((2, "args"))?);
    let cancel = call.optional_handle::<Cancel>((3, "cancel"))?.cloned().unwrap_or_default();
    settled(call, |engine| async move { cancel.guard(ops::engine_call(&engine, &op, &args)).await })
}

/// `syncReceive(sync: SyncHandle, location: string, body: Uint8Array, headers: string): Promise<string>`
pub(crate) fn receive<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let location = call.owned_text((1, "location"))?;
    // JavaScript may change the bytes while the call is under way.
    let body = call.bytes((2, "body"))?.to_vec();
    let headers = call.owned_text((3, "headers"))?;
    settled(call, |engine| async move {
        let location = (!location.is_empty()).then_some(location.as_str());
        ops::receive_webhook(&engine, location, &body, &headers).await
    })
}

/// `syncStart(sync: SyncHandle): void`
pub(crate) fn start<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.handle::<Opened>((0, "sync"))?.open()?.start();
    Ok(call.env.undefined())
}

/// `syncStopped(sync: SyncHandle): Promise<string>`
pub(crate) fn stopped<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let sync = call.handle::<Opened>((0, "sync"))?.any();
    let ended = sync.as_ref().and_then(|sync| Some((sync, sync.worker.borrow().clone()?)));
    let Some((sync, mut ended)) = ended else { return call.env.resolved(call.env.text(DONE)?) };
    call.env.host()?.settled(call.env, Keep::Idle, &sync.runtime, async move {
        match ended.wait_for(Option::is_some).await {
            Ok(text) => text.clone().unwrap_or_default(),
            // Nothing was sent: the worker panicked.
            Err(_) => lost().into_text(),
        }
    })
}

/// `syncStop(sync: SyncHandle): void`
pub(crate) fn stop<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.handle::<Opened>((0, "sync"))?.any().inspect(|sync| sync.stop());
    Ok(call.env.undefined())
}

/// `syncClose(sync: SyncHandle): Promise<string>`
pub(crate) fn close<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let Some(sync) = call.handle::<Opened>((0, "sync"))?.any() else {
        return call.env.resolved(call.env.text(DONE)?);
    };
    let (id, ended) = (sync.id, sync.close().map(Ok));
    call.env.host()?.promise(call.env, Keep::Running, &sync.runtime, ended, move |env, host, outcome| {
        host.dismiss(id);
        env.text(&outcome.map_or_else(|lost| lost.into_text(), |()| DONE.to_owned()))
    })
}

/// `syncListen(sync: SyncHandle, on: boolean): void`
pub(crate) fn listen<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let on = call.flag((1, "on"))?;
    call.handle::<Opened>((0, "sync"))?.any().inspect(|sync| sync.feed.listen(on));
    Ok(call.env.undefined())
}

/// `syncPoll(sync: SyncHandle): string`
pub(crate) fn poll<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let sync = call.handle::<Opened>((0, "sync"))?.any();
    call.env.text(&sync.map_or_else(|| "[]".to_owned(), |sync| sync.feed.poll()))
}

/// `syncDone(sync: SyncHandle, lease: string, result: string): void`
pub(crate) fn done<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    answer(call, "result", Feed::done)
}

/// `syncFailed(sync: SyncHandle, lease: string, error: string): void`
pub(crate) fn failed<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    answer(call, "error", Feed::failed)
}

fn answer<'a>(call: &Call<'a>, name: &'static str, give: fn(&Feed, &str, &str)) -> Result<Value<'a>> {
    let (mut lease, mut text) = (Space::<64>::new(), Space::<1024>::new());
    let (lease, text) = (call.text((1, "lease"), &mut lease)?, call.text((2, name), &mut text)?);
    call.handle::<Opened>((0, "sync"))?.any().inspect(|sync| give(&sync.feed, lease, text));
    Ok(call.env.undefined())
}
