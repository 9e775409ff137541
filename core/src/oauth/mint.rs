use serde::de::DeserializeOwned;

use crate::{
    client::{ApiRequest, Failed},
    error::{Code, Error, Result},
    ids::{CompanyId, LocationId},
    policy::retry::Class,
    ports::{
        BoxFuture,
        store::{TokenRow, TokenSubject},
    },
    secret::Secret,
};

use super::{
    grant::{self, Granted},
    renewal::check,
    slot::Slot,
    tokens::Inner,
    vault::Tokens,
};

impl Inner {
    /// A location's token from its agency's. Boxed, as that is renewed by the same functions.
    pub(super) fn mint<'a>(
        &'a self,
        company: &'a CompanyId,
        location: &'a LocationId,
    ) -> BoxFuture<'a, Result<Granted, Failed>> {
        Box::pin(
            async move { self.as_company(company, &grant::by_company(&self.app, company, location)).await },
        )
    }

    /// Sends a request with an agency's token, which is renewed once if GHL no longer takes it.
    pub(super) async fn as_company<T: DeserializeOwned>(
        &self,
        company: &CompanyId,
        request: &ApiRequest<T>,
    ) -> Result<T, Failed> {
        let subject = TokenSubject::Company(company.clone());
        let token = self.token_of(&subject).await?;
        match self.direct.send(request, Some(&token), &[]).await {
            Err(failed) if failed.class == Class::RenewToken => {
                let token = self.renewed(&subject, &token).await?;
                self.direct.send(request, Some(&token), &[]).await
            }
            result => result,
        }
    }

    /// A token where there is no row: the configured agency may have one to give.
    pub(super) async fn unannounced(&self, slot: &Slot, subject: &TokenSubject) -> Result<Secret> {
        let (TokenSubject::Location(location), Some(company)) = (subject, &self.app.company) else {
            let message = format!("the app is not installed at {subject}; install it there");
            return Err(Error::new(Code::Reauthorize, message));
        };
        let sent_at = self.now();
        let granted = self.mint(company, location).await.and_then(|granted| {
            check(subject, &granted)?;
            Ok(granted)
        });
        let tokens = match granted {
            Ok(granted) => Tokens::granted(granted, None, sent_at),
            Err(failed) if failed.error.code() == Code::Reauthorize => return Err(failed.error),
            Err(failed) => return Err(self.failed(slot, subject, failed.error).1),
        };
        let row = TokenRow {
            company: Some(company.clone()),
            by_company: true,
            tokens: Some(self.vault.seal(subject, &tokens)?),
            ..self.vault.new_row(subject)
        };
        // Where another was quicker, its tokens and these hold side by side.
        self.vault.store.swap_token(None, row).await?;
        Ok(self.take_up(slot, &tokens))
    }
}
