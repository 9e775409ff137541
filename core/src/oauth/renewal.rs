use std::time::Duration;

use crate::{
    client::Failed,
    error::{Code, Delivery, Error, Result},
    ids::CompanyId,
    policy::retry::Class,
    ports::store::{RefreshLease, TokenRow, TokenState, TokenSubject},
    secret::Secret,
};

use super::{
    grant::{self, Granted},
    slot::{Slot, Unsaved},
    tokens::{Inner, TIMEOUT, reauthorize},
    vault::{Held, Tokens},
};

/// Longer than an exchange, so that it outlives it, and short enough that another can take over from a dead
/// process while HighLevel still answers the same refresh token alike.
const LEASE: Duration = Duration::from_secs(TIMEOUT.as_secs() + 4);
/// How often it is asked: within those 30 seconds too.
const TRIES: u32 = 3;

/// What became of a renewal.
pub(super) enum Renewal {
    /// These tokens hold now.
    Given(Tokens),
    /// The row changed meanwhile: look again.
    Moved,
}

/// How a location or an agency comes by new tokens.
enum Means {
    /// With the refresh token, which is used up thereby.
    Refresh(Secret),
    /// With the token of a location's agency.
    Mint(CompanyId),
}

impl Inner {
    /// Renews the tokens of a row that was just read. `valid` says whether there is a token to go on with.
    pub(super) async fn renew(&self, slot: &Slot, held: &Held, valid: bool) -> Result<Renewal> {
        let subject = &held.row.subject;
        let company = self.agency(&held.row);
        let mut means = match (held.refresh(), &company) {
            (Some(refresh), _) => Means::Refresh(refresh.clone()),
            (None, Some(company)) => Means::Mint(company.clone()),
            (None, None) => return Err(reauthorize(subject)),
        };
        let mut row = held.row.clone();
        let mut tries = 1;
        let mut used_up = false;
        loop {
            let Some(leased) = self.lease(&row).await? else { return Ok(Renewal::Moved) };
            row = leased;
            let sent_at = self.now();
            let failed = match self.ask(subject, &means).await {
                Ok(granted) => {
                    let spent = match means {
                        Means::Refresh(spent) => Some(spent),
                        Means::Mint(_) => None,
                    };
                    let tokens = Tokens::granted(granted, spent.as_ref(), sent_at);
                    // Before anything is awaited: whoever is cancelled from here on leaves it to the next.
                    slot.set_unsaved(Some(Unsaved { row, spent, tokens }));
                    return self.save(slot).await;
                }
                Err(failed) => failed,
            };
            let lost = failed.error.delivery() == Delivery::Unknown;
            match (failed.class, &means) {
                // Another may have been quicker.
                (_, Means::Refresh(_)) if failed.error.code() == Code::Reauthorize => {
                    used_up = true;
                    if self.vault.row(subject).await?.map(|now| now.version) != Some(row.version) {
                        return Ok(Renewal::Moved);
                    }
                    match self.installed(company.as_ref()).await? {
                        Some(company) => means = Means::Mint(company),
                        None => return self.exhausted(&row).await,
                    }
                }
                _ if failed.error.code() == Code::Reauthorize && used_up => {
                    return self.exhausted(&row).await;
                }
                // What took the refresh token may be in the lost reply, and is there to be had for 30 seconds.
                (Class::Retry(_), _) if tries < TRIES && (lost || !valid) => {
                    tries += 1;
                    self.nap(500, 1_000).await;
                }
                _ => {
                    // What never left need not keep the others waiting; a GHL in trouble is spared by the lease.
                    if failed.error.delivery() == Delivery::NotSent {
                        drop(self.vault.replace(&row, TokenRow { lease: None, ..row.clone() }).await);
                    }
                    return Err(failed.error);
                }
            }
        }
    }

    async fn lease(&self, row: &TokenRow) -> Result<Option<TokenRow>> {
        let until = self.now().saturating_add_unsigned(LEASE.as_secs() * 1_000);
        let lease = Some(RefreshLease { owner: self.owner.clone(), until });
        self.vault.replace(row, TokenRow { lease, ..row.clone() }).await
    }

    async fn ask(&self, subject: &TokenSubject, means: &Means) -> Result<Granted, Failed> {
        let granted = match (means, subject) {
            (Means::Mint(company), TokenSubject::Location(location)) => self.mint(company, location).await?,
            (Means::Mint(_), TokenSubject::Company(_)) => return Err(reauthorize(subject).into()),
            (Means::Refresh(refresh), _) => {
                let secrets = [self.app.client_secret.expose(), refresh.expose()];
                let request = grant::by_refresh(&self.app, subject, refresh);
                self.direct.send(&request, None, &secrets).await?
            }
        };
        check(subject, &granted)?;
        Ok(granted)
    }

    /// The agency that may give out a location's token.
    fn agency(&self, row: &TokenRow) -> Option<CompanyId> {
        match row.subject {
            TokenSubject::Location(_) => row.company.clone().or_else(|| self.app.company.clone()),
            TokenSubject::Company(_) => None,
        }
    }

    /// The agency, if it has installed the app.
    async fn installed(&self, company: Option<&CompanyId>) -> Result<Option<CompanyId>> {
        let Some(company) = company else { return Ok(None) };
        let row = self.vault.row(&TokenSubject::Company(company.clone())).await?;
        Ok(row.map(|_| company.clone()))
    }

    /// Notes that the refresh token is used up. The access token is left: it holds to its end.
    async fn exhausted(&self, row: &TokenRow) -> Result<Renewal> {
        let spent = TokenRow { state: TokenState::Reauthorize, lease: None, ..row.clone() };
        match self.vault.replace(row, spent).await? {
            Some(_) => Err(reauthorize(&row.subject)),
            None => Ok(Renewal::Moved),
        }
    }
}

/// Tokens of another subject must not be kept for this one.
pub(super) fn check(subject: &TokenSubject, granted: &Granted) -> Result<()> {
    let fits = match subject {
        TokenSubject::Location(location) => {
            !granted.of_company && granted.location.as_ref().is_none_or(|other| other == location)
        }
        TokenSubject::Company(company) => {
            (granted.of_company || granted.location.is_none())
                && granted.company.as_ref().is_none_or(|other| other == company)
        }
    };
    if fits {
        return Ok(());
    }
    Err(Error::new(Code::UnexpectedReply, format!("GHL gave tokens that are not those of {subject}")))
}
