use serde::de::Error as _;
use serde_json::Value;

use crate::{
    error::{Code, Delivery, DuplicateOf, Error, Result},
    ids::ContactId,
    json,
    policy::{
        rate_limit::RateHeaders,
        retry::{Class, Detail, Failure},
    },
    ports::{HttpResponse, TransportError, TransportErrorKind},
};

/// The longest text of GHL's that an error repeats, in bytes.
const MAX_MESSAGE: usize = 500;

/// Reads the body of a successful reply, or the property of it that `envelope` names.
pub(super) fn reply<T>(
    response: &HttpResponse,
    envelope: Option<&str>,
    read: impl FnOnce(&str) -> serde_json::Result<T>,
) -> Result<T> {
    opened(&response.body, envelope).and_then(read).map_err(|error| unexpected(response, &error))
}

/// The body of a successful reply could not be read.
#[cold]
fn unexpected(response: &HttpResponse, error: &serde_json::Error) -> Error {
    // The position is safe to show; serde's own words would repeat values of the body.
    let place = format!("line {}, column {}", error.line(), error.column());
    let message = format!("GHL answered {}, but the body was not as expected ({place})", response.status);
    let error = Error::new(Code::UnexpectedReply, message).with_status(response.status);
    match trace_id(&response.body) {
        Some(id) => error.with_trace_id(id),
        None => error,
    }
}

/// GHL's `traceId` in a reply that could not be read otherwise, wherever that ends: a UUID, as anything else may be an echo of what
/// was sent. Within a text its quotes would be escaped.
#[cold]
fn trace_id(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, value) = text.rsplit_once("\"traceId\"")?;
    let id = value.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.get(..36)?;
    let is_uuid = id.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then(|| id.to_owned())
}

fn opened<'a>(body: &'a [u8], envelope: Option<&str>) -> serde_json::Result<&'a str> {
    let text = str::from_utf8(body).map_err(serde_json::Error::custom)?;
    match (text.trim_ascii(), envelope) {
        ("", _) => Ok("null"),
        (text, None) => Ok(text),
        (text, Some(property)) => Ok(json::member(text, property)?.unwrap_or(text)),
    }
}

/// How a try ended.
pub(super) type Outcome = Result<HttpResponse, TransportError>;

/// Whether the try may have had its effect without saying so: no reply, or one that a proxy may have given
/// in GHL's place, or GHL after it had acted.
pub(super) fn inconclusive(outcome: &Outcome) -> bool {
    match outcome {
        Ok(response) => response.status == 408 || response.status >= 500,
        Err(error) => error.kind != TransportErrorKind::Connect,
    }
}

/// The body of a refusal, in whichever of GHL's shapes it came.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    message: String,
    trace_id: Option<String>,
    duplicate_of: Option<DuplicateOf>,
    /// Whether it is OAuth's word for a refresh token or code that holds no more.
    invalid_grant: bool,
}

impl Refusal {
    /// Reads the reply, unless it is a success. A body that is no JSON (a proxy's HTML) has no message.
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Ok(response) if !(200..300).contains(&response.status) => Self::read(response),
            _ => Self::default(),
        }
    }

    fn read(response: &HttpResponse) -> Self {
        let text = str::from_utf8(&response.body).unwrap_or_default();
        let body: Value = serde_json::from_str(text).unwrap_or_default();
        let text = |place: &str| body.pointer(place)?.as_str().filter(|text| !text.is_empty());
        Self {
            message: message(&body, 0),
            trace_id: text("/traceId").map(str::to_owned),
            duplicate_of: text("/meta/contactId").map(|id| DuplicateOf {
                contact: ContactId::new(id),
                matching_field: text("/meta/matchingField").map(str::to_owned),
            }),
            invalid_grant: text("/error") == Some("invalid_grant"),
        }
    }

    /// The try's end in the retry policy's terms.
    pub(super) fn failure(&self, outcome: &Outcome) -> Failure {
        match outcome {
            Err(error) => Failure::Transport(error.kind),
            Ok(response) => Failure::Status(response.status, self.detail(response)),
        }
    }

    fn detail(&self, response: &HttpResponse) -> Detail {
        match response.status {
            401 if self.says("invalid jwt") || self.says("jwt expired") => Detail::TokenInvalid,
            401 if self.says("invalid private integration token") => Detail::TokenInvalid,
            429 if RateHeaders::read(response).daily_remaining == Some(0) => Detail::DailyLimit,
            _ => Detail::None,
        }
    }

    /// The code where the text says more than the status.
    fn code(&self, status: u16) -> Option<Code> {
        match status {
            400 if self.duplicate_of.is_some() => Some(Code::Duplicate),
            400 if self.says("duplicate") && self.says("opportunit") => Some(Code::DuplicateOpportunity),
            400 if self.says("duplicated contacts") => Some(Code::Duplicate),
            // A suspended location says so too, and its token holds again when it is active again.
            400 | 401 if self.says("not active") => None,
            400 | 401 if self.invalid_grant || self.says("invalid refresh token") => Some(Code::Reauthorize),
            401 if self.says("not authorized for this scope") => Some(Code::ScopeMissing),
            401 if self.says("user type mismatch") || self.says("authclass type") => {
                Some(Code::WrongTokenClass)
            }
            401 if self.says("version header") => Some(Code::VersionHeader),
            400 if self.says("invalid api version") => Some(Code::VersionHeader),
            // Not about the token: the route is closed to all.
            401 if self.says("not yet supported") => Some(Code::Refused),
            403 if self.says("access to this location") => Some(Code::WrongLocation),
            _ => None,
        }
    }

    fn error(self, status: u16, code: Code, secrets: &[&str]) -> Error {
        let code = self.code(status).unwrap_or(code);
        let said = redact(&self.message, secrets);
        let colon = if said.is_empty() { "" } else { ": " };
        // The token would go along.
        let redirect = if (300..400).contains(&status) {
            " (a redirect, which is not followed; check `baseUrl`)"
        } else {
            ""
        };
        let message = format!("GHL answered {status}{colon}{said}{}{redirect}", hint(code));
        let mut error = Error::new(code, message).with_status(status);
        if let Some(trace_id) = self.trace_id {
            error = error.with_trace_id(redact(&trace_id, secrets));
        }
        match self.duplicate_of {
            Some(duplicate) if code == Code::Duplicate => error.with_duplicate_of(duplicate),
            _ => error,
        }
    }

    fn says(&self, words: &str) -> bool {
        self.message.to_ascii_lowercase().contains(words)
    }
}

/// What to do about a 401 or 403 that a new token would not change.
fn hint(code: Code) -> &'static str {
    match code {
        Code::ScopeMissing => " (add the scope to the app or integration, and authorize it again)",
        Code::WrongTokenClass => " (use a location's token here, not an agency's, or the other way round)",
        Code::VersionHeader => " (the request's Version header is at fault, not the token)",
        Code::WrongLocation => " (use a token of the location that the call is about)",
        _ => "",
    }
}

/// The error of a call that ends here. `secrets` are texts that must not appear in it: a server may echo
/// what it was sent.
pub(super) fn error(outcome: &Outcome, refusal: Refusal, class: Class, secrets: &[&str]) -> Error {
    let code = match class {
        Class::Retry(code) | Class::Final(code) => code,
        Class::Throttled => Code::RateLimited,
        Class::RenewToken => Code::Unauthorized,
        Class::Success => Code::UnexpectedReply,
    };
    let error = match outcome {
        Err(error) => Error::new(code, redact(&error.message, secrets)),
        Ok(response) => refusal.error(response.status, code, secrets),
    };
    if inconclusive(outcome) { error.with_delivery(Delivery::Unknown) } else { error }
}

/// The text in a `message`, which is a string, a list, or an object with a message of its own.
fn message(value: &Value, depth: usize) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) if depth < 4 => {
            let texts: Vec<String> = items.iter().map(|item| message(item, depth + 1)).collect();
            texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ")
        }
        Value::Object(fields) if depth < 4 => ["message", "error_description", "error", "msg"]
            .iter()
            .filter_map(|name| fields.get(*name))
            .map(|field| message(field, depth + 1))
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn redact(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "[redacted]");
    }
    if text.len() > MAX_MESSAGE {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE));
        text.push('…');
    }
    text
}
