use std::{
    any::TypeId,
    cell::RefCell,
    collections::HashMap,
    ffi::c_void,
    hash::{BuildHasherDefault, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

use napi_sys as sys;

use super::{
    Env, Value,
    thrown::{Result, check},
};

/// What JavaScript holds on to without seeing into it.
pub(crate) trait Handle: 'static {
    /// The function that returns it, to name in errors.
    const MADE_BY: &'static str;
}

thread_local! {
    /// The handles that live on this thread, by address. An external's address alone proves nothing: it may
    /// come from another addon, or from another copy of this one.
    static LIVE: RefCell<HashMap<usize, TypeId, BuildHasherDefault<Address>>> = RefCell::default();
}

/// Addresses of boxes differ above their lowest bits; spreading them is enough.
#[derive(Default)]
struct Address(u64);

impl Hasher for Address {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl<'a> Env<'a> {
    /// A handle, which drops what it holds once JavaScript has forgotten it.
    pub(crate) fn handle<T: Handle>(self, held: T) -> Result<Value<'a>> {
        let held = Box::into_raw(Box::new(held));
        let mut value = ptr::null_mut();
        // SAFETY: Node calls `finalize` once, with the pointer it is given here.
        let made = check(unsafe {
            sys::napi_create_external(
                self.raw(),
                held.cast(),
                Some(finalize::<T>),
                ptr::null_mut(),
                &mut value,
            )
        });
        if let Err(error) = made {
            // SAFETY: Node did not take it over, so the box is still ours alone.
            drop(unsafe { Box::from_raw(held) });
            return Err(error);
        }
        LIVE.with_borrow_mut(|live| live.insert(held as usize, TypeId::of::<T>()));
        // SAFETY: the value was just made for this call.
        Ok(unsafe { self.value(value) })
    }
}

/// What a handle holds; `None` if `value` is no handle of this kind.
///
/// # Safety
/// `value` is one of this call, and is not let go of before the result is.
pub(super) unsafe fn get<'h, T: Handle>(env: Env<'_>, value: sys::napi_value) -> Option<&'h T> {
    let mut held = ptr::null_mut();
    // SAFETY: the out pointer is a local.
    let status = unsafe { sys::napi_get_value_external(env.raw(), value, &mut held) };
    let known = status == sys::Status::napi_ok
        && LIVE.with_borrow(|live| live.get(&(held as usize)) == Some(&TypeId::of::<T>()));
    // SAFETY: the address is that of a live box of a `T`, which is only ever lent out shared.
    known.then(|| unsafe { &*held.cast() })
}

/// # Safety
/// Node calls this once for a handle that can no longer be reached, on the thread that made it.
unsafe extern "C" fn finalize<T>(_: sys::napi_env, held: *mut c_void, _: *mut c_void) {
    // The map is gone when the thread itself is ending.
    let _ = LIVE.try_with(|live| live.borrow_mut().remove(&(held as usize)));
    // SAFETY: `held` is the box that `Env::handle` gave to Node.
    let held = unsafe { Box::from_raw(held.cast::<T>()) };
    // Nothing is left to tell of a panic to.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(held)));
}
