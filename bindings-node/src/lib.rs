//! The Node binding of ghlkit. It converts, and decides nothing: each function hands its arguments to
//! [`ghlkit::ops`] and returns the text that comes of it.
//!
//! What JavaScript holds on to (a verifier, a client, a database, an app, an engine) is an opaque handle that free functions
//! take. A wrong argument throws an `Error` whose message is a settled text, `{"error":{…}}`, that names it.
//! Promises of calls never reject: they resolve to a settled text.

mod alone;
mod border;
mod client;
mod database;
mod monitor;
mod oauth;
mod pure;
mod runtime;
mod sync;
mod watch;

use std::ffi::CStr;

use border::{Body, Export};

static EXPORTS: &[Export] = &[
    export(c"version", pure::version),
    export(c"evaluate", pure::evaluate),
    export(c"verifierNew", pure::verifier_new),
    export(c"webhookOpen", pure::webhook_open),
    export(c"webhookRead", pure::webhook_read),
    export(c"webhookParse", pure::webhook_parse),
    export(c"clientNew", client::client_new),
    export(c"clientCall", client::client_call),
    export(c"clientListen", client::client_listen),
    export(c"cancelNew", client::cancel_new),
    export(c"cancelFire", client::cancel_fire),
    export(c"databaseOpen", database::open),
    export(c"databaseCall", database::call),
    export(c"databaseClose", database::close),
    export(c"monitorOpen", monitor::open),
    export(c"monitorEnd", monitor::end),
    export(c"oauthOpen", oauth::open),
    export(c"oauthAuthorizeUrl", oauth::authorize_url),
    export(c"oauthCall", oauth::call),
    export(c"oauthClose", oauth::close),
    export(c"syncOpen", sync::open),
    export(c"syncAlone", alone::call),
    export(c"syncCall", sync::call),
    export(c"syncReceive", sync::receive),
    export(c"syncStart", sync::start),
    export(c"syncStopped", sync::stopped),
    export(c"syncStop", sync::stop),
    export(c"syncClose", sync::close),
    export(c"syncListen", sync::listen),
    export(c"syncPoll", sync::poll),
    export(c"syncDone", sync::done),
    export(c"syncFailed", sync::failed),
    export(c"watchOpen", watch::open),
    export(c"watchNext", watch::next),
    export(c"watchEnd", watch::end),
];

const fn export(name: &'static CStr, body: Body) -> Export {
    Export { name, body }
}
