use super::*;
use crate::error::Result;

const EMAIL: &str = "ann@example.com";

/// Everything a caller could print of an error, its sources included.
fn printed(result: Result<Value>) -> String {
    let error = result.unwrap_err();
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

#[test]
fn no_error_shows_the_token_or_the_body() {
    let body = serde_json::json!({ "email": EMAIL });
    let request: ApiRequest<Value> =
        ApiRequest::new(Method::Put, &["contacts", "con1"]).with_json(&body).with_query("email", EMAIL);
    for status in [200, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503] {
        // A server that echoes all it was sent.
        let echo = serde_json::json!({
            "message": [format!("token {TOKEN}"), body.to_string()],
            "traceId": TOKEN,
        });
        let reply = if status == 200 { format!("{TOKEN} {body}") } else { echo.to_string() };
        let rig = Rig::new();
        rig.transport.otherwise(Step::reply(status, reply));
        for _ in 0..12 {
            // Often enough for the retry budget's error, too.
            let text = printed(rig.call(&request, &CallOptions::default()).result);
            assert!(!text.contains(TOKEN) && !text.contains(EMAIL), "{status}: {text}");
        }
    }
}

#[test]
fn nothing_that_can_be_printed_shows_the_token() {
    let tokens = StaticTokens::new().with(LocationId::new("loc1"), Secret::new(TOKEN));
    let rig = Rig::new();
    rig.script([ok()]);
    let request = request(Method::Put);
    let call = rig.call(&request, &CallOptions::default());
    let sent = rig.transport.sent();
    assert!(sent[0].request.headers.iter().any(|(_, value)| value.contains(TOKEN)), "it was sent");
    for text in [
        format!("{tokens:?}"),
        format!("{request:?}"),
        format!("{call:?}"),
        format!("{sent:?}"),
        format!("{:?}", rig.transport),
    ] {
        assert!(!text.contains(TOKEN) && !text.contains("customer data"), "{text}");
    }
}
