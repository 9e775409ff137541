//! Requests of GHL's API that no other operation makes.

use serde::de::Error as _;
use serde_json::Value;

use super::request::{Run, Scope};
use crate::{
    api::{
        free::{FreeRequest, VersionHeader},
        shape::{Check, Input, Names, Node, Shape, Shaped, convert},
    },
    client::ApiRequest,
    error::{Error, Result},
    json::Fault,
    ops::table::ops,
    ports::{BoxFuture, Method},
};

ops! {
    pub(super) const OPS: Run = Run::Steps;

    /// Sends any other request of GHL's API. A POST is not sent again after a lost reply.
    "request" "function" (FreeRequest) -> Value = free(&INPUT);
}

static INPUT: Input = match FreeRequest::SHAPE {
    Shape::Input(input) => Input { fields: input.fields, check: Some(CHECK) },
    _ => panic!("a request is an object"),
};

const CHECK: Check = |members| match members {
    [_, Some(path), ..] if !is_path(&path.as_text()) => {
        Err(Fault::custom("expected a path such as `/workflows/`, without a query").in_field("path"))
    }
    _ => Ok(()),
};

fn is_path(path: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '?' | '#' | '%' | '\\');
    path.len() <= 1_000 && path.starts_with('/') && !path.contains(bad)
}

/// Its arguments are read by their shape, and its reply is handed over as it is.
#[expect(clippy::extra_unused_type_parameters, reason = "a row of the table names what it takes and replies")]
fn free<'a, A: Shaped, R>(
    scope: Scope<'a>,
    args: &'a str,
    input: &'static Input,
) -> BoxFuture<'a, Result<String>> {
    Box::pin(async move {
        let request = request(&input.read(args)?)?;
        let Scope { client, location, options } = scope;
        client.call_with(location, &request, &options, |json| convert(&Shape::Any, json)).await.result
    })
}

fn request(args: &Node<'_>) -> Result<ApiRequest<()>> {
    let text = |name: &str| args.get(name).map(Node::as_text).unwrap_or_default();
    let method = text("method");
    let method = Method::ALL.into_iter().find(|known| known.as_str() == method).unwrap_or(Method::Get);
    let path = text("path");
    let mut segments: Vec<&str> = path.strip_prefix('/').unwrap_or(&path).split('/').collect();
    let slash = segments.pop_if(|last| last.is_empty()).is_some();
    let mut request = ApiRequest::new(method, &segments);
    if slash {
        request = request.with_trailing_slash();
    }
    if let Some(query) = args.get("query") {
        let expected =
            || Error::invalid("query", "expected an object of texts, numbers, truth values or lists");
        let Ok(Value::Object(query)) = serde_json::from_str(&query.json(Names::Callers)) else {
            return Err(expected());
        };
        for (name, value) in query {
            request = request.with_query(name, parameter(&value).ok_or_else(expected)?);
        }
    }
    if let Some(body) = args.get("body") {
        request.add_json(body.json(Names::Callers).into_bytes());
    }
    let version = text("version");
    Ok(match VERSIONS.iter().find(|known| known.as_str() == version) {
        Some(version) => request.with_version(version.as_str()),
        None => request,
    })
}

const VERSIONS: [VersionHeader; 4] =
    [VersionHeader::Of2021July, VersionHeader::Of2021April, VersionHeader::Of2023, VersionHeader::V3];

/// A value as a parameter of a query; a list is its values with commas between.
fn parameter(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) => {
            items.iter().map(parameter).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        api::testing::Rig,
        ops::call,
        testing::{Step, drive},
    };

    fn called(rig: &Rig, args: &str) -> String {
        drive(&rig.clock, call(&rig.client, Some(&rig.location), "request", args, "{}")).unwrap()
    }

    #[test]
    fn any_request_is_sent_with_all_that_others_have() {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, r#"{"workflows":[{"id":"w"}]}"#));
        let args = r#"{"method":"POST","path":"/a:b/c/","query":{"q":"x&y","n":1,"l":["a",2]},"body":{"b":[1.50]},
            "version":"v3"}"#;
        assert_eq!(called(&rig, args), r#"{"ok":{"workflows":[{"id":"w"}]}}"#);
        let [sent] = &rig.transport.sent()[..] else { panic!() };
        let request = &sent.request;
        assert!(request.url.ends_with("/a%3Ab/c/?l=a%2C2&n=1&q=x%26y"), "{}", request.url);
        assert_eq!((request.method.as_str(), request.body.as_slice()), ("POST", &br#"{"b":[1.5]}"#[..]));
        let header = |name| request.header(name);
        assert_eq!((header("version"), header("authorization")), (Some("v3"), Some("Bearer pit-1")));
    }

    #[test]
    fn what_would_lead_elsewhere_is_refused() {
        for (args, field) in [
            (r#"{"method":"GET"}"#, "path"),
            (r#"{"method":"PATCH","path":"/x"}"#, "method"),
            (r#"{"method":"GET","path":"x"}"#, "path"),
            (r#"{"method":"GET","path":"/x?y=1"}"#, "path"),
            (r#"{"method":"GET","path":"/x%2f"}"#, "path"),
            (r#"{"method":"GET","path":"/x\ny"}"#, "path"),
            (r#"{"method":"GET","path":"/x","query":[1]}"#, "query"),
            (r#"{"method":"GET","path":"/x","query":{"a":{}}}"#, "query"),
            (r#"{"method":"GET","path":"/x","version":"1"}"#, "version"),
            (r#"{"method":"GET","path":"/x","headers":{}}"#, "headers"),
        ] {
            let rig = Rig::new();
            let settled = called(&rig, args);
            assert!(settled.contains(&format!(r#""field":"{field}""#)), "{args}: {settled}");
            assert_eq!(rig.transport.sent().len(), 0, "{args}");
        }
        for path in ["/../x", "//evil.example.com/x", "/x/./y"] {
            let rig = Rig::new();
            let settled = called(&rig, &format!(r#"{{"method":"GET","path":"{path}"}}"#));
            assert!(
                settled.contains("invalid_argument") && rig.transport.sent().is_empty(),
                "{path}: {settled}"
            );
        }
    }
}
