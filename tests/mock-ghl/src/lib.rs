//! A stateful stand-in for the GoHighLevel (HighLevel) API, as awkward as the real one.
//!
//! [`Ghl`] is the model: requests and the time in, replies and webhooks out, no socket, clock or
//! randomness of its own, so that a test or a simulator can drive it in its own process. With the
//! feature `server` (default) `MockGhl` puts it on a loopback port and delivers its webhooks, and the
//! binary `mock-ghl` does the same as a process.
//!
//! What HighLevel does in fact unknown to any source is a switch in [`Assumptions`]; `ASSUMPTIONS.md`
//! lists them.

mod assumptions;
mod auth;
mod calendars;
mod contacts;
mod conversations;
mod custom_fields;
mod dto;
mod events;
mod faults;
mod history;
mod http;
mod human;
mod ids;
mod limits;
mod locations;
mod log;
mod look;
mod model;
mod oauth;
mod opportunities;
mod pipelines;
mod routes;
mod search;
#[cfg(feature = "server")]
mod server;
mod settings;
mod table;
mod tags;
mod time;
mod users;
mod webhooks;

pub use assumptions::{
    Assumptions, NoDuplicate, OpportunityFieldShape, RateLimitBody, RefreshError, ResetUnit, SearchCursor,
    WebhookRetry,
};
pub use auth::TokenKind;
pub use calendars::{Appointment, BlockedSlot, Calendar};
pub use contacts::Contact;
pub use conversations::Message;
pub use custom_fields::{CustomField, Model};
pub use faults::{Decision, Fault, FaultPlan, FaultRule, Faults, WebhookFaults};
pub use history::{Author, FieldChange, StageChange};
pub use http::{Reply, Request};
pub use human::{Done, NoSuch};
pub use ids::Rng;
pub use locations::Location;
pub use log::{Counters, Received};
pub use model::Ghl;
pub use opportunities::Opportunity;
pub use pipelines::{Pipeline, Stage};
#[cfg(feature = "server")]
pub use server::{Delivery, MockGhl, Running};
pub use settings::{
    AGENCY_TOKEN, AppSettings, CLIENT_ID, CLIENT_SECRET, COMPANY_ID, LOCATION_ID, Limits, LocationSettings,
    PrivateToken, Settings, StageSpelling, TOKEN, WORKFLOW_SECRET, WebhookSettings,
};
pub use tags::Tag;
pub use users::User;
pub use webhooks::{Webhook, WebhookKind, retry_pause_ms};
