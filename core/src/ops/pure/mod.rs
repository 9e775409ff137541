//! Functions without I/O, by name. Each room of the core that has some has a table here.

mod errors;
mod order;
mod push;
mod retry;
pub(super) mod status;
mod webhook;

use serde::Serialize;

use super::{
    args::{Arguments, write},
    settle::settle,
    table::{self, Op},
};
use crate::error::Result;

/// What runs a function: it takes nothing but the JSON of its arguments.
type Run = fn((), &str) -> Result<String>;

/// What needs neither the client nor the engine, nor the tables of currencies and countries.
const MAPPING: &[&[Op<Run>]] = &[webhook::OPS, status::OPS, errors::OPS];
const ALL: &[&[Op<Run>]] = &[webhook::OPS, status::OPS, errors::OPS, order::OPS, push::OPS, retry::OPS];

/// A function of its arguments.
fn function<A: Arguments, R: Serialize>((): (), args: &str, f: fn(A) -> Result<R>) -> Result<String> {
    write(&f(A::read(args)?)?)
}

/// Evaluates a function without I/O by its name. The text is that of [`settle`].
pub fn evaluate(op: &str, args: &str) -> String {
    evaluate_in(ALL, op, args)
}

/// The part of [`evaluate`] that verifies and reads webhooks and maps statuses. A build that calls this and
/// not the other holds neither the client nor the engine.
pub fn evaluate_mapping(op: &str, args: &str) -> String {
    evaluate_in(MAPPING, op, args)
}

fn evaluate_in(tables: &[&[Op<Run>]], op: &str, args: &str) -> String {
    settle(table::find(tables, op).and_then(|op| (op.run)((), args)))
}

/// The functions, by name.
pub fn names() -> Vec<&'static str> {
    table::names(ALL)
}

#[cfg(feature = "ts")]
pub(super) fn pages() -> Vec<super::typescript::OpPage> {
    table::pages(ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_function_is_refused_with_the_known_ones() {
        for (settled, known) in [
            (evaluate("contacts.get", "{}"), "milestones.crossed, transition, errors.codes, order.check"),
            (evaluate_mapping("order.check", "{}"), "milestones.crossed, transition, errors.codes, got"),
        ] {
            assert!(settled.contains(r#""code":"invalid_argument""#) && settled.contains(r#""field":"op""#));
            assert!(settled.contains(known), "{settled}");
        }
    }

    #[test]
    fn arguments_that_do_not_fit_are_named() {
        let table = [
            ("status.forStage", r#"{"stage":5}"#, "stage"),
            ("status.forStage", "{}", "stage"),
            ("status.forStage", r#"{"stage":"s","stages":{"paid":"s"}}"#, "stages"),
            ("status.forStage", r#"{"stage":"s","stages":{"cancelled":"s"}}"#, "stages.cancelled"),
            ("stage.forStatus", r#"{"status":"paid"}"#, "status"),
            ("stage.forStatus", r#"{"status":"shipped","pipeline":[{"name":"Shipped"}]}"#, "pipeline[0].id"),
            (
                "stage.forStatus",
                r#"{"status":"shipped","pipeline":[],"stages":{"shipped":"x"}}"#,
                "stages.shipped",
            ),
            ("model.describe", r#"{"model":{"path":[]}}"#, "model.path"),
            (
                "model.describe",
                r#"{"model":{"path":[{"status":"a","progress":101,"label":"A"}]}}"#,
                "model.path[0].progress",
            ),
            ("progress.overall", r#"{"status":"shipped","manufacturing":101}"#, "manufacturing"),
            ("progress.overall", r#"{"status":"shipped","previous":50.5}"#, "previous"),
            ("milestones.crossed", r#"{"last":-1,"now":5}"#, "last"),
            ("transition", r#"{"from":"Shipped","to":"shipped"}"#, "from"),
            ("transition", r#"{"from":"shipped","to":"paid"}"#, "to"),
            ("transition", r#"{"from":"shipped","to":"shipped","side":"us"}"#, "side"),
            ("order.check", r#"{"order":{},"currency":"EURO"}"#, "currency"),
            ("retry.classify", r#"{"method":"GET"}"#, "status"),
            ("retry.classify", r#"{"method":"GET","status":200,"transport":"connect"}"#, "status"),
            ("retry.classify", r#"{"method":"get","status":200}"#, "method"),
            ("retry.delay", r#"{"attempt":0}"#, "attempt"),
            ("retry.delay", r#"{"attempt":1,"random":1.5}"#, "random"),
            ("webhook.verify", r#"{"webhooks":{"hmac":"s"},"headers":[],"nowMs":0}"#, "body"),
            (
                "webhook.verify",
                r#"{"webhooks":{"hmac":"s"},"headers":[],"bodyBase64":"?","nowMs":0}"#,
                "bodyBase64",
            ),
            (
                "webhook.verify",
                r#"{"webhooks":{"hmac":""},"headers":[],"body":"","nowMs":0}"#,
                "webhooks.hmac",
            ),
            ("webhook.sign", r#"{"body":"{}"}"#, "hmac"),
            (
                "webhook.sign",
                r#"{"body":"{}","hmac":"s","sharedSecret":{"header":"h","secret":"s"}}"#,
                "hmac",
            ),
            ("webhook.sign", r#"{"body":"{}","ed25519":"AAAA"}"#, "ed25519"),
            ("errors.codes", r#"{"all":true}"#, "all"),
        ];
        for (op, args, field) in table {
            let settled = evaluate(op, args);
            assert!(settled.contains(&format!(r#""field":"{field}""#)), "{op} {args}: {settled}");
        }
    }

    #[test]
    fn no_secret_stands_in_an_error() {
        for args in [
            r#"{"body":"","hmac":["s3cret"]}"#,
            r#"{"body":"","ed25519":"s3cret"}"#,
            r#"{"body":"","sharedSecret":"s3cret"}"#,
            r#"{"body":"","sharedSecret":{"header":"h","secret":{"s3cret":1}}}"#,
        ] {
            let settled = evaluate("webhook.sign", args);
            assert!(settled.contains("invalid_argument") && !settled.contains("s3cret"), "{settled}");
        }
    }
}
