use std::ptr;

use napi_sys as sys;

use super::{
    Env, Value,
    thrown::{Result, check},
};

/// A JavaScript function that is kept to be called later. It belongs to the thread it came from, and is
/// dropped before the JavaScript it came from ends.
pub(crate) struct Function {
    env: sys::napi_env,
    reference: sys::napi_ref,
}

impl Function {
    /// # Safety
    /// `function` is a function of this call.
    pub(super) unsafe fn new(env: Env<'_>, function: sys::napi_value) -> Result<Self> {
        let mut reference = ptr::null_mut();
        // SAFETY: as the caller promises; the out pointer is a local.
        check(unsafe { sys::napi_create_reference(env.raw(), function, 1, &mut reference) })?;
        Ok(Self { env: env.raw(), reference })
    }

    /// Calls it with a text, or without arguments. What it throws is an uncaught exception, as in any callback of Node's.
    pub(crate) fn call(&self, env: Env<'_>, text: Option<&str>) {
        let Ok(argument) = text.map(|text| env.text(text)).transpose() else { return };
        let arguments = argument.map(Value::raw);
        let arguments = arguments.as_slice();
        let (mut function, mut this, mut thrown) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: the reference holds its function; the values are made for this call from Node's event
        // loop, and all out pointers are locals.
        unsafe {
            if sys::napi_get_reference_value(env.raw(), self.reference, &mut function) != sys::Status::napi_ok
                || sys::napi_get_undefined(env.raw(), &mut this) != sys::Status::napi_ok
            {
                return;
            }
            let called = sys::napi_call_function(
                env.raw(),
                this,
                function,
                arguments.len(),
                arguments.as_ptr(),
                ptr::null_mut(),
            );
            if called == sys::Status::napi_pending_exception
                && sys::napi_get_and_clear_last_exception(env.raw(), &mut thrown) == sys::Status::napi_ok
            {
                sys::napi_fatal_exception(env.raw(), thrown);
            }
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and its environment has not ended, as the type asks for.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}
