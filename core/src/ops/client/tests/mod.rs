//! Every operation on a script: what is sent, and what is handed over.

mod arguments;
mod batch;
mod contacts;
mod every_op;
mod lost;
mod named_fields;
mod options;
mod resources;
mod typed;

use futures::executor::block_on;

use super::call;
use crate::{
    api::testing::Rig,
    client::DEFAULT_BASE_URL,
    testing::{Sent, drive},
};

/// Calls an operation for the rig's location.
fn called(rig: &Rig, op: &str, args: &str, options: &str) -> String {
    drive(&rig.clock, call(&rig.client, Some(&rig.location), op, args, options)).unwrap()
}

/// A request as `METHOD /path?query body`.
fn line(sent: &Sent) -> String {
    let request = &sent.request;
    let path = request.url.strip_prefix(DEFAULT_BASE_URL).unwrap();
    let body = std::str::from_utf8(&request.body).unwrap();
    format!("{} {path} {body}", request.method.as_str()).trim_end().to_owned()
}

/// The field of a settled `invalid_argument` that came without anything being sent.
fn refused(rig: &Rig, settled: &str) -> String {
    assert!(settled.starts_with(r#"{"error":{"code":"invalid_argument","#), "{settled}");
    assert_eq!(rig.transport.sent().len(), 0, "{settled}");
    let error: serde_json::Value = serde_json::from_str(settled).unwrap();
    let error = &error["error"];
    let field = error["field"].as_str().unwrap().to_owned();
    assert!(error["message"].as_str().unwrap().starts_with(&field), "the message names the field: {settled}");
    assert_eq!((&error["retryable"], &error["delivery"]), (&false.into(), &"not_sent".into()), "{settled}");
    field
}

#[test]
fn a_call_can_move_between_threads() {
    fn assert_send<T: Send>(value: T) -> T {
        value
    }
    let rig = Rig::new();
    let settled = block_on(assert_send(call(&rig.client, None, "contacts.get", "{}", "{}")));
    assert_eq!(refused(&rig, &settled), "locationId");
}
