//! The border to JavaScript, and the only room with `unsafe` in it.
//!
//! It speaks Node-API directly: a `#[napi]` function costs the hot path 160 ns more than what it does
//! (measured on a verified webhook of 1 KB: 370 ns against 210), and 0.2 ms of `require`. In return, what
//! leaves this room is safe: arguments are checked, no panic and no error crosses unconverted.
#![allow(unsafe_code)]
#![deny(clippy::undocumented_unsafe_blocks, unsafe_op_in_unsafe_fn)]

mod bytes;
mod call;
mod env;
mod function;
mod handle;
mod host;
mod mailbox;
mod module;
mod thrown;

pub(crate) use call::{Body, Call, Space};
pub(crate) use env::{Env, Value};
pub(crate) use function::Function;
pub(crate) use handle::Handle;
pub(crate) use host::{Host, Keep, Resident};
pub(crate) use module::Export;
pub(crate) use thrown::{Result, lost};
