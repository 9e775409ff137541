use super::*;
use crate::{
    error::{Code, Delivery},
    oauth::{AppChange, Installation},
    ports::TransportErrorKind,
    webhook,
};

/// The state of an authorize URL for this session.
fn state(tokens: &OAuthTokens, session: &str) -> String {
    let url = tokens.authorize_url(session).unwrap();
    assert!(!url.contains(CLIENT_SECRET) && !url.contains(session), "{url}");
    url.split_once("&state=").unwrap().1.to_owned()
}

fn event(tokens: &OAuthTokens, rig: &Rig, body: Value) -> AppChange {
    let event = webhook::parse(body.to_string().as_bytes()).unwrap();
    rig.drive(tokens.apply_event(&event)).unwrap()
}

fn iso(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap().to_rfc3339()
}

#[test]
fn a_consent_becomes_an_installation() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let state = state(&tokens, "session-1");
    rig.script([ok(granted("loc1", 0))]);
    let query = format!("?code=c0de&state={state}");
    let installed = rig.drive(tokens.callback(&query, "session-1")).unwrap();
    let expected = Installation {
        subject: location("loc1"),
        company: Some(CompanyId::new("com1")),
        scopes: vec!["contacts.readonly".to_owned(), "oauth.write".to_owned()],
        user: Some(crate::ids::UserId::new("u1")),
        approved: vec![],
    };
    assert_eq!((installed, rig.asked(0)), (expected, vec!["/oauth/token code=c0de".to_owned()]));
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    let row = rig.location_row();
    assert_eq!((row.by_company, row.company), (false, Some(CompanyId::new("com1"))));
}

#[test]
fn a_callback_of_another_session_exchanges_nothing() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let good = state(&tokens, "session-1");
    let flipped = format!("{}{}", if good.starts_with('A') { 'B' } else { 'A' }, &good[1..]);
    for (query, session) in [
        (format!("code=c0de&state={good}"), "session-2"),
        (format!("code=c0de&state={flipped}"), "session-1"),
        ("code=c0de&state=".to_owned(), "session-1"),
        ("code=c0de".to_owned(), "session-1"),
        (String::new(), "session-1"),
        (format!("state={flipped}&state={good}&code=c0de"), "session-1"),
    ] {
        let error = rig.drive(tokens.callback(&query, session)).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("state")), "{query}");
        assert!(!error.message().contains("c0de"), "{error}");
    }
    let old = format!("code=c0de&state={good}");
    rig.clock.advance(3_600_001);
    assert_eq!(rig.drive(tokens.callback(&old, "session-1")).unwrap_err().field(), Some("state"));
    assert_eq!(rig.asked(0).len(), 0);
}

#[test]
fn a_callback_without_consent_or_code_says_so() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let state = state(&tokens, "session-1");
    let denied = format!("error=access_denied&error_description=The%20user%0Asaid+no&state={state}");
    let error = rig.drive(tokens.callback(&denied, "session-1")).unwrap_err();
    assert_eq!(
        (error.code(), error.message()),
        (Code::Refused, "the consent page answered: The usersaid no")
    );
    for code in ["", "a%20b", &"x".repeat(2_049), "%C3%A4"] {
        let error =
            rig.drive(tokens.callback(&format!("code={code}&state={state}"), "session-1")).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("code")), "{code}");
    }
    let long = "x".repeat(8_193);
    assert_eq!(rig.drive(tokens.callback(&long, "session-1")).unwrap_err().field(), Some("query"));
    assert_eq!(tokens.authorize_url("").unwrap_err().field(), Some("session"));
    let none = rig.process_with(2, OAuthApp { scopes: vec![], ..app() }, &["k1"]);
    assert_eq!(none.authorize_url("s").unwrap_err().field(), Some("scopes"));
    assert_eq!(rig.asked(0).len(), 0);
}

#[test]
fn a_code_is_sent_once_unless_it_surely_never_left() {
    for (step, code, sent) in [
        (Step::silence(), Code::OutcomeUnknown, 1),
        (Step::error(TransportErrorKind::Broken), Code::OutcomeUnknown, 1),
        (Step::reply(500, ""), Code::OutcomeUnknown, 1),
        (Step::error(TransportErrorKind::Connect), Code::Network, 3),
        (
            Step::reply(
                401,
                r#"{"error":"UnAuthorized!","error_description":"Authorization code not found"}"#,
            ),
            Code::Unauthorized,
            1,
        ),
        (Step::reply(200, r#"{"access_token":"a"}"#), Code::UnexpectedReply, 1),
        (Step::reply(200, r#"{"token":"a"}"#), Code::UnexpectedReply, 1),
        (Step::reply(302, ""), Code::OutcomeUnknown, 1),
    ] {
        let rig = Rig::new();
        let tokens = rig.process(1);
        rig.transport.otherwise(step.clone());
        let error = rig.drive(tokens.exchange_code("c0de")).unwrap_err();
        assert_eq!((error.code(), rig.asked(0).len()), (code, sent), "{step:?}: {error}");
    }
    let rig = Rig::new();
    rig.script([Step::error(TransportErrorKind::Connect), ok(granted("loc1", 0))]);
    assert!(rig.drive(rig.process(1).exchange_code("c0de")).is_ok());
}

#[test]
fn a_store_that_is_down_is_found_out_before_the_code_is_used() {
    let rig = Rig::new();
    rig.store.failing_reads.store(1, std::sync::atomic::Ordering::SeqCst);
    let error = rig.drive(rig.process(1).exchange_code("c0de")).unwrap_err();
    assert_eq!((error.code(), error.delivery(), rig.asked(0).len()), (Code::Store, Delivery::NotSent, 0));
}

#[test]
fn a_store_that_is_busy_for_a_moment_does_not_cost_the_code() {
    let rig = Rig::new();
    rig.store.failing_writes.store(3, std::sync::atomic::Ordering::SeqCst);
    let tokens = rig.process(1);
    rig.install(&tokens, granted("loc1", 0));
    assert_eq!((rig.token(&tokens).unwrap(), rig.asked(0).len()), ("a0".to_owned(), 1));
}

#[test]
fn an_agencys_consent_makes_its_approved_locations_known() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let mut reply = granted_company(0);
    reply["approvedLocations"] = json!(["loc1", "loc2"]);
    rig.script([ok(reply)]);
    let installed = rig.drive(tokens.exchange_code("c0de")).unwrap();
    assert_eq!(installed.subject, company("com1"));
    assert_eq!(installed.approved, ["loc1", "loc2"].map(LocationId::new));
    for id in ["loc1", "loc2"] {
        let row = rig.row(&location(id)).unwrap();
        assert_eq!((row.by_company, row.tokens), (true, None));
    }
}

#[test]
fn install_events_make_locations_known_once() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let install = json!({ "type": "INSTALL", "appId": "app1", "locationId": "loc1", "companyId": "com1" });
    assert_eq!(event(&tokens, &rig, install.clone()), AppChange::Installed(LocationId::new("loc1")));
    assert_eq!(event(&tokens, &rig, install.clone()), AppChange::None, "known already");
    let row = rig.location_row();
    assert_eq!((row.by_company, row.tokens, row.installed_at), (true, None, START));
    for body in [
        json!({ "type": "INSTALL", "appId": "app2", "locationId": "loc2", "companyId": "com1" }),
        json!({ "type": "INSTALL", "locationId": "loc2", "companyId": "com1" }),
        json!({ "type": "INSTALL", "appId": "app1", "companyId": "com1" }),
        json!({ "type": "INSTALL", "appId": "app1", "locationId": "loc2" }),
        json!({ "type": "ContactCreate", "appId": "app1", "locationId": "loc2", "id": "con1" }),
    ] {
        assert_eq!(event(&tokens, &rig, body.clone()), AppChange::None, "{body}");
    }
    assert_eq!(rig.row(&location("loc2")), None);
    // The code of a location's own installation may come after its event.
    rig.install(&tokens, granted("loc1", 0));
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert!(!rig.location_row().by_company);
    assert_eq!(event(&tokens, &rig, install), AppChange::None);
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
}

#[test]
fn uninstall_events_remove_what_they_name() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let mut agency = granted_company(0);
    agency["approvedLocations"] = json!(["loc2", "loc3"]);
    rig.install(&tokens, agency);
    rig.install(&tokens, granted("loc1", 0));
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    let gone = |body: Value| event(&tokens, &rig, body);
    for body in [
        json!({ "type": "UNINSTALL", "appId": "app2", "locationId": "loc1" }),
        json!({ "type": "UNINSTALL", "appId": "app1", "locationId": "loc9" }),
        json!({ "type": "UNINSTALL", "appId": "app1" }),
    ] {
        assert_eq!(gone(body.clone()), AppChange::None, "{body}");
    }
    let one = json!({ "type": "UNINSTALL", "appId": "app1", "locationId": "loc3" });
    assert_eq!(gone(one), AppChange::Removed(vec![location("loc3")]));
    let all = json!({ "type": "UNINSTALL", "appId": "app1", "companyId": "com1" });
    assert_eq!(gone(all), AppChange::Removed(vec![company("com1"), location("loc2")]));
    assert_eq!(rig.token(&tokens).unwrap(), "a0", "a location that installed the app itself keeps it");
    let own = json!({ "type": "UNINSTALL", "appId": "app1", "locationId": "loc1" });
    assert_eq!(gone(own), AppChange::Removed(vec![location("loc1")]));
    assert_eq!(code_of(rig.token(&tokens)), Code::Reauthorize, "also what this process remembered");
}

#[test]
fn an_old_uninstall_that_is_repeated_does_not_end_a_new_installation() {
    let (rig, tokens) = Rig::installed();
    let uninstall =
        |at: i64| json!({ "type": "UNINSTALL", "appId": "app1", "locationId": "loc1", "timestamp": iso(at) });
    assert_eq!(event(&tokens, &rig, uninstall(START - 60_000)), AppChange::None);
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert!(matches!(event(&tokens, &rig, uninstall(START - 4_000)), AppChange::Removed(_)), "clocks differ");
}
