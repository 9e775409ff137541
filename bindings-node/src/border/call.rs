use std::{mem::MaybeUninit, ptr, slice};

use ghlkit::Error;
use napi_sys as sys;

use super::{
    Env, Function, Handle, Value, bytes, handle,
    thrown::{Result, Thrown, check},
};

/// As many arguments as any function takes.
const MAX_ARGUMENTS: usize = 5;

/// A call from JavaScript.
pub(crate) struct Call<'a> {
    /// Where its result is made.
    pub(crate) env: Env<'a>,
    arguments: [sys::napi_value; MAX_ARGUMENTS],
}

/// An argument: its position, and its name for whoever got it wrong.
pub(crate) type Argument = (usize, &'static str);

/// Room on the stack for a short text from JavaScript; a longer one takes the heap.
pub(crate) struct Space<const N: usize> {
    short: [MaybeUninit<u8>; N],
    long: Vec<u8>,
}

impl<const N: usize> Space<N> {
    /// Room that is still empty.
    pub(crate) const fn new() -> Self {
        Self { short: [MaybeUninit::uninit(); N], long: Vec::new() }
    }
}

impl<'a> Call<'a> {
    /// The arguments of a call, and the data its function was made with.
    ///
    /// # Safety
    /// Node handed both to the callback that runs.
    pub(super) unsafe fn from_raw<T>(
        env: sys::napi_env,
        info: sys::napi_callback_info,
    ) -> Result<(Self, *const T)> {
        let mut arguments = [ptr::null_mut(); MAX_ARGUMENTS];
        let (mut count, mut data) = (MAX_ARGUMENTS, ptr::null_mut());
        // SAFETY: `arguments` has room for `count` values; those that were not given become `undefined`.
        check(unsafe {
            sys::napi_get_cb_info(env, info, &mut count, arguments.as_mut_ptr(), ptr::null_mut(), &mut data)
        })?;
        // SAFETY: as this function's caller promises.
        Ok((Self { env: unsafe { Env::from_raw(env) }, arguments }, data.cast_const().cast()))
    }

    /// An argument that is a string, kept in `space`.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else.
    pub(crate) fn text<'s, const N: usize>(
        &self,
        argument: Argument,
        space: &'s mut Space<N>,
    ) -> Result<&'s str> {
        /// The longest a character can be; Node does not write part of one.
        const CHARACTER: usize = 4;
        let value = self.get(argument);
        let mut length = 0;
        // SAFETY: Node writes at most N bytes, the NUL at the end included, and says how many.
        let status = unsafe {
            let to = space.short.as_mut_ptr().cast();
            sys::napi_get_value_string_utf8(self.env.raw(), value, to, N, &mut length)
        };
        if status != sys::Status::napi_ok {
            return Err(self.wrong(argument, "a string"));
        }
        let written = if length + CHARACTER < N {
            // SAFETY: the first `length` bytes were written.
            unsafe { slice::from_raw_parts(space.short.as_ptr().cast(), length) }
        } else {
            space.long = self.long_text(value)?;
            &space.long
        };
        // Node replaces what is no Unicode, so this only fails where Node breaks its word.
        std::str::from_utf8(written).map_err(|_| self.wrong(argument, "a string"))
    }

    fn long_text(&self, value: sys::napi_value) -> Result<Vec<u8>> {
        let mut length = 0;
        // SAFETY: without room to write to, Node only says how long the string is.
        check(unsafe {
            sys::napi_get_value_string_utf8(self.env.raw(), value, ptr::null_mut(), 0, &mut length)
        })?;
        let mut text = Vec::<u8>::with_capacity(length + 1);
        // SAFETY: Node writes at most the capacity given, the NUL at the end included, and says how much.
        check(unsafe {
            let to = text.as_mut_ptr().cast();
            sys::napi_get_value_string_utf8(self.env.raw(), value, to, text.capacity(), &mut length)
        })?;
        // SAFETY: that many bytes were written, within the capacity.
        unsafe { text.set_len(length) };
        Ok(text)
    }

    /// An argument that is a string, for a call that outlives this one.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else.
    pub(crate) fn owned_text(&self, argument: Argument) -> Result<String> {
        self.text(argument, &mut Space::<1024>::new()).map(str::to_owned)
    }

    /// An argument that is a `Uint8Array`, in place: nothing else runs until this call returns.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else, its buffer was detached, or other threads may write to it.
    pub(crate) fn bytes(&self, argument: Argument) -> Result<&[u8]> {
        // SAFETY: the argument is a value of this call. While the bytes are borrowed no JavaScript runs, so
        // the buffer is neither detached nor resized, and it is not one that other threads share.
        unsafe { bytes::read(self.env, self.get(argument)) }.map_err(|expected| match expected {
            Some(expected) => Error::invalid(argument.1, expected).into(),
            None => self.wrong(argument, "a Uint8Array"),
        })
    }

    /// An argument that is a time in epoch milliseconds.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else, infinite, or not a number.
    pub(crate) fn milliseconds(&self, argument: Argument) -> Result<i64> {
        let mut number = f64::NAN;
        // SAFETY: the argument is a value of this call, the out pointer a local.
        unsafe { sys::napi_get_value_double(self.env.raw(), self.get(argument), &mut number) };
        if number.is_finite() {
            // A time beyond the range of `i64` becomes its nearest.
            #[allow(clippy::cast_possible_truncation)]
            return Ok(number as i64);
        }
        Err(self.wrong(argument, "a finite number of milliseconds"))
    }

    /// An argument that is `true` or `false`.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else.
    pub(crate) fn flag(&self, argument: Argument) -> Result<bool> {
        let mut flag = false;
        // SAFETY: the argument is a value of this call, the out pointer a local.
        let status = unsafe { sys::napi_get_value_bool(self.env.raw(), self.get(argument), &mut flag) };
        if status == sys::Status::napi_ok { Ok(flag) } else { Err(self.wrong(argument, "a boolean")) }
    }

    /// An argument that is a function, to be called later.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else.
    pub(crate) fn function(&self, argument: Argument) -> Result<Function> {
        if self.type_of(argument) != sys::ValueType::napi_function {
            return Err(self.wrong(argument, "a function"));
        }
        // SAFETY: it is a function of this call.
        unsafe { Function::new(self.env, self.get(argument)) }
    }

    /// An argument that is a handle this addon made.
    ///
    /// # Errors
    /// `invalid_argument`: it is something else, a handle of another kind, or of another copy of the addon.
    pub(crate) fn handle<T: Handle>(&self, argument: Argument) -> Result<&T> {
        // SAFETY: the argument is a value of this call, which keeps the handle from being collected.
        unsafe { handle::get(self.env, self.get(argument)) }
            .ok_or_else(|| self.wrong(argument, format_args!("what {} returned", T::MADE_BY)))
    }

    /// An argument that is a handle, or left out.
    ///
    /// # Errors
    /// As [`Call::handle`].
    pub(crate) fn optional_handle<T: Handle>(&self, argument: Argument) -> Result<Option<&T>> {
        match self.type_of(argument) {
            sys::ValueType::napi_undefined | sys::ValueType::napi_null => Ok(None),
            _ => self.handle(argument).map(Some),
        }
    }

    fn get(&self, (position, _): Argument) -> sys::napi_value {
        self.arguments.get(position).copied().unwrap_or_default()
    }

    fn type_of(&self, argument: Argument) -> sys::napi_valuetype {
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: the argument is a value of this call, the out pointer a local.
        unsafe { sys::napi_typeof(self.env.raw(), self.get(argument), &mut kind) };
        kind
    }

    fn wrong(&self, argument: Argument, expected: impl std::fmt::Display) -> Thrown {
        let got = match self.type_of(argument) {
            sys::ValueType::napi_undefined => "undefined",
            sys::ValueType::napi_null => "null",
            sys::ValueType::napi_boolean => "a boolean",
            sys::ValueType::napi_number => "a number",
            sys::ValueType::napi_string => "a string",
            sys::ValueType::napi_symbol => "a symbol",
            sys::ValueType::napi_function => "a function",
            sys::ValueType::napi_external => "another handle",
            sys::ValueType::napi_bigint => "a bigint",
            _ => "an object",
        };
        Error::invalid(argument.1, format_args!("expected {expected}, got {got}")).into()
    }
}

impl<'a> From<&Call<'a>> for Env<'a> {
    fn from(call: &Call<'a>) -> Self {
        call.env
    }
}

/// What a function of the binding is.
pub(crate) type Body = for<'a> fn(&Call<'a>) -> Result<Value<'a>>;
