use serde::Serialize;

use super::args::write;
use crate::error::{Error, Result};

/// The text of an error, as [`settle`] writes it.
pub fn error_text(error: &Error) -> String {
    #[derive(Serialize)]
    struct Failed<'a> {
        error: &'a Error,
    }
    // Texts and numbers only: nothing in it can fail to serialize.
    serde_json::to_string(&Failed { error }).unwrap_or_default()
}

/// The text a binding's call resolves to: `{"ok":…}` around the JSON of a value, or `{"error":…}`.
pub fn settle(result: Result<String>) -> String {
    match result {
        Ok(json) => format!("{{\"ok\":{json}}}"),
        Err(error) => error_text(&error),
    }
}

/// The same for a value that is not JSON yet.
pub fn settle_value(result: Result<impl Serialize>) -> String {
    settle(result.and_then(|value| write(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, error::DuplicateOf, ids::ContactId};

    #[test]
    fn a_value_is_wrapped_and_an_error_tells_all_it_knows() {
        assert_eq!(settle(Ok("[1]".to_owned())), r#"{"ok":[1]}"#);
        let bare = Error::invalid("contactId", "expected an id");
        assert_eq!(
            settle(Err(bare)),
            r#"{"error":{"code":"invalid_argument","message":"contactId: expected an id","field":"contactId","retryable":false,"delivery":"not_sent"}}"#
        );
        let full = Error::new(Code::Duplicate, "a \"known\" contact")
            .with_status(400)
            .with_trace_id("t-1")
            .with_retry_after_ms(5)
            .with_duplicate_of(DuplicateOf {
                contact: ContactId::new("con1"),
                matching_field: Some("email".to_owned()),
            });
        assert_eq!(
            settle(Err(full)),
            concat!(
                r#"{"error":{"code":"duplicate","message":"a \"known\" contact","status":400,"traceId":"t-1","#,
                r#""retryable":false,"retryAfterMs":5,"delivery":"answered","#,
                r#""duplicateOf":{"contactId":"con1","matchingField":"email"}}}"#
            )
        );
    }
}
