use std::{marker::PhantomData, ptr};

use napi_sys as sys;

use super::{
    Host,
    thrown::{Result, check, lost},
};

/// JavaScript's side, for as long as one call from it or to it takes.
#[derive(Clone, Copy)]
pub(crate) struct Env<'a>(sys::napi_env, PhantomData<&'a ()>);

/// A JavaScript value of one call.
#[derive(Clone, Copy)]
pub(crate) struct Value<'a>(sys::napi_value, PhantomData<&'a ()>);

impl Value<'_> {
    pub(super) fn raw(self) -> sys::napi_value {
        self.0
    }
}

impl<'a> Env<'a> {
    /// # Safety
    /// Node handed `env` to the call that runs, on this thread, and the call outlives `'a`.
    pub(super) unsafe fn from_raw(env: sys::napi_env) -> Self {
        Self(env, PhantomData)
    }

    pub(super) fn raw(self) -> sys::napi_env {
        self.0
    }

    /// # Safety
    /// `value` was made for this call, or handed to it.
    pub(super) unsafe fn value(self, value: sys::napi_value) -> Value<'a> {
        Value(value, PhantomData)
    }

    /// A string.
    pub(crate) fn text(self, text: &str) -> Result<Value<'a>> {
        let mut value = ptr::null_mut();
        let (start, length) = (text.as_ptr().cast(), text.len().cast_signed());
        // Most texts are ASCII, which V8 then copies without decoding it.
        // SAFETY: `start` and `length` are those of a live text; the out pointer is a local.
        check(unsafe {
            if text.is_ascii() {
                sys::napi_create_string_latin1(self.0, start, length, &mut value)
            } else {
                sys::napi_create_string_utf8(self.0, start, length, &mut value)
            }
        })?;
        Ok(Value(value, PhantomData))
    }

    /// `undefined`: Node takes the null value a callback returns for it.
    pub(crate) fn undefined(self) -> Value<'a> {
        Value(ptr::null_mut(), PhantomData)
    }

    /// An `Error` with this message.
    pub(super) fn error(self, message: &str) -> Result<Value<'a>> {
        let message = self.text(message)?;
        let mut error = ptr::null_mut();
        // SAFETY: the message is a string of this call, no code is given; the out pointer is a local.
        check(unsafe { sys::napi_create_error(self.0, ptr::null_mut(), message.0, &mut error) })?;
        Ok(Value(error, PhantomData))
    }

    /// A promise that is resolved already.
    pub(crate) fn resolved(self, value: Value<'_>) -> Result<Value<'a>> {
        let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both out pointers are locals; the deferred is settled once, with a value of this call.
        check(unsafe {
            let made = sys::napi_create_promise(self.0, &mut deferred, &mut promise);
            if made == sys::Status::napi_ok {
                sys::napi_resolve_deferred(self.0, deferred, value.0)
            } else {
                made
            }
        })?;
        Ok(Value(promise, PhantomData))
    }

    /// What this addon keeps for the JavaScript it was loaded into.
    pub(crate) fn host(self) -> Result<&'a Host> {
        let mut host = ptr::null_mut();
        // SAFETY: the out pointer is a local.
        check(unsafe { sys::napi_get_instance_data(self.0, &mut host) })?;
        // SAFETY: the instance data is the `Host` that `module::register` set; Node gives it back to be
        // dropped after the last call. Its parts that change are in cells, used on this thread only.
        unsafe { host.cast::<Host>().as_ref() }.ok_or_else(lost)
    }
}
