use std::{ptr, slice};

use napi_sys as sys;

use super::Env;

const SHARED: &str =
    "expected bytes that no other thread can write to, got a SharedArrayBuffer; copy them first";
const DETACHED: &str = "expected bytes, got a buffer that was transferred away";

/// The bytes of a `Uint8Array`, in place.
///
/// # Errors
/// What is wrong with it; `None` where it is no `Uint8Array` at all.
///
/// # Safety
/// `value` is one of this call. Until the result is dropped no JavaScript runs and no value is moved out.
pub(super) unsafe fn read<'b>(
    env: Env<'_>,
    value: sys::napi_value,
) -> Result<&'b [u8], Option<&'static str>> {
    let (mut kind, mut length, mut offset) = (-1, 0, 0);
    let (mut data, mut buffer) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: all out pointers are locals.
    let status = unsafe {
        sys::napi_get_typedarray_info(
            env.raw(),
            value,
            &mut kind,
            &mut length,
            &mut data,
            &mut buffer,
            &mut offset,
        )
    };
    if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
        return Err(None);
    }
    let mut unshared = false;
    // SAFETY: `buffer` is a value of this call; a SharedArrayBuffer is no ArrayBuffer.
    unsafe { sys::napi_is_arraybuffer(env.raw(), buffer, &mut unshared) };
    if !unshared {
        return Err(Some(SHARED));
    }
    if length > 0 && !data.is_null() {
        // SAFETY: Node says that `length` bytes are at `data`; they stay there until JavaScript runs again.
        return Ok(unsafe { slice::from_raw_parts(data.cast(), length) });
    }
    let mut detached = false;
    // SAFETY: `buffer` is an ArrayBuffer of this call.
    unsafe { sys::napi_is_detached_arraybuffer(env.raw(), buffer, &mut detached) };
    if detached { Err(Some(DETACHED)) } else { Ok(&[]) }
}
