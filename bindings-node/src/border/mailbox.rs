use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use napi_sys as sys;

use super::{
    Env, Host,
    thrown::{Result, check},
};

/// What another thread wants done on JavaScript's.
pub(super) type Job = Box<dyn FnOnce(Env<'_>, &Host) + Send>;

/// The one way from other threads to JavaScript's: they leave jobs and ring, it comes and does them all.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    jobs: Vec<Job>,
    /// None before the first promise, and after JavaScript's end.
    bell: Option<Bell>,
}

#[derive(Clone, Copy)]
struct Bell(sys::napi_threadsafe_function);

// SAFETY: calling it from any thread is what a threadsafe function is for. `Mailbox::close` takes it away
// before Node frees it.
unsafe impl Send for Bell {}

impl Mailbox {
    /// Hangs up the bell, which does not keep Node running by itself.
    pub(super) fn open(&self, env: Env<'_>) -> Result<()> {
        let name = env.text("ghlkit")?;
        let mut bell = ptr::null_mut();
        // SAFETY: without a function, `answer` is called instead; the rest has its documented defaults.
        check(unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                ptr::null_mut(),
                None,
                ptr::null_mut(),
                Some(answer),
                &mut bell,
            )
        })?;
        self.lock().bell = Some(Bell(bell));
        self.hold(env, false)
    }

    /// Whether Node keeps running until there is something.
    pub(super) fn hold(&self, env: Env<'_>, on: bool) -> Result<()> {
        let Some(Bell(bell)) = self.lock().bell else { return Ok(()) };
        // SAFETY: the bell lives, and this is JavaScript's thread, as an `Env` shows.
        check(unsafe {
            if on {
                sys::napi_ref_threadsafe_function(env.raw(), bell)
            } else {
                sys::napi_unref_threadsafe_function(env.raw(), bell)
            }
        })
    }

    /// Leaves a job, which is dropped if JavaScript has ended.
    pub(super) fn post(&self, job: Job) {
        let mut inner = self.lock();
        let Some(Bell(bell)) = inner.bell else {
            // A job may hold what posts again when it is dropped.
            drop(inner);
            return drop(job);
        };
        inner.jobs.push(job);
        if inner.jobs.len() == 1 {
            // SAFETY: the bell is not freed before `close`, which waits for this lock.
            unsafe {
                sys::napi_call_threadsafe_function(
                    bell,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
        }
    }

    /// Ends it, before Node frees the bell.
    pub(super) fn close(&self) {
        let inner = mem::take(&mut *self.lock());
        drop(inner.jobs);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// # Safety
/// Node calls this on JavaScript's thread, without an `env` once JavaScript has ended.
unsafe extern "C" fn answer(
    env: sys::napi_env,
    _: sys::napi_value,
    _: *mut std::ffi::c_void,
    _: *mut std::ffi::c_void,
) {
    if env.is_null() {
        return;
    }
    // SAFETY: Node called with it, on its thread.
    let env = unsafe { Env::from_raw(env) };
    let Ok(host) = env.host() else { return };
    let jobs = mem::take(&mut host.mailbox().lock().jobs);
    for job in jobs {
        // One that fails must not take the others along.
        let _ = catch_unwind(AssertUnwindSafe(|| job(env, host)));
    }
}
