use crate::{
    error::Result,
    ports::store::{TokenRow, TokenState},
};

use super::{
    OAuthTokens,
    renewal::Renewal,
    slot::{Slot, Unsaved},
    tokens::Inner,
    vault::same,
};

/// How often in a row a save is tried.
const SAVES: u32 = 4;

impl OAuthTokens {
    /// Waits for renewals that are under way, and saves what the store has not taken yet: to be awaited before the
    /// store is closed, as the refresh token of a renewal that is not saved is used up. It takes up to half a
    /// minute where GHL does not answer; stopped before, it loses no more than without it.
    pub async fn finish(&self) {
        for slot in self.inner.slots.all() {
            let _flight = slot.flight.lock().await;
            if let Err(error) = self.inner.save(&slot).await {
                tracing::warn!(code = %error.code(), "renewed tokens could not be saved");
            }
        }
    }
}

impl Inner {
    /// Saves the slot's unsaved tokens. What the store does not take stays in the slot and is used meanwhile.
    pub(super) async fn save(&self, slot: &Slot) -> Result<Renewal> {
        let Some(Unsaved { mut row, spent, tokens }) = slot.unsaved() else { return Ok(Renewal::Moved) };
        let sealed = self.vault.seal(&row.subject, &tokens)?;
        for _ in 0..SAVES {
            let saved = TokenRow {
                tokens: Some(sealed.clone()),
                state: TokenState::Active,
                lease: None,
                ..row.clone()
            };
            let done = match self.vault.replace(&row, saved).await {
                Ok(Some(_)) => Ok(Some(Renewal::Given(tokens.clone()))),
                // Whatever else changed, these tokens succeed the ones that are there; if those are others, the
                // app was installed again or uninstalled, or another process was told the same.
                Ok(None) => self.vault.held(&row.subject).await.map(|now| match now {
                    Some(now) if spent.is_some() && same(now.refresh(), spent.as_ref()) => {
                        row = now.row;
                        None
                    }
                    _ => Some(Renewal::Moved),
                }),
                Err(error) => Err(error),
            };
            match done {
                Ok(Some(renewal)) => {
                    slot.set_unsaved(None);
                    return Ok(renewal);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(subject = %row.subject, code = %error.code(), "renewed tokens could not be saved");
                    self.nap(100, 200).await;
                }
            }
        }
        Ok(Renewal::Given(tokens))
    }
}
