use std::{fmt, sync::Arc, time::Duration};

use crate::{
    client::Direct,
    error::{Code, Error, Result},
    ids::AppId,
    ports::{
        Clock, Entropy, HttpTransport,
        store::{TokenState, TokenStore, TokenSubject},
    },
    secret::Secret,
};

use super::{
    Keyring, OAuthApp,
    renewal::Renewal,
    slot::{Look, Slot, Slots},
    vault::{Tokens, Vault, same},
};

/// The limit of one exchange with the OAuth routes. Three of them fit into the 30 seconds in which HighLevel
/// answers the same refresh token alike.
pub(super) const TIMEOUT: Duration = Duration::from_secs(8);
/// How long a call waits for another process that renews its token, in milliseconds.
const PATIENCE_MS: i64 = 40_000;
/// The same as a number of looks, whatever the clock does.
const LOOKS: usize = 2_000;

/// What [`OAuthTokens`] is built on.
#[derive(Clone)]
pub struct OAuthPorts {
    /// Sends the requests.
    pub transport: Arc<dyn HttpTransport>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Jitter, nonces and the name of this process among those that share the store.
    pub entropy: Arc<dyn Entropy>,
    /// Keeps the tokens, encrypted.
    pub store: Arc<dyn TokenStore>,
}

/// The tokens of an app's installations: it obtains them, keeps them, renews them, and hands them out as the
/// [`TokenSource`](crate::ports::TokenSource) of a client. Clones share what they remember.
///
/// A token is renewed from a random point in the last 10 to 20 % of its life, by one caller of one process;
/// everybody else goes on with the token that still holds, or waits for the new one if it does not.
#[derive(Clone)]
pub struct OAuthTokens {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) app: OAuthApp,
    pub(super) direct: Direct,
    pub(super) vault: Vault,
    pub(super) slots: Slots,
    /// The name of this process in leases.
    pub(super) owner: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for OAuthTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthTokens").field("app", &self.inner.app).finish_non_exhaustive()
    }
}

impl OAuthTokens {
    /// The tokens of an app.
    ///
    /// # Errors
    /// `config`, as [`OAuthApp::check`].
    pub fn new(app: OAuthApp, keys: Keyring, ports: OAuthPorts) -> Result<Self> {
        app.check()?;
        let OAuthPorts { transport, clock, entropy, store } = ports;
        let base_url = app.base_url.trim_end_matches('/').to_owned();
        let inner = Inner {
            direct: Direct { transport, clock: Arc::clone(&clock), base_url, timeout: TIMEOUT },
            vault: Vault {
                store,
                keys,
                app: app.id(),
                clock: Arc::clone(&clock),
                entropy: Arc::clone(&entropy),
            },
            slots: Slots::default(),
            owner: entropy.hex_id(),
            app,
            clock,
            entropy,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The app.
    pub fn app_id(&self) -> &AppId {
        &self.inner.vault.app
    }
}

impl Inner {
    pub(super) fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Milliseconds at random between these, so that those who wait do not come back together.
    pub(super) fn jitter(&self, least: u32, most: u32) -> u64 {
        (f64::from(least) + self.entropy.unit() * f64::from(most - least)) as u64
    }

    pub(super) async fn nap(&self, least: u32, most: u32) {
        self.clock.sleep(Duration::from_millis(self.jitter(least, most))).await;
    }

    /// The token to use now.
    pub(super) async fn token_of(&self, subject: &TokenSubject) -> Result<Secret> {
        let slot = self.slots.of(subject);
        match slot.look(self.now()) {
            Look::Fresh(token) => return Ok(token),
            Look::Failing(error) => return Err(error),
            Look::Due(token) => match slot.flight.try_lock() {
                // A store that is down takes nothing from a token that holds.
                Some(_flight) => match self.attend(&slot, subject, None).await {
                    Err(error) if error.code() != Code::Reauthorize => {
                        slot.postpone(self.now().saturating_add_unsigned(self.jitter(1_000, 2_000)));
                        return Ok(token);
                    }
                    result => return result,
                },
                // Somebody is at it.
                None => return Ok(token),
            },
            Look::Absent => {}
        }
        let _flight = slot.flight.lock().await;
        match slot.look(self.now()) {
            Look::Fresh(token) | Look::Due(token) => Ok(token),
            Look::Failing(error) => Err(error),
            Look::Absent => self.attend(&slot, subject, None).await,
        }
    }

    /// Another token than the one GHL refuses.
    pub(super) async fn renewed(&self, subject: &TokenSubject, rejected: &Secret) -> Result<Secret> {
        let slot = self.slots.of(subject);
        slot.reject(rejected);
        let _flight = slot.flight.lock().await;
        match slot.look(self.now()) {
            Look::Fresh(token) | Look::Due(token) if token.expose() != rejected.expose() => Ok(token),
            Look::Failing(error) => Err(error),
            _ => self.attend(&slot, subject, Some(rejected)).await,
        }
    }

    /// Looks into the store, and renews the token if it is time and nobody else does. The caller holds the
    /// slot's flight.
    async fn attend(&self, slot: &Slot, subject: &TokenSubject, rejected: Option<&Secret>) -> Result<Secret> {
        let began = self.now();
        for _ in 0..LOOKS {
            let now = self.now();
            if now.saturating_sub(began) > PATIENCE_MS {
                break;
            }
            if slot.unsaved().is_some()
                && let Renewal::Given(tokens) = self.save(slot).await?
                && holds(&tokens, now, rejected)
            {
                return Ok(self.take_up(slot, &tokens));
            }
            let Some(held) = self.vault.held(subject).await? else {
                slot.clear();
                return self.unannounced(slot, subject).await;
            };
            let valid = held.tokens.as_ref().filter(|tokens| holds(tokens, now, rejected));
            let refresh_at = valid.map_or(now, |tokens| slot.refresh_at(tokens, || self.refresh_at(tokens)));
            let keep = |tokens: &Tokens, attend_at: i64| Ok(slot.keep(tokens, refresh_at, attend_at));
            if let Some(tokens) = valid
                && now < refresh_at
            {
                slot.succeeded();
                return keep(tokens, refresh_at);
            }
            if held.row.state == TokenState::Reauthorize {
                let again = now.saturating_add_unsigned(self.jitter(30_000, 60_000));
                return valid.map_or_else(|| Err(reauthorize(subject)), |tokens| keep(tokens, again));
            }
            if held.row.leased_by_another(&self.owner, now) {
                if let Some(tokens) = valid {
                    return keep(tokens, now.saturating_add_unsigned(self.jitter(500, 1_500)));
                }
                self.nap(50, 150).await;
                continue;
            }
            if let Some(tokens) = valid {
                // Whoever comes now goes on with it.
                slot.keep(tokens, refresh_at, refresh_at);
            }
            match self.renew(slot, &held, valid.is_some()).await {
                Ok(Renewal::Moved) => {}
                Ok(Renewal::Given(tokens)) => return Ok(self.take_up(slot, &tokens)),
                Err(error) if error.code() == Code::Reauthorize && valid.is_none() => return Err(error),
                Err(error) => {
                    let (until, error) = self.failed(slot, subject, error);
                    return valid.map_or(Err(error), |tokens| keep(tokens, until));
                }
            }
        }
        let message = format!("the token of {subject} is being renewed by another process, which takes long");
        Err(Error::new(Code::Timeout, message))
    }

    /// Goes on with new tokens.
    pub(super) fn take_up(&self, slot: &Slot, tokens: &Tokens) -> Secret {
        slot.succeeded();
        let refresh_at = self.refresh_at(tokens);
        // What the store did not take is offered to it again soon.
        let attend_at = if slot.unsaved().is_some() { self.now().saturating_add(1_000) } else { refresh_at };
        slot.keep(tokens, refresh_at, attend_at)
    }

    /// Tells of a failure, and makes it the answer to all who ask for a while.
    pub(super) fn failed(&self, slot: &Slot, subject: &TokenSubject, error: Error) -> (i64, Error) {
        let error = as_refusal(error);
        tracing::warn!(%subject, code = %error.code(), status = error.status(), "a token could not be renewed");
        let message = format!("the token of {subject} could not be renewed: {}", error.message());
        slot.failed(message, &error, self.now(), self.entropy.unit())
    }

    /// A random point in the last 10 to 20 % of the tokens' life.
    pub(super) fn refresh_at(&self, tokens: &Tokens) -> i64 {
        let life = tokens.expires_at.saturating_sub(tokens.obtained_at).max(0);
        let rest = (life as f64 * (0.1 + 0.1 * self.entropy.unit())) as i64;
        tokens.expires_at.saturating_sub(rest)
    }
}

/// Whether an access token can be used.
fn holds(tokens: &Tokens, now: i64, rejected: Option<&Secret>) -> bool {
    now < tokens.expires_at && !same(Some(&tokens.access), rejected)
}

pub(super) fn reauthorize(subject: &TokenSubject) -> Error {
    let message = format!("{subject}: the refresh token is used up or revoked; install the app again");
    Error::new(Code::Reauthorize, message)
}

/// At these routes, a refusal without a code of its own is about the app or its installation, not about the
/// content of a request.
fn as_refusal(error: Error) -> Error {
    match (error.code(), error.status()) {
        (Code::Validation | Code::NotFound | Code::Refused, Some(status)) => {
            let refusal = Error::new(Code::Unauthorized, error.message()).with_status(status);
            match error.trace_id() {
                Some(trace_id) => refusal.with_trace_id(trace_id),
                None => refusal,
            }
        }
        _ => error,
    }
}
