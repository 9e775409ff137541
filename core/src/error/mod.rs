//! One error type for the whole crate: what happened, whether to repeat, and never a secret.

mod json;
mod slot;

use std::fmt;

use serde::Serialize;

pub use json::{DuplicateJson, ErrorJson};
pub use slot::InstallationSlot;

use crate::ids::ContactId;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident $text:literal $retryable:literal $meaning:literal,)+) => {
        /// What went wrong, as a stable word that programs may match on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ErrorCode"))]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $meaning] #[serde(rename = $text)] $variant,)+ }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The stable spelling, e.g. `rate_limited`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)+ }
            }

            /// One sentence on when it occurs and what to do.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)+ }
            }

            /// Whether the same call may succeed later without a change of its input.
            pub fn retryable(self) -> bool {
                match self { $(Code::$variant => $retryable,)+ }
            }

            /// The code of a spelling, for errors that were written down and are read back.
            pub fn parse(text: &str) -> Option<Code> {
                match text { $($text => Some(Code::$variant),)+ _ => None }
            }
        }
    };
}

codes! {
    InvalidArgument "invalid_argument" false "An argument is missing or malformed; the error names the field and what was expected.",
    Config "config" false "A setting is missing or malformed; the error names it and what it is for.",
    OrderNotFound "order_not_found" false "No order with this id is known; create it first.",
    OrderExists "order_exists" false "The order id, or the order number in this location, is already in use.",
    TransitionRefused "transition_refused" false "The status would go backward (repeat with `allow_backward` if it is meant), or GHL would lead an order back that the shop has cancelled.",
    Signature "signature" false "The webhook's signature is missing, malformed or wrong; answer 401.",
    Stale "stale" false "The webhook's timestamp lies outside the tolerance; answer 401.",
    Payload "payload" false "The body is not the UTF-8 JSON that was expected; answer 400.",
    TooLarge "too_large" false "The body exceeds the size limit; answer 413.",
    WrongLocation "wrong_location" false "The token or the event belongs to another location.",
    RateLimited "rate_limited" true "The location's burst limit is reached; wait `retry_after_ms`.",
    DailyLimit "daily_limit" true "The location's daily limit is reached; wait until it resets.",
    RetryBudget "retry_budget" true "Too many calls failed lately; retries are suspended for a while.",
    Timeout "timeout" true "No reply arrived in time.",
    Aborted "aborted" false "The caller cancelled.",
    Network "network" true "The connection failed; `delivery` tells whether the request may have arrived.",
    Server "server" true "GHL answered with a server error.",
    OutcomeUnknown "outcome_unknown" false "The request may have arrived, but no reply did; look before repeating it.",
    Duplicate "duplicate" false "A contact with this e-mail or phone exists; the error carries its id.",
    DuplicateOpportunity "duplicate_opportunity" false "The location forbids a second opportunity for this contact; allow it in GHL's settings.",
    NotFound "not_found" false "GHL knows no such object.",
    Validation "validation" false "GHL refused the request's content; the message lists its complaints.",
    Unauthorized "unauthorized" false "GHL refused the token, or ghlkit one for an order; it is wrong, expired or revoked.",
    Reauthorize "reauthorize" false "The app is not installed there, or its refresh token is used up or revoked; install the app (again).",
    WrongTokenClass "wrong_token_class" false "The token is of another class, such as an agency's where a location's is needed.",
    VersionHeader "version_header" false "The `Version` header is missing or unknown; the token is not at fault.",
    ScopeMissing "scope_missing" false "The token lacks the scope for this call; add it and authorize again.",
    Refused "refused" false "GHL refused the request for a reason without a code of its own.",
    UnexpectedReply "unexpected_reply" false "GHL's reply could not be understood.",
    HandlerFailed "handler_failed" true "A handler of the shop's failed, so a webhook or a message was not handled; answer a webhook with 429, so that GHL repeats it.",
    LeaseLost "lease_lost" true "Another worker owns the job now, or the lease is too short for a call.",
    Conflict "conflict" true "The row changed since it was read; read again and decide anew.",
    SlotTaken "slot_taken" false "No installer is free at that time; the error carries the nearest times that are free.",
    Busy "busy" true "As many streams are open in this process as `events.maxStreams` allows; come back later.",
    Store "store" true "The database failed; nothing was written.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a request got before its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It surely never left: repeating it is safe.
    #[default]
    NotSent,
    /// It may have arrived and been acted on: no reply came, or one that a proxy may have given in GHL's
    /// place (408, 5xx).
    Unknown,
    /// GHL answered.
    Answered,
}

/// The contact that stands in the way, as GHL names it in `meta` of a duplicate 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateOf {
    /// The existing contact.
    pub contact: ContactId,
    /// `email` or `phone`, where GHL said which of them matched.
    pub matching_field: Option<String>,
}

/// An error with a stable [`Code`]. Boxed inside, so a `Result` stays small.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: String,
    field: Option<String>,
    status: Option<u16>,
    trace_id: Option<String>,
    retry_after_ms: Option<u64>,
    delivery: Delivery,
    duplicate_of: Option<DuplicateOf>,
    alternatives: Vec<InstallationSlot>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with a message that says what happened and what to do.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            field: None,
            status: None,
            trace_id: None,
            retry_after_ms: None,
            delivery: Delivery::NotSent,
            duplicate_of: None,
            alternatives: Vec::new(),
            source: None,
        }))
    }

    /// An `invalid_argument` that names the field and what was expected of it.
    pub fn invalid(field: impl Into<String>, expected: impl fmt::Display) -> Self {
        let field = field.into();
        Self::new(Code::InvalidArgument, format!("{field}: {expected}")).with_field(field)
    }

    /// A `config` error that names the setting, and says what it is for and how to set it.
    pub fn config(setting: impl Into<String>, expected: impl fmt::Display) -> Self {
        let setting = setting.into();
        Self::new(Code::Config, format!("{setting}: {expected}")).with_field(setting)
    }

    /// Calls the setting at fault by the name it was given under.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(crate) fn renamed(mut self, from: &str, to: &str) -> Self {
        if self.field() == Some(from) {
            if let Some(rest) = self.0.message.strip_prefix(from) {
                self.0.message = format!("{to}{rest}");
            }
            self.0.field = Some(to.to_owned());
        }
        self
    }

    /// Names the field or setting at fault.
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Adds the HTTP status of GHL's reply.
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self.0.delivery = Delivery::Answered;
        self
    }

    /// Adds GHL's `traceId`, which its support asks for.
    pub fn with_trace_id(mut self, trace_id: impl Into<String>) -> Self {
        self.0.trace_id = Some(trace_id.into());
        self
    }

    /// Says how long to wait before the call is repeated, in milliseconds.
    pub fn with_retry_after_ms(mut self, ms: u64) -> Self {
        self.0.retry_after_ms = Some(ms);
        self
    }

    /// Says how far the request got.
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Names the contact that already exists.
    pub fn with_duplicate_of(mut self, duplicate: DuplicateOf) -> Self {
        self.0.duplicate_of = Some(duplicate);
        self
    }

    /// Adds times that are free in place of the one that is not.
    pub fn with_alternatives(mut self, alternatives: Vec<InstallationSlot>) -> Self {
        self.0.alternatives = alternatives;
        self
    }

    /// Adds the underlying error.
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened and what to do, for a person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The field or setting at fault, e.g. `customer.email` or `GHL_ORDERS_PIPELINE_ID`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The HTTP status of GHL's reply, where there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// GHL's `traceId`, where its reply had one.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// How long to wait before repeating, in milliseconds, where that is known.
    pub fn retry_after_ms(&self) -> Option<u64> {
        self.0.retry_after_ms
    }

    /// How far the request got.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// The existing contact behind a [`Code::Duplicate`].
    pub fn duplicate_of(&self) -> Option<&DuplicateOf> {
        self.0.duplicate_of.as_ref()
    }

    /// The times that are free in place of that of a [`Code::SlotTaken`], the nearest first.
    pub fn alternatives(&self) -> &[InstallationSlot] {
        &self.0.alternatives
    }

    /// Whether the same call may succeed later without a change of its input.
    pub fn retryable(&self) -> bool {
        self.code().retryable()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.0.message, self.code())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_from_its_spelling() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code}");
        }
        assert_eq!(Code::parse("no_such_code"), None);
    }

    #[test]
    fn an_error_names_field_and_code() {
        let error = Error::invalid("total", "expected an amount of at least 0, got -1");
        assert_eq!(error.field(), Some("total"));
        assert_eq!(error.to_string(), "total: expected an amount of at least 0, got -1 [invalid_argument]");
    }

    #[test]
    fn a_result_stays_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
