//! What happens in the process, for its monitoring.

use std::sync::{Mutex, PoisonError};

use ghlkit::native::monitor::{self, Listening};

use crate::border::{Call, Handle, Result, Value};

/// Somebody listens, until this ends or JavaScript does.
struct Open(Mutex<Option<Listening>>);

impl Handle for Open {
    const MADE_BY: &'static str = "monitorOpen";
}

/// `monitorOpen(listener: (observation: string) => void): MonitorHandle`
pub(crate) fn open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let listener = call.env.host()?.listener(call.env, call.function((0, "listener"))?)?;
    call.env.handle(Open(Mutex::new(Some(monitor::listen(listener)?))))
}

/// `monitorEnd(monitor: MonitorHandle): void`
pub(crate) fn end<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let listening =
        call.handle::<Open>((0, "monitor"))?.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(listening);
    Ok(call.env.undefined())
}
