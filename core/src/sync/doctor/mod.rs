//! What is wrong with a shop's set-up, line by line, and how to mend it. `facts` reads, `lines` judges without I/O.

mod database;
mod facts;
mod lines;
#[cfg(test)]
mod tests;

use futures::future::join_all;
use serde::{Deserialize, Serialize};

use super::{TestWebhookOptions, engine::Engine};
use crate::{
    config::LocationConfig,
    error::{Error, Result},
    ids::LocationId,
    json,
    ports::{BoxFuture, store::Inspection},
};
use facts::Facts;

/// How many locations are looked at at a time: each has limits of its own.
const AT_A_TIME: usize = 4;

/// What [`Engine::doctor`] looks at beside what is configured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DoctorOptions {
    /// Where GHL's webhooks reach the shop: a signed one is sent there, once for each location, which is then named in the
    /// query as `locationId` where there are several. It changes no order. Default: none is sent.
    pub webhook_url: Option<String>,
}

impl DoctorOptions {
    /// Reads them from JSON.
    ///
    /// # Errors
    /// `invalid_argument`, field `webhookUrl` or whatever is not known.
    pub fn from_json(text: &str) -> Result<Self> {
        json::read(text.as_bytes(), "options", 64 * 1024)
    }
}

/// How a part of the set-up is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "DoctorVerdict"))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is as it should be.
    Ok,
    /// Orders are kept in step, but something is left out or will fail in some cases.
    Warning,
    /// Orders are not kept in step until it is mended.
    Failed,
    /// It was not looked at: it is not configured, or something else has to be mended first.
    Skipped,
}

/// One line of a [`DoctorReport`]. It shows no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct DoctorCheck {
    /// What was looked at: `environment`, `database`, `migrations`, `database_rights`, `clock`; for each location `token`,
    /// `scopes`, `pipeline`, `stages`, `custom_fields`, `calendar`, `duplicate_opportunity`, `webhook_secret` and `webhook`.
    pub name: &'static str,
    /// At which location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// How it is.
    pub verdict: Verdict,
    /// What is so, in words.
    pub detail: String,
    /// How to mend it, where something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// What [`Engine::doctor`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct DoctorReport {
    /// Whether nothing has failed. There may be warnings.
    pub ok: bool,
    /// Line by line.
    pub checks: Vec<DoctorCheck>,
}

impl DoctorReport {
    pub(crate) fn of(checks: Vec<DoctorCheck>) -> Self {
        Self { ok: checks.iter().all(|check| check.verdict != Verdict::Failed), checks }
    }

    /// The report where settings are so wrong that nothing else can be looked at.
    pub fn of_problems(problems: &[Error]) -> Self {
        let mut checks = lines::environment(problems, None);
        checks.push(DoctorCheck::skipped("database", "the settings come first"));
        checks.push(DoctorCheck::skipped("token", "the settings come first"));
        Self::of(checks)
    }
}

impl DoctorCheck {
    fn new(name: &'static str, verdict: Verdict, detail: impl Into<String>, fix: Option<String>) -> Self {
        Self { name, location_id: None, verdict, detail: detail.into(), fix }
    }

    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, detail, None)
    }

    fn warning(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, detail, Some(fix.into()))
    }

    fn failed(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, Verdict::Failed, detail, Some(fix.into()))
    }

    fn skipped(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Verdict::Skipped, detail, None)
    }
}

impl Engine {
    /// Looks at everything that a shop sets up, and says of each part how it is and how to mend it. It asks GHL some ten
    /// questions for each location, and changes nothing there: whether the token may write, it sees by updates of objects
    /// that do not exist. Whatever is wrong is a line, never an error.
    pub async fn doctor(&self, options: &DoctorOptions) -> DoctorReport {
        let database = self.core.store.inspect().await;
        self.diagnose(&[], &database, options).await
    }

    /// The same, with what was seen before the engine was opened.
    pub(crate) async fn diagnose(
        &self,
        problems: &[Error],
        database: &Result<Inspection>,
        options: &DoctorOptions,
    ) -> DoctorReport {
        let config = &self.core.config;
        let mut checks = lines::environment(problems, Some(config));
        checks.extend(database::lines(database));
        let mut of_locations = Vec::new();
        for some in config.locations.chunks(AT_A_TIME) {
            // Boxed one by one: their types would name the borrow of the slice.
            let looks: Vec<BoxFuture<'_, _>> = some
                .iter()
                .map(|location| -> BoxFuture<'_, _> { Box::pin(self.look_at(location, options)) })
                .collect();
            of_locations.extend(join_all(looks).await);
        }
        checks.push(lines::clock(self.core.client.server_offset()));
        checks.extend(of_locations.into_iter().flatten());
        DoctorReport::of(checks)
    }

    async fn look_at(&self, location: &LocationConfig, options: &DoctorOptions) -> Vec<DoctorCheck> {
        let config = &self.core.config;
        let several = config.locations.len() > 1;
        let facts = Facts::read(&self.core, location).await;
        let mut checks = lines::location(&facts, location, config, several);
        checks.push(match options.webhook_url.as_deref() {
            None => DoctorCheck::skipped("webhook", "no address is given to send one to"),
            Some(url) => {
                let url = if several { with_location(url, &location.id) } else { url.to_owned() };
                // Of a type that changes no order.
                let test = TestWebhookOptions {
                    event: "NoteCreate".to_owned(),
                    location: Some(location.id.clone()),
                    ..TestWebhookOptions::default()
                };
                lines::webhook(&self.send_test_webhook(&url, &test).await)
            }
        });
        for check in &mut checks {
            check.location_id = Some(location.id.clone());
        }
        checks
    }
}

fn with_location(url: &str, location: &LocationId) -> String {
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}locationId={location}")
}
