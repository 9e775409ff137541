use std::{
    ffi::{CStr, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

use napi_sys as sys;

use super::{
    Call, Env, Host,
    call::Body,
    thrown::{Result, check, lost},
};

/// A function of the binding.
pub(crate) struct Export {
    /// Its name in JavaScript.
    pub(crate) name: &'static CStr,
    /// What it does.
    pub(crate) body: Body,
}

/// Node calls this once for every environment the addon is loaded into, by this name.
///
/// # Safety
/// Only Node calls it.
#[unsafe(no_mangle)]
unsafe extern "C" fn napi_register_module_v1(
    env: sys::napi_env,
    exports: sys::napi_value,
) -> sys::napi_value {
    // On Windows the functions of Node are looked up by name, in a library that must stay open.
    #[cfg(target_env = "msvc")]
    // SAFETY: this comes before any other call of a function of Node's.
    std::mem::forget(unsafe { sys::setup() });
    // SAFETY: as Node promises.
    let env = unsafe { Env::from_raw(env) };
    let registered = catch_unwind(|| register(env, exports)).unwrap_or_else(|_| Err(lost()));
    if let Err(thrown) = registered {
        thrown.throw(env);
    }
    exports
}

fn register(env: Env<'_>, exports: sys::napi_value) -> Result<()> {
    let host = Box::into_raw(Box::<Host>::default()).cast();
    // SAFETY: Node calls `free` once, with the pointer it is given here.
    let kept = check(unsafe { sys::napi_set_instance_data(env.raw(), host, Some(free), ptr::null_mut()) });
    if kept.is_err() {
        // SAFETY: Node did not take it over, so the box is still ours alone.
        drop(unsafe { Box::from_raw(host.cast::<Host>()) });
    }
    kept?;
    let properties: Vec<_> = crate::EXPORTS.iter().map(property).collect();
    // SAFETY: the properties are as many as they are, and each names a callback that never unwinds.
    check(unsafe { sys::napi_define_properties(env.raw(), exports, properties.len(), properties.as_ptr()) })
}

fn property(export: &'static Export) -> sys::napi_property_descriptor {
    sys::napi_property_descriptor {
        utf8name: export.name.as_ptr(),
        name: ptr::null_mut(),
        method: Some(enter),
        getter: None,
        setter: None,
        value: ptr::null_mut(),
        attributes: sys::PropertyAttributes::enumerable,
        data: ptr::from_ref(export).cast_mut().cast(),
    }
}

/// Every call from JavaScript comes in here.
///
/// # Safety
/// Only Node calls it, as one of the functions that `property` describes.
unsafe extern "C" fn enter(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let outcome = catch_unwind(|| {
        // SAFETY: Node handed both to this callback.
        let (call, export) = unsafe { Call::from_raw::<Export>(env, info) }?;
        // SAFETY: the data is the static that `property` put there.
        let export = unsafe { &*export };
        (export.body)(&call).map(super::Value::raw)
    });
    outcome.unwrap_or_else(|_| Err(lost())).unwrap_or_else(|thrown| {
        // SAFETY: as above.
        thrown.throw(unsafe { Env::from_raw(env) });
        ptr::null_mut()
    })
}

/// # Safety
/// Node calls this once, after the last call and the last hook.
unsafe extern "C" fn free(_: sys::napi_env, host: *mut c_void, _: *mut c_void) {
    // SAFETY: it is the box that `register` gave to Node.
    let host = unsafe { Box::from_raw(host.cast::<Host>()) };
    // There is nobody left to tell of a panic.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(host)));
}
