use serde::{Serialize, Serializer};

use super::{Code, Delivery, Error, InstallationSlot};

/// An error as the bindings hand it over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ErrorJson<'a> {
    /// The stable code.
    pub code: Code,
    /// What happened and what to do.
    pub message: &'a str,
    /// The field, argument or setting at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// The HTTP status of GHL's reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// GHL's trace id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<&'a str>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// How long to wait before, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// How far the request got: `not_sent`, `answered`, or `unknown`: it may have arrived and been acted on.
    pub delivery: Delivery,
    /// The contact that stands in the way of a `duplicate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<DuplicateJson<'a>>,
    /// The times that are free in place of that of a `slot_taken`, the nearest first.
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<InstallationSlot>>"))]
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub alternatives: &'a [InstallationSlot],
}

/// The contact behind a `duplicate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "DuplicateOf"))]
#[serde(rename_all = "camelCase")]
pub struct DuplicateJson<'a> {
    /// The existing contact.
    pub contact_id: &'a str,
    /// `email` or `phone`, where GHL said which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching_field: Option<&'a str>,
}

impl<'a> From<&'a Error> for ErrorJson<'a> {
    fn from(error: &'a Error) -> Self {
        Self {
            code: error.code(),
            message: error.message(),
            field: error.field(),
            status: error.status(),
            trace_id: error.trace_id(),
            retryable: error.retryable(),
            retry_after_ms: error.retry_after_ms(),
            delivery: error.delivery(),
            duplicate_of: error.duplicate_of().map(|duplicate| DuplicateJson {
                contact_id: duplicate.contact.as_str(),
                matching_field: duplicate.matching_field.as_deref(),
            }),
            alternatives: error.alternatives(),
        }
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ErrorJson::from(self).serialize(serializer)
    }
}
