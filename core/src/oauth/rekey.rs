use serde::Serialize;

use crate::{
    error::Result,
    ports::store::{TokenRow, TokenSubject},
};

use super::{OAuthTokens, tokens::Inner};

const PAGE: usize = 100;

/// What encrypting anew came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Rekeyed {
    /// Rows that are under the current key now and were not before.
    pub changed: usize,
    /// Rows that were already, or have no tokens.
    pub current: usize,
    /// Rows that could not be decrypted: their key is not in the ring, or not the one they say.
    pub failed: usize,
}

impl OAuthTokens {
    /// Encrypts all tokens of the app with the current key, while everything goes on. Once every process has
    /// the new list and this says that none failed, the old keys can be dropped.
    ///
    /// # Errors
    /// `store`; what was changed until then stays changed.
    pub async fn rekey(&self) -> Result<Rekeyed> {
        let (inner, mut done) = (&self.inner, Rekeyed::default());
        let mut after: Option<TokenSubject> = None;
        loop {
            let page = inner.vault.store.token_rows(&inner.vault.app, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(done) };
            after = Some(last.subject.clone());
            for row in page {
                match inner.rekey(row).await? {
                    Some(true) => done.changed += 1,
                    Some(false) => done.current += 1,
                    None => done.failed += 1,
                }
            }
        }
    }
}

impl Inner {
    /// Whether it had to be, or `None` if it could not. Nothing else about the row changes, so a renewal under
    /// way finds its refresh token still there.
    async fn rekey(&self, mut row: TokenRow) -> Result<Option<bool>> {
        loop {
            let current = self.vault.keys.current_id();
            let Some(old) = row.tokens.as_ref().filter(|sealed| sealed.key_id != current) else {
                return Ok(Some(false));
            };
            let opened = self.vault.open(&row.subject, old);
            let sealed = match opened.and_then(|tokens| self.vault.seal(&row.subject, &tokens)) {
                Ok(sealed) => sealed,
                Err(error) => {
                    tracing::warn!(subject = %row.subject, code = %error.code(), %error, "a token could not be encrypted anew");
                    return Ok(None);
                }
            };
            let anew = TokenRow { tokens: Some(sealed), ..row.clone() };
            if self.vault.replace(&row, anew).await?.is_some() {
                return Ok(Some(true));
            }
            // Somebody renewed it, or it is gone; each round is somebody's progress.
            match self.vault.row(&row.subject).await? {
                Some(now) => row = now,
                None => return Ok(Some(false)),
            }
        }
    }
}
