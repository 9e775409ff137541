//! A database by itself: what receivers and clients share through it.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Instant};

use futures::FutureExt as _;
use ghlkit::{
    Error,
    client::Shares,
    config::DatabaseUrl,
    native::{Database, DatabaseOptions, shares},
    ops,
    policy::rate_limit::Limits,
};

use crate::{
    border::{Call, Handle, Keep, Resident, Result, Value},
    runtime::Runtime,
};

/// A database, until it is closed.
struct Slot(RefCell<Option<(Database, Arc<Runtime>)>>);

/// JavaScript holds one share, the host the other, which closes the database where nobody else does.
struct Opened {
    slot: Rc<Slot>,
    id: u64,
}

impl Handle for Opened {
    const MADE_BY: &'static str = "databaseOpen";
}

impl Resident for Slot {
    fn stop(&self) {}

    fn leave(&self, until: Instant) {
        if let Some((database, runtime)) = self.0.take() {
            runtime.wait(async move { database.close().await }, until);
        }
    }
}

impl Opened {
    fn open(&self) -> Result<(Database, Arc<Runtime>), Error> {
        let closed =
            || Error::invalid("database", "expected one that is open, but it was closed; open it again");
        self.slot.0.borrow().clone().ok_or_else(closed)
    }
}

/// The limits of private integrations, which a client shares with all who open the database.
pub(crate) fn limits(call: &Call<'_>, argument: (usize, &'static str)) -> Result<Option<Arc<dyn Shares>>> {
    let opened = call.optional_handle::<Opened>(argument)?;
    let shared = |opened: &Opened| Ok(shares(&opened.open()?.0, "", Limits::default()));
    opened.map(shared).transpose()
}

/// `databaseOpen(settings: string): Promise<DatabaseHandle>`
pub(crate) fn open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let settings = call.owned_text((0, "settings"))?;
    let runtime = Runtime::shared()?;
    let opened = async move {
        Ok(Database::open(&DatabaseUrl::from_json(&settings)?, DatabaseOptions::default()).await?)
    };
    call.env.host()?.promise(call.env, Keep::Running, &runtime, opened, |env, host, outcome| {
        let database = outcome?;
        // The same as above, which this promise keeps.
        let runtime = Runtime::shared()?;
        let slot = Rc::new(Slot(RefCell::new(Some((database, runtime)))));
        let id = host.lodge(slot.clone());
        env.handle(Opened { slot, id })
    })
}

/// `databaseCall(database: DatabaseHandle, op: string, args: string): Promise<string>`
pub(crate) fn call<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let opened = call.handle::<Opened>((0, "database"))?;
    let (op, args) = (call.owned_text((1, "op"))?, call.owned_text((2, "args"))?);
    match opened.open() {
        Ok((database, runtime)) => call.env.host()?.settled(call.env, Keep::Running, &runtime, async move {
            ops::database_call(&*database.seen(), &op, &args).await
        }),
        Err(closed) => call.env.resolved(call.env.text(&ops::error_text(&closed))?),
    }
}

/// `databaseClose(database: DatabaseHandle): Promise<string>`
pub(crate) fn close<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let opened = call.handle::<Opened>((0, "database"))?;
    let Some((database, runtime)) = opened.slot.0.take() else {
        return call.env.resolved(call.env.text(&ops::settle(Ok("null".to_owned())))?);
    };
    call.env.host()?.dismiss(opened.id);
    let text = async move { database.close().await }.map(|()| ops::settle(Ok("null".to_owned())));
    call.env.host()?.settled(call.env, Keep::Running, &runtime, text)
}
