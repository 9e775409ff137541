use std::ptr;

use ghlkit::{Code, Error, ops::error_text};
use napi_sys as sys;

use super::Env;

/// What ends a call from JavaScript early: the message of the `Error` it throws, a settled text.
#[derive(Debug)]
pub(crate) struct Thrown(String);

/// A result whose error becomes a JavaScript exception.
pub(crate) type Result<T, E = Thrown> = std::result::Result<T, E>;

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Self(error_text(&error))
    }
}

impl Thrown {
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The settled text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// Lets the JavaScript that called see this as an exception, unless one is on its way already.
    pub(super) fn throw(&self, env: Env<'_>) {
        let mut pending = false;
        // SAFETY: `env` is that of the call that is being made; the out pointer is a local.
        let known = unsafe { sys::napi_is_exception_pending(env.raw(), &mut pending) };
        if known == sys::Status::napi_ok && pending {
            return;
        }
        match env.error(&self.0) {
            // SAFETY: the error is a value of the same call.
            Ok(error) => unsafe { sys::napi_throw(env.raw(), error.raw()) },
            // SAFETY: the message ends in NUL, as the length -1 of C strings asks for.
            Err(_) => unsafe { sys::napi_throw_error(env.raw(), ptr::null(), c"ghlkit".as_ptr()) },
        };
    }
}

/// Takes the status of a Node-API function.
///
/// # Errors
/// It was not `napi_ok`: Node is shutting down, or out of memory.
pub(super) fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    let message = format!("Node-API refused a conversion with status {status}");
    Err(Error::new(Code::UnexpectedReply, message).into())
}

/// A defect: some code panicked. What it had begun may have taken effect.
pub(crate) fn lost() -> Thrown {
    let message =
        "ghlkit failed unexpectedly, which is a defect of its own; look at what was done before repeating";
    Error::new(Code::OutcomeUnknown, message).into()
}
