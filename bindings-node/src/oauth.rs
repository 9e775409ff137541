//! An app's installations and their tokens.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Instant};

use futures::FutureExt as _;
use ghlkit::{
    Error,
    client::Shares,
    config::OAuthSettings,
    native::{BackgroundTokens, Database, open_oauth, shares},
    ops::{self, Cancel},
    policy::rate_limit::Limits,
};

use crate::{
    border::{Call, Handle, Keep, Resident, Result, Space, Value},
    runtime::Runtime,
};

/// Tokens, and the database they are kept in.
struct App {
    tokens: BackgroundTokens,
    store: Database,
    runtime: Arc<Runtime>,
}

impl App {
    /// Lets renewals that are under way be saved, and closes the database.
    fn close(&self) -> impl Future<Output = ()> + Send + 'static {
        let (tokens, store) = (self.tokens.clone(), self.store.clone());
        async move {
            tokens.tokens().finish().await;
            store.close().await;
        }
    }
}

/// An app, until it is closed.
struct Slot(RefCell<Option<Rc<App>>>);

/// JavaScript holds one share, the host the other, which closes the database where nobody else does.
struct Opened {
    slot: Rc<Slot>,
    id: u64,
}

impl Handle for Opened {
    const MADE_BY: &'static str = "oauthOpen";
}

impl Resident for Slot {
    fn stop(&self) {}

    fn leave(&self, until: Instant) {
        if let Some(app) = self.0.take() {
            app.runtime.wait(app.close(), until);
        }
    }
}

impl Opened {
    fn open(&self) -> Result<Rc<App>, Error> {
        let closed =
            || Error::invalid("oauth", "expected one that is open, but it was closed; open it again");
        self.slot.0.borrow().clone().ok_or_else(closed)
    }
}

/// The tokens of an app, for a client, and the limits that it shares with all who open the database.
pub(crate) fn tokens(
    call: &Call<'_>,
    argument: (usize, &'static str),
) -> Result<Option<(BackgroundTokens, Arc<dyn Shares>)>> {
    let opened = call.optional_handle::<Opened>(argument)?;
    let parts = |opened: &Opened| {
        let app = opened.open()?;
        let shares = shares(&app.store, app.tokens.tokens().app_id().as_str(), Limits::default());
        Ok((app.tokens.clone(), shares))
    };
    opened.map(parts).transpose()
}

/// `oauthOpen(settings: string): Promise<OAuthHandle>`
pub(crate) fn open<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let settings = call.owned_text((0, "settings"))?;
    let runtime = Runtime::shared()?;
    let opened = async move { Ok(open_oauth(OAuthSettings::from_json(&settings)?).await?) };
    call.env.host()?.promise(call.env, Keep::Running, &runtime, opened, |env, host, outcome| {
        let (tokens, store) = outcome?;
        // The same as above, which this promise keeps.
        let runtime = Runtime::shared()?;
        let slot = Rc::new(Slot(RefCell::new(Some(Rc::new(App { tokens, store, runtime })))));
        let id = host.lodge(slot.clone());
        env.handle(Opened { slot, id })
    })
}

/// `oauthAuthorizeUrl(oauth: OAuthHandle, session: string): string`
pub(crate) fn authorize_url<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let app = call.handle::<Opened>((0, "oauth"))?.open()?;
    let mut session = Space::<256>::new();
    call.env.text(&ops::authorize_url(app.tokens.tokens(), call.text((1, "session"), &mut session)?))
}

/// `oauthCall(oauth: OAuthHandle, op: string, args: string, cancel?: CancelHandle): Promise<string>`
pub(crate) fn call<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let opened = call.handle::<Opened>((0, "oauth"))?;
    let (op, args) = (call.owned_text((1, "op"))?, call.owned_text((2, "args"))?);
    let cancel = call.optional_handle::<Cancel>((3, "cancel"))?.cloned().unwrap_or_default();
    match opened.open() {
        Ok(app) => {
            let tokens = app.tokens.clone();
            call.env.host()?.settled(call.env, Keep::Running, &app.runtime, async move {
                cancel.guard(ops::oauth_call(tokens.tokens(), &op, &args)).await
            })
        }
        Err(closed) => call.env.resolved(call.env.text(&ops::error_text(&closed))?),
    }
}

/// `oauthClose(oauth: OAuthHandle): Promise<string>`
pub(crate) fn close<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let opened = call.handle::<Opened>((0, "oauth"))?;
    let Some(app) = opened.slot.0.take() else {
        return call.env.resolved(call.env.text(&ops::settle(Ok("null".to_owned())))?);
    };
    call.env.host()?.dismiss(opened.id);
    let text = app.close().map(|()| ops::settle(Ok("null".to_owned())));
    call.env.host()?.settled(call.env, Keep::Running, &app.runtime, text)
}
