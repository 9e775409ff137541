//! The tokens as a whole, on a scripted transport, the manual clock and a store in memory. A second
//! [`OAuthTokens`] on the same store is what a second process is.

mod install;
mod mint;
mod processes;
mod refresh;
mod rekey;
mod secrets;
mod store;

use std::{future::Future, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Keyring, OAuthApp, OAuthPorts, OAuthTokens};
use crate::{
    error::{Error, Result},
    ids::{AppId, CompanyId, LocationId},
    ports::{
        Clock, TokenSource,
        store::{TokenRow, TokenStore, TokenSubject},
    },
    secret::Secret,
    testing::{ManualClock, ScriptedTransport, SeededEntropy, Step, drive},
};
use store::Faulty;

const START: i64 = 1_800_000_000_000;
const CLIENT_SECRET: &str = "c1ient/5ecret&+";
/// The life of the tokens here.
const LIFE_MS: i64 = 86_399_000;

fn keys(ids: &[&str]) -> Keyring {
    let item = |id: &&str| format!("{id}:{}", STANDARD.encode([id.len() as u8; 32]));
    Keyring::parse(&ids.iter().map(item).collect::<Vec<_>>().join(",")).unwrap()
}

fn app() -> OAuthApp {
    OAuthApp::new("app1-x", Secret::new(CLIENT_SECRET), "https://shop.example/cb", ["contacts.readonly"])
}

struct Rig {
    clock: ManualClock,
    transport: ScriptedTransport,
    store: Faulty,
    location: LocationId,
}

impl Rig {
    fn new() -> Self {
        let clock = ManualClock::new(START);
        let transport = ScriptedTransport::new(clock.clone());
        Self { clock, transport, store: Faulty::default(), location: LocationId::new("loc1") }
    }

    /// A rig with location `loc1` installed, whose tokens are `a0` and `r0`, and its first process.
    fn installed() -> (Self, OAuthTokens) {
        let rig = Self::new();
        let tokens = rig.process(1);
        rig.install(&tokens, granted("loc1", 0));
        (rig, tokens)
    }

    fn process(&self, seed: u64) -> OAuthTokens {
        self.process_with(seed, app(), &["k1"])
    }

    fn process_with(&self, seed: u64, app: OAuthApp, key_ids: &[&str]) -> OAuthTokens {
        let ports = OAuthPorts {
            transport: Arc::new(self.transport.clone()),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(SeededEntropy::new(seed)),
            store: Arc::new(self.store.clone()),
        };
        OAuthTokens::new(app, keys(key_ids), ports).unwrap()
    }

    fn install(&self, tokens: &OAuthTokens, reply: Value) {
        self.script([ok(reply)]);
        self.drive(tokens.exchange_code("c0de")).unwrap();
    }

    fn script(&self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.transport.then(step);
        }
    }

    fn drive<F: Future>(&self, future: F) -> F::Output {
        drive(&self.clock, future).expect("it comes to an end")
    }

    fn token(&self, tokens: &OAuthTokens) -> Result<String> {
        self.drive(tokens.token(&self.location)).map(|token| token.expose().to_owned())
    }

    fn renew(&self, tokens: &OAuthTokens, rejected: &str) -> Result<String> {
        let renewed = self.drive(tokens.renew(&self.location, &Secret::new(rejected)));
        renewed.map(|token| token.unwrap().expose().to_owned())
    }

    /// The requests after the first `from`: path and the named fields of their forms.
    fn asked(&self, from: usize) -> Vec<String> {
        let line = |sent: &crate::testing::Sent| {
            let path = sent.request.url.split_once(".com").unwrap().1.to_owned();
            let form = String::from_utf8(sent.request.body.clone()).unwrap();
            let fields = form.split('&').filter(|field| {
                ["refresh_token=", "code=", "locationId="].iter().any(|name| field.starts_with(name))
            });
            fields.fold(path, |line, field| format!("{line} {field}"))
        };
        self.transport.sent().iter().skip(from).map(line).collect()
    }

    fn row(&self, subject: &TokenSubject) -> Option<TokenRow> {
        self.store.rows.lock().unwrap().get(subject).cloned()
    }

    fn location_row(&self) -> TokenRow {
        self.row(&location("loc1")).expect("the row is there")
    }

    /// Moves time to the point where this share of the tokens' life is left.
    fn leave(&self, share: f64) {
        self.clock.advance_to(START + (LIFE_MS as f64 * (1.0 - share)) as i64);
    }

    fn now(&self) -> i64 {
        self.clock.now_ms()
    }
}

fn location(id: &str) -> TokenSubject {
    TokenSubject::Location(LocationId::new(id))
}

fn company(id: &str) -> TokenSubject {
    TokenSubject::Company(CompanyId::new(id))
}

/// The n-th tokens of a location.
fn granted(location: &str, n: u32) -> Value {
    json!({
        "access_token": format!("a{n}"),
        "refresh_token": format!("r{n}"),
        "expires_in": LIFE_MS / 1000,
        "userType": "Location",
        "locationId": location,
        "companyId": "com1",
        "userId": "u1",
        "scope": "contacts.readonly oauth.write",
    })
}

/// The n-th tokens of the agency.
fn granted_company(n: u32) -> Value {
    json!({
        "access_token": format!("ca{n}"),
        "refresh_token": format!("cr{n}"),
        "expires_in": LIFE_MS / 1000,
        "userType": "Company",
        "companyId": "com1",
        "userId": "u1",
    })
}

fn ok(reply: Value) -> Step {
    Step::reply(200, reply.to_string())
}

fn invalid_grant() -> Step {
    Step::reply(400, r#"{"error":"invalid_grant","error_description":"This refresh token is invalid"}"#)
}

fn code_of<T: std::fmt::Debug>(result: Result<T>) -> crate::Code {
    Error::code(&result.unwrap_err())
}
