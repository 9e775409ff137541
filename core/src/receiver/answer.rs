use serde::Serialize;

use crate::error::{Code, Error};

/// What GHL is told to wait where nobody knows better, in milliseconds.
const DEFAULT_RETRY_AFTER_MS: u64 = 30_000;

/// What a customer's page is told to wait, in seconds.
const CUSTOMER_WAITS: u64 = 5;

/// What is answered to whoever sent a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// JSON.
    pub body: String,
}

/// What an answer says.
#[derive(Default, Serialize)]
struct Said<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

impl Answer {
    /// The webhook is taken care of, now or when it came before.
    pub fn accepted() -> Self {
        Self::of(200, None, Said { success: Some(true), ..Said::default() })
    }

    /// The webhook is refused, or cannot be taken care of now. What failed is told, except how a signature is wrong.
    pub fn refused(error: &Error) -> Self {
        let status = status(error.code());
        let retry_after =
            (status == 429).then(|| error.retry_after_ms().unwrap_or(DEFAULT_RETRY_AFTER_MS).div_ceil(1_000));
        let told = if error.code() == Code::Signature { "Invalid signature" } else { error.message() };
        let code = Some(error.code().as_str());
        Self::of(status, retry_after, Said { error: Some(told), code, ..Said::default() })
    }

    /// What a customer is told who may not see an order, or not now: what is wrong with the request, and of whatever else failed
    /// nothing but its code. `Retry-After` is told where that passes by itself: a mistake in the set-up does not.
    pub fn to_customer(error: &Error) -> Self {
        let status = match error.code() {
            Code::Unauthorized => 401,
            Code::InvalidArgument => 400,
            Code::OrderNotFound => 404,
            _ => 503,
        };
        let (told, field) = match status {
            503 => ("the shop cannot answer now", None),
            _ => (error.message(), error.field()),
        };
        let retry_after = (status == 503 && error.code() != Code::Config).then_some(CUSTOMER_WAITS);
        let code = Some(error.code().as_str());
        Self::of(status, retry_after, Said { error: Some(told), code, field, ..Said::default() })
    }

    /// The body is declared to be something else than JSON. Its code is of answers alone: no error has it.
    pub fn unsupported_media_type() -> Self {
        let (error, code) = (Some("content-type: expected application/json"), Some("unsupported_media_type"));
        Self::of(415, None, Said { error, code, ..Said::default() })
    }

    fn of(status: u16, retry_after: Option<u64>, said: Said<'_>) -> Self {
        // Texts and words can always be written.
        Self { status, retry_after, body: serde_json::to_string(&said).unwrap_or_default() }
    }
}

/// The HTTP status to answer an error with. GHL repeats an app's webhook after any that is not 2xx, and in the past
/// only after 429: that is the answer to all that may succeed later (fact sheet, section 7.3).
pub fn status(code: Code) -> u16 {
    match code {
        Code::Signature | Code::Stale => 401,
        Code::WrongLocation => 403,
        Code::Payload => 400,
        Code::TooLarge => 413,
        // A mistake in the shop's own code, which no repetition mends.
        Code::InvalidArgument | Code::Config => 500,
        _ => 429,
    }
}

/// Whether a `Content-Type` is that of JSON; parameters, such as a charset, do not matter.
pub fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status_and_only_what_may_pass_is_repeated() {
        for code in Code::ALL {
            let answer = Answer::refused(&Error::new(*code, "what happened"));
            let expected = match code.as_str() {
                "signature" | "stale" => 401,
                "wrong_location" => 403,
                "payload" => 400,
                "too_large" => 413,
                "invalid_argument" | "config" => 500,
                _ => 429,
            };
            assert_eq!(answer.status, expected, "{code}");
            assert_eq!(answer.retry_after.is_some(), expected == 429, "{code}");
            assert!(!code.retryable() || expected == 429, "{code}");
        }
    }

    #[test]
    fn an_answer_says_what_failed_but_not_how_a_signature_is_wrong() {
        let error = Error::new(Code::Signature, "x-ghl-signature: expected once");
        assert_eq!(Answer::refused(&error).body, r#"{"error":"Invalid signature","code":"signature"}"#);
        let error = Error::new(Code::Store, "busy").with_retry_after_ms(1_001);
        let expected = Answer {
            status: 429,
            retry_after: Some(2),
            body: r#"{"error":"busy","code":"store"}"#.to_owned(),
        };
        assert_eq!(Answer::refused(&error), expected);
        assert_eq!(Answer::accepted().body, r#"{"success":true}"#);
    }

    #[test]
    fn a_customer_is_told_what_is_wrong_with_the_request_and_nothing_else() {
        for code in Code::ALL {
            let answer = Answer::to_customer(&Error::new(*code, "pg://shop:secret").with_field("orderId"));
            let expected = match code.as_str() {
                "unauthorized" => 401,
                "invalid_argument" => 400,
                "order_not_found" => 404,
                _ => 503,
            };
            assert_eq!(answer.status, expected, "{code}");
            let passes = expected == 503 && code.as_str() != "config";
            assert_eq!(answer.retry_after.is_some(), passes, "{code}");
            assert_eq!(answer.body.contains("secret"), expected != 503, "{code}");
            assert_eq!(answer.body.contains("orderId"), expected != 503, "{code}");
            assert!(answer.body.contains(code.as_str()), "{code}");
        }
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        for json in ["application/json", "Application/JSON; charset=utf-8", " application/cloudevents+json "]
        {
            assert!(is_json(json), "{json}");
        }
        for other in
            ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/x+json"]
        {
            assert!(!is_json(other), "{other}");
        }
    }
}
