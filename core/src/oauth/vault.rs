use std::sync::Arc;

use crate::{
    error::{Code, Error, Result},
    ids::AppId,
    ports::{
        Clock, Entropy,
        store::{SealedTokens, TokenRow, TokenState, TokenStore, TokenSubject},
    },
    secret::Secret,
};

use super::{
    grant::Granted,
    keyring::{Keyring, Place},
};

/// How often a change is tried that others keep overtaking.
const CHANGES: usize = 20;

/// The app's rows, with their tokens in the clear on this side and encrypted on the other.
pub(super) struct Vault {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) keys: Keyring,
    pub(super) app: AppId,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// Tokens in the clear.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
    pub(super) obtained_at: i64,
    pub(super) expires_at: i64,
}

impl Tokens {
    /// What a reply grants to a request sent at `sent_at`. A refresh token that is not replaced holds on.
    pub(super) fn granted(granted: Granted, spent: Option<&Secret>, sent_at: i64) -> Self {
        Self {
            access: granted.access,
            refresh: granted.refresh.or_else(|| spent.cloned()),
            obtained_at: sent_at,
            expires_at: sent_at.saturating_add(granted.life_ms),
        }
    }
}

/// A row and its tokens.
pub(super) struct Held {
    pub(super) row: TokenRow,
    pub(super) tokens: Option<Tokens>,
}

impl Held {
    pub(super) fn refresh(&self) -> Option<&Secret> {
        self.tokens.as_ref()?.refresh.as_ref()
    }
}

pub(super) fn same(a: Option<&Secret>, b: Option<&Secret>) -> bool {
    a.map(Secret::expose) == b.map(Secret::expose)
}

impl Vault {
    pub(super) async fn row(&self, subject: &TokenSubject) -> Result<Option<TokenRow>> {
        self.store.token_row(&self.app, subject).await
    }

    pub(super) async fn held(&self, subject: &TokenSubject) -> Result<Option<Held>> {
        let Some(row) = self.row(subject).await? else { return Ok(None) };
        let tokens = row.tokens.as_ref().map(|sealed| self.open(subject, sealed)).transpose()?;
        Ok(Some(Held { row, tokens }))
    }

    pub(super) fn open(&self, subject: &TokenSubject, sealed: &SealedTokens) -> Result<Tokens> {
        let open = |column, text: &String| self.keys.open(self.place(subject, column), &sealed.key_id, text);
        Ok(Tokens {
            access: open("access", &sealed.access)?,
            refresh: sealed.refresh.as_ref().map(|text| open("refresh", text)).transpose()?,
            obtained_at: sealed.obtained_at,
            expires_at: sealed.expires_at,
        })
    }

    pub(super) fn seal(&self, subject: &TokenSubject, tokens: &Tokens) -> Result<SealedTokens> {
        let seal = |column, secret| self.keys.seal(self.place(subject, column), secret, &*self.entropy);
        Ok(SealedTokens {
            key_id: self.keys.current_id().to_owned(),
            access: seal("access", &tokens.access)?,
            refresh: tokens.refresh.as_ref().map(|refresh| seal("refresh", refresh)).transpose()?,
            obtained_at: tokens.obtained_at,
            expires_at: tokens.expires_at,
        })
    }

    fn place<'a>(&'a self, subject: &'a TokenSubject, column: &'a str) -> Place<'a> {
        Place([self.app.as_str(), subject.kind(), subject.id(), column])
    }

    /// A row without tokens, as of now.
    pub(super) fn new_row(&self, subject: &TokenSubject) -> TokenRow {
        TokenRow {
            app: self.app.clone(),
            subject: subject.clone(),
            company: None,
            by_company: false,
            tokens: None,
            state: TokenState::Active,
            installed_at: self.clock.now_ms(),
            version: self.clock.now_ms(),
            lease: None,
        }
    }

    /// Replaces the row that was read. `None` if another was quicker.
    pub(super) async fn replace(&self, read: &TokenRow, mut row: TokenRow) -> Result<Option<TokenRow>> {
        row.version = read.next_version(self.clock.now_ms());
        Ok(self.store.swap_token(Some(read.version), row.clone()).await?.then_some(row))
    }

    /// Changes a row, or its absence, whoever else does; `None` leaves it as it is.
    pub(super) async fn change(
        &self,
        subject: &TokenSubject,
        change: impl Fn(Option<&TokenRow>) -> Option<TokenRow>,
    ) -> Result<bool> {
        for _ in 0..CHANGES {
            let read = self.row(subject).await?;
            let Some(changed) = change(read.as_ref()) else { return Ok(false) };
            let done = match &read {
                Some(read) => self.replace(read, changed).await?.is_some(),
                None => self.store.swap_token(None, changed).await?,
            };
            if done {
                return Ok(true);
            }
        }
        Err(overtaken(subject))
    }

    /// Deletes a row if it is to be, whoever else changes it.
    pub(super) async fn delete(
        &self,
        subject: &TokenSubject,
        doomed: impl Fn(&TokenRow) -> bool,
    ) -> Result<bool> {
        for _ in 0..CHANGES {
            let Some(row) = self.row(subject).await?.filter(&doomed) else { return Ok(false) };
            if self.store.delete_token(&self.app, subject, row.version).await? {
                return Ok(true);
            }
        }
        Err(overtaken(subject))
    }
}

fn overtaken(subject: &TokenSubject) -> Error {
    Error::new(Code::Conflict, format!("the tokens of {subject} keep changing; try again"))
}
