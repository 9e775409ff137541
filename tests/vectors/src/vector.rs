use std::fmt::Display;

use ghlkit::ops::evaluate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::documents::retryable;

/// One call of `evaluate` and its settled text, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// The name of the function.
    pub op: String,
    /// The JSON of its arguments, as text: its digits and repetitions matter.
    pub args: String,
    /// The settled text.
    pub expect: String,
}

/// The vectors of a file.
#[derive(Debug, Default)]
pub struct Vectors {
    all: Vec<Vector>,
    disagreements: Vec<String>,
}

impl Vectors {
    /// Every vector.
    pub fn all(&self) -> &[Vector] {
        &self.all
    }

    /// Where the core does not answer as expected.
    pub fn disagreements(&self) -> &[String] {
        &self.disagreements
    }

    /// The text of the file: an array, a vector a line.
    pub fn to_json(&self) -> String {
        // Texts only: nothing in it can fail to serialize.
        let lines: Vec<String> =
            self.all.iter().map(|vector| serde_json::to_string(vector).unwrap_or_default()).collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    /// Expects a value. A call that is there already is not added again.
    pub(crate) fn gives(&mut self, op: &str, args: impl Display, value: Value) {
        self.add(op, args, |settled| {
            (*settled != json!({ "ok": value })).then(|| format!("expected {value}"))
        });
    }

    /// Expects an error about a field, of which nothing was sent. Its message begins with the field's name.
    pub(crate) fn refuses(&mut self, op: &str, args: impl Display, code: &str, field: &str) {
        self.add(op, args, |settled| {
            let message = settled.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
            let expected = json!({
                "code": code, "message": message, "field": field, "retryable": retryable(code), "delivery": "not_sent",
            });
            let said = message.strip_prefix(field).and_then(|rest| rest.strip_prefix(": "));
            (settled.get("error") != Some(&expected) || said.is_none_or(str::is_empty))
                .then(|| format!("expected {code} for {field}"))
        });
    }

    fn add(&mut self, op: &str, args: impl Display, complaint: impl FnOnce(&Value) -> Option<String>) {
        let args = args.to_string();
        if self.all.iter().any(|vector| vector.op == op && vector.args == args) {
            return;
        }
        let expect = evaluate(op, &args);
        let settled: Value = serde_json::from_str(&expect).unwrap_or_default();
        if let Some(complaint) = complaint(&settled) {
            self.disagreements.push(format!("{op} {args}\n    {complaint}\n    answered {expect}"));
        }
        self.all.push(Vector { op: op.to_owned(), args, expect });
    }
}
