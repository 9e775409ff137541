//! Calls to GHL's API.

use std::sync::Arc;

use ghlkit::{
    client::Client,
    config::ClientSettings,
    ids::LocationId,
    native::{OsEntropy, SystemClock},
    ops::{self, Cancel, Hooks},
};

use crate::{
    border::{Call, Handle, Keep, Result, Space, Value},
    database, oauth,
    runtime::Runtime,
};

/// A client, and the threads its calls run on.
struct Connected {
    ghl: Arc<(Client, Option<LocationId>)>,
    hooks: Hooks,
    runtime: Arc<Runtime>,
}

impl Handle for Connected {
    const MADE_BY: &'static str = "clientNew";
}

impl Handle for Cancel {
    const MADE_BY: &'static str = "cancelNew";
}

/// `clientNew(settings: string, oauth?: OAuthHandle, database?: DatabaseHandle): ClientHandle`
pub(crate) fn client_new<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let mut settings = Space::<4096>::new();
    let settings = call.text((0, "settings"), &mut settings)?;
    let app = oauth::tokens(call, (1, "oauth"))?;
    let limits = database::limits(call, (2, "database"))?;
    let shared = app.is_some() || limits.is_some();
    let runtime = Runtime::shared()?;
    let (transport, clock, entropy) =
        (Arc::new(runtime.transport()?), Arc::new(SystemClock), Arc::new(OsEntropy));
    let (client, location) = match app {
        None => ClientSettings::from_json(settings)?.build(limits, transport, clock, entropy)?,
        Some((tokens, shares)) => {
            let settings = ClientSettings::without_token(settings)?;
            settings.build_on(Arc::new(tokens), Some(shares), transport, clock, entropy)?
        }
    };
    if shared {
        runtime.spawn(client.keep_shares());
    }
    let hooks = Hooks::new();
    let ghl = Arc::new((hooks.observing(&client), location));
    call.env.handle(Connected { ghl, hooks, runtime })
}

/// `clientCall(client: ClientHandle, op: string, args: string, options: string, cancel?: CancelHandle): Promise<string>`
pub(crate) fn client_call<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let Connected { ghl, runtime, .. } = call.handle((0, "client"))?;
    let (op, args, options) =
        (call.owned_text((1, "op"))?, call.owned_text((2, "args"))?, call.owned_text((3, "options"))?);
    let cancel = call.optional_handle::<Cancel>((4, "cancel"))?.cloned();
    let ghl = ghl.clone();
    call.env.host()?.settled(call.env, Keep::Running, runtime, async move {
        let (client, location) = &*ghl;
        let call = ops::call(client, location.as_ref(), &op, &args, &options);
        match cancel {
            Some(cancel) => cancel.guard(call).await,
            None => call.await,
        }
    })
}

/// `clientListen(client: ClientHandle, kinds: string, listener: (event: string) => void): void`
pub(crate) fn client_listen<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let Connected { hooks, .. } = call.handle((0, "client"))?;
    let mut kinds = Space::<64>::new();
    let kinds = call.text((1, "kinds"), &mut kinds)?;
    let listener = call.env.host()?.listener(call.env, call.function((2, "listener"))?)?;
    hooks.listen(kinds, listener)?;
    Ok(call.env.undefined())
}

/// `cancelNew(): CancelHandle`
pub(crate) fn cancel_new<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.env.handle(Cancel::new())
}

/// `cancelFire(cancel: CancelHandle): void`
pub(crate) fn cancel_fire<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    call.handle::<Cancel>((0, "cancel"))?.fire();
    Ok(call.env.undefined())
}
