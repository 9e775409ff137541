use serde::Deserialize;

use super::*;
use crate::{
    error::{Code, Delivery, Error},
    ids::ContactId,
    ports::TransportErrorKind,
};

#[derive(Debug, Deserialize)]
struct Thing {
    id: String,
}

fn refused(status: u16, body: &str) -> Error {
    let rig = Rig::new();
    rig.script([Step::reply(status, body)]);
    let options = CallOptions { tries: Some(1), ..CallOptions::default() };
    rig.call(&request(Method::Put), &options).result.unwrap_err()
}

#[test]
fn every_shape_of_message_becomes_text() {
    for (body, text) in [
        (r#"{"statusCode":400,"message":"Bad thing","traceId":"t1"}"#, "Bad thing"),
        (
            r#"{"message":["a must be x","b must be y"],"error":"Unprocessable Entity"}"#,
            "a must be x; b must be y",
        ),
        (r#"{"status":400,"message":"No","name":"HttpException","traceId":"t1"}"#, "No"),
        (
            r#"{"error":"invalid_grant","error_description":"Location is not active"}"#,
            "Location is not active",
        ),
        (r#"{"error":{"code":"RESOURCE_NOT_FOUND","message":"No such","details":[]}}"#, "No such"),
        (r#"{"message":{"message":["deep","",{"message":"er"}]}}"#, "deep; er"),
        (r#"{"message":"","error":"Bad Request"}"#, "Bad Request"),
        (r#""just text""#, "just text"),
    ] {
        let error = refused(400, body);
        assert_eq!(error.message(), format!("GHL answered 400: {text}"));
        assert_eq!((error.code(), error.status()), (Code::Validation, Some(400)));
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.trace_id(), body.contains("t1").then_some("t1"));
    }
}

#[test]
fn a_body_that_says_nothing_is_left_out() {
    for body in
        ["", "<html>Bad gateway</html>", "{}", "null", "[[[[[[\"deep\"]]]]]]", r#"{"message":7}"#, "\u{1}"]
    {
        assert_eq!(refused(400, body).message(), "GHL answered 400", "{body}");
    }
}

#[test]
fn codes_follow_status_and_text() {
    for (status, message, code) in [
        (400, "email must be an email", Code::Validation),
        (400, "Can not create duplicate opportunity for the contact.", Code::DuplicateOpportunity),
        (400, "This location does not allow duplicated contacts.", Code::Duplicate),
        (401, "Unauthorized", Code::Unauthorized),
        (401, "The token is not authorized for this scope.", Code::ScopeMissing),
        (401, "Token's user type mismatch!", Code::WrongTokenClass),
        (401, "version header is invalid", Code::VersionHeader),
        (400, "Invalid API version segment 2020-01-01", Code::VersionHeader),
        (401, "Invalid refresh token", Code::Reauthorize),
        (403, "The token does not have access to this location.", Code::WrongLocation),
        (403, "Forbidden resource", Code::Refused),
        (404, "Not found", Code::NotFound),
        (409, "Conflict", Code::Refused),
        (422, "property gender should not exist", Code::Validation),
        (429, "Too many requests", Code::RateLimited),
        (500, "Internal", Code::Server),
        (302, "Found", Code::UnexpectedReply),
    ] {
        let error = refused(status, &format!(r#"{{"message":"{message}"}}"#));
        assert_eq!((error.code(), error.status()), (code, Some(status)), "{status} {message}");
        assert_eq!(error.duplicate_of(), None);
    }
}

#[test]
fn a_401_that_a_new_token_would_not_change_says_what_would() {
    for (status, message, hint) in [
        (401, "The token is not authorized for this scope.", "add the scope"),
        (401, "This authClass type is not allowed to access this scope.", "not an agency's"),
        (401, "version header was not found.", "not the token"),
        (403, "The token does not have access to this location.", "of the location that the call is about"),
    ] {
        let error = refused(status, &format!(r#"{{"message":"{message}"}}"#));
        assert!(error.message().starts_with(&format!("GHL answered {status}: {message} (")), "{error}");
        assert!(error.message().contains(hint), "{error}");
    }
}

#[test]
fn a_grant_that_holds_no_more_is_told_from_a_suspended_location() {
    for (status, body, code) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"This refresh token is invalid"}"#,
            Code::Reauthorize,
        ),
        (401, r#"{"error":"invalid_grant"}"#, Code::Reauthorize),
        (400, r#"{"error":"invalid_grant","error_description":"Location is not active"}"#, Code::Validation),
        (
            401,
            r#"{"error":"UnAuthorized!","error_description":"Invalid client credentials!"}"#,
            Code::Unauthorized,
        ),
        (403, r#"{"error":"invalid_grant"}"#, Code::Refused),
    ] {
        assert_eq!(refused(status, body).code(), code, "{status} {body}");
    }
}

#[test]
fn a_duplicate_names_the_contact_that_is_there() {
    let body = r#"{"statusCode":400,"message":"This location does not allow duplicated contacts.",
        "meta":{"contactId":"con9","matchingField":"email"}}"#;
    let error = refused(400, body);
    let duplicate = error.duplicate_of().unwrap();
    assert_eq!((error.code(), &duplicate.contact), (Code::Duplicate, &ContactId::new("con9")));
    assert_eq!(duplicate.matching_field.as_deref(), Some("email"));
    let other = refused(422, body);
    assert_eq!((other.code(), other.duplicate_of()), (Code::Validation, None), "only a 400 says so");
}

#[test]
fn a_success_that_cannot_be_read_is_unexpected() {
    for body in ["", "<html>", r#"{"thing":"#, "\u{feff}{}"] {
        let rig = Rig::new();
        rig.script([Step::reply(201, body)]);
        let request: ApiRequest<Thing> = ApiRequest::new(Method::Post, &["things"]).inside("thing");
        let call =
            drive(&rig.clock, rig.client.call(&rig.location, &request, &CallOptions::default())).unwrap();
        let error = call.result.unwrap_err();
        assert_eq!((error.code(), error.delivery()), (Code::UnexpectedReply, Delivery::Answered), "{body}");
        assert_eq!((error.status(), call.meta.unanswered, rig.times().len()), (Some(201), 0, 1));
    }
}

#[test]
fn a_reply_of_the_wrong_type_is_told_by_its_trace_and_place_and_by_no_value() {
    for (body, trace) in [
        (r#"{"thing":{"id":{"s3cret":5}},"traceId":"0c52e980-41f6-4be7-8c4b-32332ss3cret"}"#, None),
        (
            r#"{"thing":"s3cret","traceId":"0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c"}"#,
            Some("0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c"),
        ),
        (r#"{"thing":"s3cret","traceId":{"id":5}}"#, None),
        (
            r#"{"thing":{"id":"t1"},"traceId":"0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c""#,
            Some("0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c"),
        ),
        (
            r#"{"traceId" : "0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c","thing":{"id":"s3cret"#,
            Some("0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c"),
        ),
        (r#"{"thing":5,"said":"\"traceId\":\"0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c\""}"#, None),
    ] {
        let rig = Rig::new();
        rig.script([Step::reply(200, body)]);
        let request: ApiRequest<Thing> = ApiRequest::new(Method::Get, &["things", "t1"]).inside("thing");
        let error = drive(&rig.clock, rig.client.send(&rig.location, &request)).unwrap().unwrap_err();
        assert_eq!((error.code(), error.trace_id()), (Code::UnexpectedReply, trace), "{body}");
        assert!(
            error.message().contains("line 1, column ") && !format!("{error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

#[test]
fn a_redirect_is_not_followed_and_says_so() {
    let rig = Rig::new();
    rig.script([Step::reply(307, "")]);
    let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
    assert_eq!((error.code(), rig.times().len()), (Code::UnexpectedReply, 1));
    assert!(error.message().contains("not followed") && error.message().contains("baseUrl"), "{error}");
}

#[test]
fn an_object_is_read_with_or_without_its_envelope() {
    for body in [r#"{"thing":{"id":"t1"},"traceId":"t"}"#, r#"{"id":"t1","traceId":"t"}"#] {
        let rig = Rig::new();
        rig.script([Step::reply(200, body)]);
        let request: ApiRequest<Thing> = ApiRequest::new(Method::Get, &["things", "t1"]).inside("thing");
        assert_eq!(drive(&rig.clock, rig.client.send(&rig.location, &request)).unwrap().unwrap().id, "t1");
    }
}

#[test]
fn no_body_is_read_as_null() {
    let rig = Rig::new();
    rig.script([Step::reply(204, "")]);
    assert_eq!(rig.call(&request(Method::Delete), &CallOptions::default()).result.unwrap(), Value::Null);
}

#[test]
fn a_reply_that_is_too_large_is_not_asked_for_again() {
    for (method, code) in [(Method::Get, Code::UnexpectedReply), (Method::Post, Code::OutcomeUnknown)] {
        let rig = Rig::new();
        rig.transport.otherwise(Step::error(TransportErrorKind::ReplyTooLarge));
        let error = rig.call(&request(method), &CallOptions::default()).result.unwrap_err();
        assert_eq!((error.code(), rig.times().len()), (code, 1));
    }
}

#[test]
fn a_long_message_is_cut_between_characters() {
    let error = refused(400, &format!(r#"{{"message":"{}"}}"#, "ü".repeat(100_000)));
    assert!(error.message().len() < 600 && error.message().ends_with("ü…"), "{}", error.message().len());
}

#[test]
fn a_base_url_is_checked() {
    let build = |url: &str| {
        let clock = ManualClock::new(START);
        let transport = Arc::new(ScriptedTransport::new(clock.clone()));
        ClientBuilder::new(transport, Arc::new(clock), Arc::new(NoJitter), Arc::new(StaticTokens::new()))
            .base_url(url)
            .build()
    };
    for good in
        ["https://services.leadconnectorhq.com", "http://127.0.0.1:8080/", "https://proxy.example/ghl"]
    {
        assert!(build(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "services.leadconnectorhq.com",
        "ftp://x",
        "http://services.leadconnectorhq.com",
        "http://127.0.0.1.example.com",
        "https://",
        "https:///x",
        "https://:80",
        "https://u:p@x",
        "https://x?y",
        "https://x#y",
        "https://x y",
        "https://x\n",
        "HTTPS:\\\\x",
    ] {
        let Err(error) = build(bad) else { panic!("{bad} was accepted") };
        assert_eq!((error.code(), error.field()), (Code::Config, Some("base url")), "{bad}");
    }
}

#[test]
fn a_missing_or_unsendable_token_is_a_matter_of_configuration() {
    for tokens in [
        StaticTokens::new(),
        StaticTokens::new().with(LocationId::new("loc1"), Secret::new("")),
        StaticTokens::new().with(LocationId::new("loc1"), Secret::new("pit-1\r\nx: y")),
        StaticTokens::new().with(LocationId::new("loc1"), Secret::new("pit 1")),
    ] {
        let rig = Rig::with_tokens(Arc::new(tokens), |builder| builder);
        let error = rig.call(&request(Method::Get), &CallOptions::default()).result.unwrap_err();
        assert_eq!((error.code(), error.field(), rig.times().len()), (Code::Config, Some("token"), 0));
        assert!(!format!("{error:?}").contains("pit"));
    }
}
