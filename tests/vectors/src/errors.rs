use serde_json::{Value, json};

use crate::{documents::error_codes, vector::Vectors};

/// The table of codes is the page of codes.
pub(crate) fn generate(vectors: &mut Vectors) {
    let rows: Vec<Value> = error_codes()
        .into_iter()
        .map(|(code, retryable, meaning)| json!({ "code": code, "retryable": retryable, "meaning": meaning }))
        .collect();
    vectors.gives("errors.codes", "{}", Value::Array(rows));
    vectors.refuses("errors.codes", r#"{"code":"stale"}"#, "invalid_argument", "code");
}
