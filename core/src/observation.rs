//! What monitoring is told of a process: what begins, what ends, what happens meanwhile. Plain data.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What is said of something, by name: the names of OpenTelemetry where it has them (`http.route`, `error.type`), else
/// ours (`ghlkit.order`). Texts, numbers, yes or no.
pub type Fields = BTreeMap<&'static str, Value>;

/// What happens in a process. It shows codes, ids of orders and locations, routes and numbers; never a token, a body, the message
/// of an error, which may quote GHL, or what is known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Observation<'a> {
    /// Something has begun, such as a call or the sync of an order.
    Start {
        /// Its number: that of anything else in the process is another.
        span: u64,
        /// The number of what it is a part of.
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<u64>,
        /// What it is, e.g. `sync_order` or `GET /contacts/{contactId}`.
        name: &'a str,
        /// When, in epoch milliseconds and parts of one.
        at_ms: f64,
        /// What is known of it by now.
        #[cfg_attr(feature = "ts", ts(type = "Record<string, string | number | boolean>"))]
        fields: &'a Fields,
    },
    /// It has ended. With `error.type` among its fields it has failed.
    End {
        /// Its number.
        span: u64,
        /// What it is.
        name: &'a str,
        /// When, in epoch milliseconds and parts of one.
        at_ms: f64,
        /// All that is known of it.
        #[cfg_attr(feature = "ts", ts(type = "Record<string, string | number | boolean>"))]
        fields: &'a Fields,
    },
    /// Something has happened.
    Event {
        /// The number of what it happened in.
        #[serde(skip_serializing_if = "Option::is_none")]
        span: Option<u64>,
        /// What; its fields are also those of what it happened in.
        #[serde(flatten)]
        crumb: Crumb,
        /// What happened before in the same piece of work, such as the sync of one order: the last 30, oldest first. Only of a
        /// `warn` or an `error`.
        breadcrumbs: &'a [Crumb],
    },
}

/// One thing that has happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "Breadcrumb"))]
#[serde(rename_all = "camelCase")]
pub struct Crumb {
    /// When, in epoch milliseconds and parts of one.
    pub at_ms: f64,
    /// How bad it is.
    pub level: Level,
    /// What it is: always the same words for the same thing.
    pub message: String,
    /// What is said of it.
    #[cfg_attr(feature = "ts", ts(type = "Record<string, string | number | boolean>"))]
    pub fields: Fields,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ObservationLevel"))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For who looks closely: each call, each try that failed.
    Debug,
    /// As it should be.
    Info,
    /// Something is not as it should be, and is tried again or left out.
    Warn,
    /// Something was given up.
    Error,
}
