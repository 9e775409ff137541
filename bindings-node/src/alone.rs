//! What is asked of a shop whose database is not opened for it.

use ghlkit::{
    config::Config,
    native::{self, OpenOptions},
    ops::{self, Cancel},
    sync::DoctorOptions,
};

use crate::{
    border::{Call, Keep, Result, Value},
    oauth,
    runtime::Runtime,
};

/// `syncAlone(settings: string, op: string, args: string, oauth?: OAuthHandle, cancel?: CancelHandle): Promise<string>`
pub(crate) fn call<'a>(call: &Call<'a>) -> Result<Value<'a>> {
    let settings = call.owned_text((0, "settings"))?;
    let (op, args) = (call.owned_text((1, "op"))?, call.owned_text((2, "args"))?);
    let app = oauth::tokens(call, (3, "oauth"))?.map(|(tokens, _)| tokens);
    let cancel = call.optional_handle::<Cancel>((4, "cancel"))?.cloned().unwrap_or_default();
    let runtime = Runtime::shared()?;
    let open = OpenOptions { app, ..OpenOptions::default() };
    call.env.host()?.settled(call.env, Keep::Running, &runtime, async move {
        let done = async move {
            // What is wrong with the settings is what it tells.
            if op == "doctor" {
                let look_at = match DoctorOptions::from_json(&args) {
                    Ok(look_at) => look_at,
                    Err(error) => return ops::error_text(&error),
                };
                return ops::settle_value(Ok(native::doctor(&settings, open, &look_at).await));
            }
            let config = match open.app {
                Some(_) => Config::without_tokens(&settings),
                None => Config::from_json(&settings),
            };
            match config.and_then(|config| native::unopened(config, open)) {
                Ok(engine) => ops::engine_call(&engine, &op, &args).await,
                Err(error) => ops::error_text(&error),
            }
        };
        cancel.guard(Box::pin(done)).await
    })
}
