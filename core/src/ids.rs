//! Identifiers as types of their own, so that a contact's id is never passed for an opportunity's.
//!
//! GHL's ids come in several forms (20 characters, 24 hex digits, uuid): they are opaque text here.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::error::{Error, Result};

/// Longest id that is accepted, in bytes; the users' `ghl_*` columns are `VARCHAR(100)`.
pub const MAX_ID_LEN: usize = 100;

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident $field:literal,)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as it is, for values that come from GHL or the store.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// Checks an id that came from outside: 1 to [`MAX_ID_LEN`] bytes, no white space or
            /// control character, and none of `/ ? # %`, which would change a request's path.
            ///
            /// # Errors
            /// `invalid_argument` naming the field.
            pub fn parse(id: &str) -> Result<Self> {
                check(id).map_err(|expected| Error::invalid($field, expected))?;
                Ok(Self(id.to_owned()))
            }

            /// The id's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// As [`Self::parse`] checks it.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = String::deserialize(deserializer)?;
                check(&id).map_err(D::Error::custom)?;
                Ok(Self(id))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        /// As [`Self::new`] takes it.
        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )+};
}

ids! {
    /// A sub-account of GHL.
    LocationId "locationId",
    /// An agency account of GHL.
    CompanyId "companyId",
    /// An app of GHL's marketplace.
    AppId "appId",
    /// A contact.
    ContactId "contactId",
    /// An opportunity.
    OpportunityId "opportunityId",
    /// A pipeline.
    PipelineId "pipelineId",
    /// A stage of a pipeline.
    StageId "pipelineStageId",
    /// A custom field.
    CustomFieldId "customFieldId",
    /// A user (an employee of the shop, in GHL's terms).
    UserId "userId",
    /// A calendar.
    CalendarId "calendarId",
    /// A note of a contact or of an appointment.
    NoteId "noteId",
    /// A task of a contact.
    TaskId "taskId",
    /// A workflow.
    WorkflowId "workflowId",
    /// A tag of a location.
    TagId "tagId",
    /// A custom value of a location.
    CustomValueId "customValueId",
    /// An event of a calendar: an appointment or a blocked slot.
    EventId "eventId",
    /// A conversation.
    ConversationId "conversationId",
    /// A message of a conversation.
    MessageId "messageId",
    /// An order of GHL's payments, which is not one of the shop.
    PaymentOrderId "paymentOrderId",
    /// An order of the shop: the text of `orders.id`, whatever its SQL type.
    OrderId "orderId",
    /// A row of the job queue.
    JobId "jobId",
}

/// Whether a text has the form of an id.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&text.len()) && !holds_bad(text)
}

fn holds_bad(text: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '%');
    // Nearly every id is made of these, which are told more quickly.
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.bytes().all(usual) && text.contains(bad)
}

/// What is expected of an id, where it is not met.
pub(crate) fn check(id: &str) -> Result<(), String> {
    if id.is_empty() || id.len() > MAX_ID_LEN {
        return Err(format!("expected 1 to {MAX_ID_LEN} bytes, got {}", id.len()));
    }
    if holds_bad(id) {
        return Err("expected an id without white space, control characters or / ? # %".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_change_the_path() {
        for bad in ["", "a/b", "a?b", "a b", "a\n", "a#b", "a%2fb", &"x".repeat(101)] {
            let error = ContactId::parse(bad).unwrap_err();
            assert_eq!(error.field(), Some("contactId"), "{bad:?}");
            assert!(serde_json::from_value::<ContactId>(bad.into()).is_err(), "{bad:?}");
        }
        for good in
            ["ocQHyuzHvysMo5N5VsXc", "64f0c1d2e3a4b5c6d7e8f901", "e93ba61a-53b3-45e7-985a-c7732dbcdb69"]
        {
            assert_eq!(ContactId::parse(good).unwrap().as_str(), good);
            assert_eq!(serde_json::from_value::<ContactId>(good.into()).unwrap().as_str(), good);
        }
    }
}
