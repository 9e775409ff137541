use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    ffi::c_void,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::FutureExt as _;
use napi_sys as sys;
use tokio::task::AbortHandle;

use super::{
    Env, Function, Value,
    mailbox::Mailbox,
    thrown::{Result, Thrown, check, lost},
};
use crate::runtime::Runtime;

/// How long JavaScript's end waits for what must not be cut off. A call to GHL that is under way gets its
/// answer written down; a server that hangs does not hold the process.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many texts wait for one listener at most.
const MAX_WAITING: usize = 10_000;

/// What this addon keeps for one JavaScript environment: the main thread's, or a Worker's.
#[derive(Default)]
pub(crate) struct Host {
    mailbox: Arc<Mailbox>,
    open: Cell<bool>,
    /// Promises that keep Node running.
    holding: Cell<usize>,
    promises: RefCell<HashMap<u64, Promised>>,
    bells: RefCell<HashMap<u64, Rc<Function>>>,
    residents: RefCell<HashMap<u64, Rc<dyn Resident>>>,
}

/// What lives on its own until it is closed, or JavaScript ends.
pub(crate) trait Resident {
    /// JavaScript is ending: begins to end as well.
    fn stop(&self);
    /// Waits until it has ended, at most so long, and lets go of all it has.
    fn leave(&self, until: Instant);
}

/// A promise that is not settled yet, with what must live until it is.
struct Promised {
    deferred: sys::napi_deferred,
    holds: bool,
    task: AbortHandle,
    _runtime: Arc<Runtime>,
}

/// What is dropped unsettled has nobody waiting for it.
impl Drop for Promised {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A function that is called with texts. It belongs to JavaScript's thread, and is let go of there.
struct Listening {
    id: u64,
    mailbox: Arc<Mailbox>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let id = self.id;
        self.mailbox.post(Box::new(move |_, host| host.dismiss(id)));
    }
}

/// Whether an unsettled promise keeps Node running.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As a timer does.
    Running,
    /// As a timer that was `unref`ed.
    Idle,
}

impl Host {
    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// A promise of the settled text that `work` comes to. It is never rejected.
    pub(crate) fn settled<'a>(
        &self,
        env: Env<'a>,
        keep: Keep,
        runtime: &Arc<Runtime>,
        work: impl Future<Output = String> + Send + 'static,
    ) -> Result<Value<'a>> {
        self.promise(env, keep, runtime, work.map(Ok), |env, _, outcome| {
            env.text(&outcome.unwrap_or_else(Thrown::into_text))
        })
    }

    /// A promise of what `conclude` makes, on JavaScript's thread, of the outcome of `work`.
    pub(crate) fn promise<'a, T: Send + 'static>(
        &self,
        env: Env<'a>,
        keep: Keep,
        runtime: &Arc<Runtime>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        conclude: impl for<'e> FnOnce(Env<'e>, &Host, Result<T>) -> Result<Value<'e>> + Send + 'static,
    ) -> Result<Value<'a>> {
        self.open(env)?;
        let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both out pointers are locals.
        check(unsafe { sys::napi_create_promise(env.raw(), &mut deferred, &mut promise) })?;
        let id = next_id();
        let mailbox = self.mailbox.clone();
        let task = runtime.spawn(async move {
            let outcome = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(lost()));
            mailbox.post(Box::new(move |env, host| {
                let concluded = catch_unwind(AssertUnwindSafe(|| conclude(env, host, outcome)));
                host.settle(env, id, concluded.unwrap_or_else(|_| Err(lost())));
            }));
        });
        let holds = keep == Keep::Running;
        let promised = Promised { deferred, holds, task, _runtime: runtime.clone() };
        self.promises.borrow_mut().insert(id, promised);
        if holds {
            self.holding.set(self.holding.get() + 1);
            if self.holding.get() == 1 {
                self.mailbox.hold(env, true)?;
            }
        }
        // SAFETY: the promise was just made for this call.
        Ok(unsafe { env.value(promise) })
    }

    fn settle(&self, env: Env<'_>, id: u64, outcome: Result<Value<'_>>) {
        let Some(promised) = self.promises.borrow_mut().remove(&id) else { return };
        // SAFETY: a deferred is settled once, since it is taken out of the map; the values are of this call.
        // Where not even an error can be made, Node is ending, and nobody waits.
        unsafe {
            match outcome {
                Ok(value) => sys::napi_resolve_deferred(env.raw(), promised.deferred, value.raw()),
                Err(thrown) => env.error(thrown.text()).map_or(sys::Status::napi_closing, |error| {
                    sys::napi_reject_deferred(env.raw(), promised.deferred, error.raw())
                }),
            };
        }
        if promised.holds {
            self.holding.set(self.holding.get().saturating_sub(1));
            if self.holding.get() == 0 {
                // It fails only where Node is ending anyway.
                let _ = self.mailbox.hold(env, false);
            }
        }
    }

    /// Keeps a function to be called when its bell is rung, from any thread. Its id ends it.
    pub(crate) fn bell(&self, function: Function) -> (u64, impl Fn() + Send + Sync + 'static) {
        let id = next_id();
        self.bells.borrow_mut().insert(id, Rc::new(function));
        let mailbox = self.mailbox.clone();
        let ring = move || {
            mailbox.post(Box::new(move |env, host| {
                let bell = host.bells.borrow().get(&id).cloned();
                bell.inspect(|bell| bell.call(env, None));
            }));
        };
        (id, ring)
    }

    /// Keeps a function to be called with texts, from any thread, until what is returned is dropped. What comes while too many wait,
    /// as JavaScript is busy, is left out.
    pub(crate) fn listener(
        &self,
        env: Env<'_>,
        function: Function,
    ) -> Result<impl Fn(String) + Send + Sync + 'static> {
        self.open(env)?;
        let id = next_id();
        self.bells.borrow_mut().insert(id, Rc::new(function));
        let listening = Listening { id, mailbox: self.mailbox.clone() };
        let waiting = Arc::new(AtomicUsize::new(0));
        Ok(move |text: String| {
            let room = |many: usize| (many < MAX_WAITING).then_some(many + 1);
            if waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
                return;
            }
            let (id, waiting) = (listening.id, waiting.clone());
            listening.mailbox.post(Box::new(move |env, host| {
                waiting.fetch_sub(1, Ordering::Relaxed);
                let listener = host.bells.borrow().get(&id).cloned();
                listener.inspect(|listener| listener.call(env, Some(&text)));
            }));
        })
    }

    /// Takes one in that rings no bell. Its id ends its stay.
    pub(crate) fn lodge(&self, resident: Rc<dyn Resident>) -> u64 {
        let id = next_id();
        self.admit(id, resident);
        id
    }

    /// Takes one in, under the id of its bell.
    pub(crate) fn admit(&self, id: u64, resident: Rc<dyn Resident>) {
        self.residents.borrow_mut().insert(id, resident);
    }

    /// Lets go of a bell, and of who was taken in under it and has ended.
    pub(crate) fn dismiss(&self, id: u64) {
        let bell = self.bells.borrow_mut().remove(&id);
        drop(bell);
        let resident = self.residents.borrow_mut().remove(&id);
        if let Some(resident) = resident {
            resident.leave(Instant::now());
        }
    }

    fn open(&self, env: Env<'_>) -> Result<()> {
        if self.open.get() {
            return Ok(());
        }
        self.mailbox.open(env)?;
        // Node runs these in reverse order: ours comes before the one that frees the mailbox's bell.
        // SAFETY: the host is the instance data, which outlives the hooks.
        let hooked = check(unsafe {
            sys::napi_add_env_cleanup_hook(env.raw(), Some(ending), ptr::from_ref(self).cast_mut().cast())
        });
        if hooked.is_err() {
            self.mailbox.close();
        }
        self.open.set(hooked.is_ok());
        hooked
    }

    /// JavaScript ends: a Worker was terminated, or the process is about to exit.
    fn end(&self) {
        self.mailbox.close();
        let residents: Vec<_> = self.residents.borrow_mut().drain().map(|(_, resident)| resident).collect();
        residents.iter().for_each(|resident| resident.stop());
        let until = Instant::now() + FAREWELL;
        residents.iter().for_each(|resident| resident.leave(until));
        drop((self.promises.take(), self.bells.take()));
    }
}

/// One that no other host has given either: a handle may be used where it was not made.
fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// # Safety
/// Node calls this once, on JavaScript's thread, with the host it was registered for.
unsafe extern "C" fn ending(host: *mut c_void) {
    // SAFETY: the host is freed after the hooks have run.
    let host = unsafe { &*host.cast::<Host>() };
    // There is nobody left to tell of a panic.
    let _ = catch_unwind(AssertUnwindSafe(|| host.end()));
}
