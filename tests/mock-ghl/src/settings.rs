//! How a stand-in is set up. `Settings::default()` is one location with the sauna shop's pipeline.

use crate::assumptions::Assumptions;
use crate::faults::FaultPlan;

/// Id of the default location.
pub const LOCATION_ID: &str = "SaunaLocation0000001";
/// Id of the agency that owns the default location.
pub const COMPANY_ID: &str = "SaunaCompany00000001";
/// Private integration token of the default location.
pub const TOKEN: &str = "pit-00000000-0000-4000-8000-000000000001";
/// Private integration token of the agency: refused wherever a sub-account is needed.
pub const AGENCY_TOKEN: &str = "pit-00000000-0000-4000-8000-0000000000a9";
/// OAuth client id; the part before the dash is the app's id.
pub const CLIENT_ID: &str = "65f0c0ffee0000000000abcd-saunaapp";
/// OAuth client secret.
pub const CLIENT_SECRET: &str = "mock-client-secret";
/// Secret that signs workflow webhooks.
pub const WORKFLOW_SECRET: &str = "mock-workflow-secret";

/// Everything that can be chosen before a stand-in starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ids, keys and trace ids follow from it; equal seeds and equal calls give equal bytes.
    pub seed: u64,
    /// The agency's id.
    pub company_id: String,
    /// Sub-accounts; the first is the default one.
    pub locations: Vec<LocationSettings>,
    /// Private integration tokens.
    pub private_tokens: Vec<PrivateToken>,
    /// The marketplace app.
    pub app: AppSettings,
    /// Rate limits.
    pub limits: Limits,
    /// How far the search index lags behind writes, in milliseconds.
    pub search_lag_ms: i64,
    /// What is sent when state changes.
    pub webhooks: WebhookSettings,
    /// Faults the server injects; the pure model ignores it.
    pub faults: FaultPlan,
    /// Switches for facts that are not settled.
    pub assumptions: Assumptions,
    /// How many requests [`crate::Ghl::received`] remembers.
    pub log_capacity: usize,
    /// TCP port of the server on loopback; 0 picks a free one.
    pub port: u16,
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    pub clock_offset_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            company_id: COMPANY_ID.to_owned(),
            locations: vec![LocationSettings::default()],
            private_tokens: vec![
                PrivateToken::location(TOKEN, LOCATION_ID),
                PrivateToken { token: AGENCY_TOKEN.to_owned(), location_id: None, scopes: None },
            ],
            app: AppSettings::default(),
            limits: Limits::default(),
            search_lag_ms: 0,
            webhooks: WebhookSettings::default(),
            faults: FaultPlan::default(),
            assumptions: Assumptions::default(),
            log_capacity: 10_000,
            port: 0,
            clock_offset_ms: 0,
        }
    }
}

impl Settings {
    /// The default set-up without rate limits.
    pub fn unlimited() -> Self {
        Self { limits: Limits::unlimited(), ..Self::default() }
    }
}

/// One sub-account.
#[derive(Clone, Debug)]
pub struct LocationSettings {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// IANA name, as `GET /locations/{id}` tells it.
    pub timezone: String,
    /// Offset of that zone in minutes, used for free slots and appointments (no zone database here).
    pub utc_offset_minutes: i32,
    /// A suspended sub-account refuses to refresh tokens.
    pub active: bool,
    /// Whether two contacts may share an e-mail or a phone number.
    pub allow_duplicate_contact: bool,
    /// Whether a contact may have two open opportunities in one pipeline.
    pub allow_duplicate_opportunity: bool,
    /// Whether the order fields exist from the start.
    pub order_fields: bool,
    /// Name of the order pipeline.
    pub pipeline_name: String,
    /// Its stages' names, in order.
    pub stages: Vec<String>,
}

impl Default for LocationSettings {
    fn default() -> Self {
        let stages = [
            "New Order",
            "Processing",
            "In Production",
            "Quality Check",
            "Shipped",
            "Delivered",
            "Installation",
            "Completed",
        ];
        Self {
            id: LOCATION_ID.to_owned(),
            name: "Sauna Shop".to_owned(),
            timezone: "Etc/UTC".to_owned(),
            utc_offset_minutes: 0,
            active: true,
            allow_duplicate_contact: false,
            allow_duplicate_opportunity: true,
            order_fields: true,
            pipeline_name: "Sauna Orders".to_owned(),
            stages: stages.map(str::to_owned).to_vec(),
        }
    }
}

/// A static token made in HighLevel's settings.
#[derive(Clone, Debug)]
pub struct PrivateToken {
    /// `pit-<uuid>`.
    pub token: String,
    /// The sub-account it opens; `None` for an agency token.
    pub location_id: Option<String>,
    /// Granted scopes; `None` grants all.
    pub scopes: Option<Vec<String>>,
}

impl PrivateToken {
    /// A sub-account token with all scopes.
    pub fn location(token: &str, location_id: &str) -> Self {
        Self { token: token.to_owned(), location_id: Some(location_id.to_owned()), scopes: None }
    }
}

/// The marketplace app that OAuth tokens belong to and app webhooks come from.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// `<app id>-<suffix>`.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// Version id, sent with events and location tokens.
    pub version_id: String,
    /// Scopes of every OAuth token, separated by spaces; empty grants all.
    pub scope: String,
}

impl AppSettings {
    /// The part of the client id before the dash.
    pub fn app_id(&self) -> &str {
        self.client_id.split_once('-').map_or(self.client_id.as_str(), |(id, _)| id)
    }
}

impl Default for AppSettings {
    fn default() -> Self {
        Self {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            version_id: "65f0c0ffee0000000000abce".to_owned(),
            scope: String::new(),
        }
    }
}

/// Limits per app and location (or company).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests per interval, in the fixed and in the sliding window.
    pub burst: u32,
    /// Length of both windows in milliseconds.
    pub interval_ms: i64,
    /// Requests per UTC day.
    pub daily: u32,
}

impl Limits {
    /// No limit anybody reaches.
    pub fn unlimited() -> Self {
        Self { burst: u32::MAX, daily: u32::MAX, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { burst: 100, interval_ms: 10_000, daily: 200_000 }
    }
}

/// How a stage is named in the workflow body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageSpelling {
    /// `stage_in_production`.
    Key,
    /// The stage's id.
    Id,
    /// `In Production`.
    Name,
}

/// Both kinds of webhook.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Emit the app's events.
    pub app: bool,
    /// Where the server sends the app's events; unset: nowhere.
    pub app_url: Option<String>,
    /// Emit the users' workflow body on each stage move.
    pub workflow: bool,
    /// Where the server sends the workflow body; unset: nowhere.
    pub workflow_url: Option<String>,
    /// Key of the workflow's hex HMAC-SHA256.
    pub workflow_secret: String,
    /// How `pipelineStage` names the stage.
    pub stage: StageSpelling,
    /// Contact fields, by key, that the workflow body carries where they have a value.
    pub workflow_fields: Vec<String>,
    /// First pause before a repeated app webhook in milliseconds; it doubles each time.
    pub retry_base_ms: i64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            app: true,
            app_url: None,
            workflow: true,
            workflow_url: None,
            workflow_secret: WORKFLOW_SECRET.to_owned(),
            stage: StageSpelling::Key,
            workflow_fields: ["order_number", "order_status", "progress_percentage"]
                .map(str::to_owned)
                .to_vec(),
            retry_base_ms: 1_000,
        }
    }
}
