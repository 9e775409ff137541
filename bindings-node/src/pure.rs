//! What needs no I/O: it is done by the time the call returns.

use ghlkit::ops::{self, Opener};

use crate::border::{Call, Handle, Result, Space, Value};

impl Handle for Opener {
    const MADE_BY: &'static str = "verifierNew";
}

/// `version(): string`
pub(crate) fn version<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.env.text(env!("CARGO_PKG_VERSION"))
}

/// `evaluate(op: string, args: string): string`
pub(crate) fn evaluate<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let (mut op, mut args) = (Space::<64>::new(), Space::<4096>::new());
    let (op, args) = (call.text((0, "op"), &mut op)?, call.text((1, "args"), &mut args)?);
    call.env.text(&ops::evaluate(op, args))
}

/// `verifierNew(spec: string): VerifierHandle`
pub(crate) fn verifier_new<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let mut spec = Space::<1024>::new();
    call.env.handle(Opener::new(ops::verifier(call.text((0, "spec"), &mut spec)?)?))
}

/// `webhookOpen(verifier: VerifierHandle, body: Uint8Array, headers: string, nowMs: number): string`
pub(crate) fn webhook_open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    verified(call, Opener::open)
}

/// `webhookRead(verifier: VerifierHandle, body: Uint8Array, headers: string, nowMs: number): string`
pub(crate) fn webhook_read<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    verified(call, Opener::read)
}

#[inline]
fn verified<'a>(call: &Call<'a>, open: impl Fn(&Opener, &[u8], &str, i64) -> String) -> Result<Value<'a>> {
    let verifier = call.handle::<Opener>((0, "verifier"))?;
    let body = call.bytes((1, "body"))?;
    let mut headers = Space::<2048>::new();
    let headers = call.text((2, "headers"), &mut headers)?;
    let now_ms = call.milliseconds((3, "nowMs"))?;
    call.env.text(&open(verifier, body, headers, now_ms))
}

/// `webhookParse(body: Uint8Array): string`
pub(crate) fn webhook_parse<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.env.text(&ops::parse_webhook(call.bytes((0, "body"))?))
}
