use super::*;
use crate::{client::ApiVersion, error::Code, ports::store::TokenState};

/// An agency with location `loc1` approved; the agency's tokens are `ca0` and `cr0`.
fn agency() -> (Rig, OAuthTokens) {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let mut reply = granted_company(0);
    reply["approvedLocations"] = json!(["loc1"]);
    rig.install(&tokens, reply);
    (rig, tokens)
}

fn bearer(rig: &Rig, request: usize) -> String {
    let sent = rig.transport.sent();
    sent[request].request.header("authorization").unwrap_or_default().to_owned()
}

#[test]
fn an_agencys_token_gives_out_its_locations() {
    let (rig, tokens) = agency();
    assert_eq!(rig.asked(1).len(), 0, "not before it is needed");
    rig.script([Step::reply(201, granted("loc1", 1).to_string())]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert_eq!(rig.asked(1), ["/oauth/locationToken locationId=loc1"]);
    assert_eq!(bearer(&rig, 1), "Bearer ca0");
    assert_eq!(rig.token(&rig.process(2)).unwrap(), "a1");
    let row = rig.location_row();
    assert_eq!((row.by_company, row.company), (true, Some(CompanyId::new("com1"))));
}

#[test]
fn a_minted_token_without_refresh_token_is_minted_again() {
    let (rig, tokens) = agency();
    let bare = |n| {
        let mut reply = granted("loc1", n);
        reply["refresh_token"] = Value::Null;
        ok(reply)
    };
    rig.script([bare(1)]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    rig.leave(0.0);
    rig.script([ok(granted_company(1)), bare(2)]);
    assert_eq!(rig.token(&tokens).unwrap(), "a2");
    assert_eq!(rig.asked(2), ["/oauth/token refresh_token=cr0", "/oauth/locationToken locationId=loc1"]);
    assert_eq!(bearer(&rig, 3), "Bearer ca1");
}

#[test]
fn a_location_whose_refresh_token_is_used_up_gets_another_token_from_its_agency() {
    let (rig, tokens) = agency();
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    rig.script([invalid_grant(), ok(granted("loc1", 2))]);
    assert_eq!(rig.renew(&tokens, "a1").unwrap(), "a2");
    assert_eq!(rig.asked(2), ["/oauth/token refresh_token=r1", "/oauth/locationToken locationId=loc1"]);
    assert_eq!(rig.location_row().state, TokenState::Active);
}

#[test]
fn an_agencys_token_that_is_refused_is_renewed_once() {
    let (rig, tokens) = agency();
    let refused = || Step::reply(401, r#"{"statusCode":401,"message":"Invalid JWT"}"#);
    rig.script([refused(), ok(granted_company(1)), ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert_eq!([1, 2, 3].map(|n| bearer(&rig, n)), ["Bearer ca0", "", "Bearer ca1"]);

    let (rig, tokens) = agency();
    rig.script([refused(), ok(granted_company(1)), refused()]);
    assert_eq!(code_of(rig.token(&tokens)), Code::Unauthorized);
    assert_eq!(rig.asked(1).len(), 3);
}

#[test]
fn a_refusal_that_no_new_token_would_change_renews_nothing() {
    for (status, message, code) in [
        (401, "The token is not authorized for this scope.", Code::ScopeMissing),
        (401, "Token's user type mismatch!", Code::WrongTokenClass),
        (401, "version header was not found.", Code::VersionHeader),
        (400, "Location not found", Code::Unauthorized),
    ] {
        let (rig, tokens) = agency();
        rig.script([Step::reply(status, format!(r#"{{"message":"{message}"}}"#))]);
        assert_eq!(code_of(rig.token(&tokens)), code, "{message}");
        assert_eq!(rig.asked(1).len(), 1, "{message}");
        assert_eq!(code_of(rig.token(&tokens)), code);
        assert_eq!(rig.asked(1).len(), 1, "the next call is told the same");
    }
}

#[test]
fn a_location_that_is_announced_before_its_agency_waits_for_it() {
    let rig = Rig::new();
    let tokens = rig.process(1);
    let company = CompanyId::new("com1");
    assert!(rig.drive(tokens.inner.announce(&rig.location, &company, None)).unwrap());
    assert_eq!(code_of(rig.token(&tokens)), Code::Reauthorize);
    assert_eq!(rig.asked(0).len(), 0);
    rig.install(&tokens, granted_company(0));
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
}

#[test]
fn an_agency_that_is_configured_serves_locations_nobody_announced() {
    let rig = Rig::new();
    let tokens = rig.process_with(1, OAuthApp { company: Some(CompanyId::new("com1")), ..app() }, &["k1"]);
    assert_eq!(code_of(rig.token(&tokens)), Code::Reauthorize, "it has not installed the app itself");
    rig.install(&tokens, granted_company(0));
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert_eq!(rig.token(&rig.process(2)).unwrap(), "a1", "and they are known from then on");
    rig.script([Step::reply(400, r#"{"message":"Location not found"}"#)]);
    assert_eq!(code_of(rig.drive(tokens.token(&LocationId::new("loc9")))), Code::Unauthorized);
    assert_eq!(rig.row(&super::location("loc9")), None);
}

#[test]
fn when_an_agency_installs_again_its_locations_come_back() {
    let (rig, tokens) = agency();
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    rig.leave(0.0);
    rig.script([invalid_grant(), invalid_grant()]);
    assert_eq!(code_of(rig.token(&tokens)), Code::Reauthorize);
    let states = [rig.location_row().state, rig.row(&company("com1")).unwrap().state];
    assert_eq!(states, [TokenState::Reauthorize; 2]);
    assert_eq!(code_of(rig.token(&tokens)), Code::Reauthorize);
    assert_eq!(rig.asked(2).len(), 2, "GHL is left alone");
    rig.install(&tokens, granted_company(5));
    rig.script([invalid_grant(), ok(granted("loc1", 6))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a6");
    assert_eq!(bearer(&rig, 6), "Bearer ca5");
}

#[test]
fn installed_locations_are_read_page_by_page() {
    let (rig, tokens) = agency();
    let page = |ids: std::ops::Range<usize>| {
        let item = |n| json!({ "_id": format!("loc{n}"), "name": "Shop", "address": "1 Street", "isInstalled": n != 3 });
        ok(
            json!({ "locations": ids.map(item).collect::<Vec<_>>(), "count": 102, "installToFutureLocations": false }),
        )
    };
    rig.script([page(0..100), page(100..102)]);
    let company = CompanyId::new("com1");
    let new = rig.drive(tokens.adopt_installed(&company)).unwrap();
    assert_eq!(new.len(), 100, "all but the one known and the one not installed");
    let urls: Vec<_> = rig.transport.sent().iter().skip(1).map(|sent| sent.request.url.clone()).collect();
    assert!(urls[0].ends_with("companyId=com1&appId=app1&isInstalled=true&skip=0&limit=100"), "{}", urls[0]);
    assert!(urls[1].ends_with("&skip=100&limit=100"), "{}", urls[1]);
    assert_eq!(bearer(&rig, 2), "Bearer ca0");
    rig.script([ok(json!({ "items": [{ "id": "loc100" }, { "id": "loc200" }] }))]);
    assert_eq!(rig.drive(tokens.adopt_installed(&company)).unwrap(), [LocationId::new("loc200")]);
    let other = CompanyId::new("com9");
    assert_eq!(code_of(rig.drive(tokens.installed_locations(&other))), Code::Reauthorize);
}

#[test]
fn version_3_pages_by_what_each_page_says() {
    let rig = Rig::new();
    let tokens = rig.process_with(1, OAuthApp { api_version: ApiVersion::V3, ..app() }, &["k1"]);
    rig.install(&tokens, granted_company(0));
    let page = |id: &str, next: serde_json::Value| {
        ok(json!({ "items": [{ "_id": id, "name": "Shop" }], "pagination": { "nextPageToken": next } }))
    };
    rig.script([page("loc1", json!("t1")), page("loc2", json!(null))]);
    let found = rig.drive(tokens.installed_locations(&CompanyId::new("com1"))).unwrap();
    assert_eq!(found.iter().map(|location| location.id.as_str()).collect::<Vec<_>>(), ["loc1", "loc2"]);
    let urls: Vec<_> = rig.transport.sent().iter().skip(1).map(|sent| sent.request.url.clone()).collect();
    let route = "/oauth/installed-locations?companyId=com1&appId=app1&isInstalled=true";
    assert!(urls[0].ends_with(&format!("{route}&pageSize=100")), "{}", urls[0]);
    assert!(urls[1].ends_with(&format!("{route}&pageToken=t1&pageSize=100")), "{}", urls[1]);
}
