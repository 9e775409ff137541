use mock_ghl::{CLIENT_ID, CLIENT_SECRET, COMPANY_ID, LOCATION_ID, RefreshError, Request};
use serde_json::{Value, json};

use crate::support::{Api, MONDAY, text};

const TOKEN_PATH: &str = "/oauth/token";
const DAY: i64 = 86_400_000;

fn form(api: &mut Api, pairs: &[(&str, &str)]) -> (u16, Value) {
    let reply = api.send(&Request::new("POST", TOKEN_PATH).form(pairs));
    (reply.status, reply.json())
}

fn exchange(api: &mut Api, code: &str) -> (u16, Value) {
    form(
        api,
        &[
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("grant_type", "authorization_code"),
            ("code", code),
        ],
    )
}

fn refresh(api: &mut Api, token: &str) -> (u16, Value) {
    form(
        api,
        &[
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
        ],
    )
}

/// Installs for a location (or the company) and gives the token reply.
fn install(api: &mut Api, location_id: Option<&str>) -> Value {
    let code = api.ghl.issue_code(location_id);
    let (status, reply) = exchange(api, &code);
    assert_eq!(status, 200, "{reply}");
    reply
}

#[test]
fn a_code_is_exchanged_once_for_a_token_that_opens_the_location_for_a_day() {
    let mut api = Api::unlimited();
    let code = api.ghl.issue_code(Some(LOCATION_ID));
    let (status, reply) = exchange(&mut api, &code);
    assert_eq!(status, 200);
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(86_399)));
    assert_eq!((&reply["userType"], &reply["locationId"]), (&json!("Location"), &json!(LOCATION_ID)));
    assert_eq!(reply.get("traceId"), None);
    assert_eq!(text(&reply["access_token"]).split('.').count(), 3);
    let (status, again) = exchange(&mut api, &code);
    let refused = json!({ "error": "UnAuthorized!", "error_description": "Authorization code not found" });
    assert_eq!((status, again), (401, refused));
    api.token = text(&reply["access_token"]);
    api.contact(json!({ "email": "a@example.com" }));
    api.now = MONDAY + 86_399_000;
    let (status, reply) = api.get(&format!("/locations/{LOCATION_ID}/tags"));
    assert_eq!((status, &reply["message"]), (401, &json!("Invalid JWT")));
}

#[test]
fn the_code_is_looked_at_before_the_client() {
    let mut api = Api::unlimited();
    let wrong_client = |code: &str| {
        vec![
            ("client_id".to_owned(), "x".to_owned()),
            ("client_secret".to_owned(), "x".to_owned()),
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code.to_owned()),
        ]
    };
    let send = |api: &mut Api, pairs: Vec<(String, String)>| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form(api, &pairs)
    };
    let (status, reply) = send(&mut api, wrong_client("unknown"));
    assert_eq!((status, &reply["error_description"]), (401, &json!("Authorization code not found")));
    let code = api.ghl.issue_code(Some(LOCATION_ID));
    let (status, reply) = send(&mut api, wrong_client(&code));
    assert_eq!((status, &reply["error_description"]), (401, &json!("Invalid client credentials!")));
    assert_eq!(exchange(&mut api, &code).0, 200, "the code is not used up by a wrong client");
}

#[test]
fn refreshing_rotates_and_within_thirty_seconds_gives_everybody_the_same() {
    let mut api = Api::unlimited();
    let first = install(&mut api, Some(LOCATION_ID));
    let old = text(&first["refresh_token"]);
    api.now += 1_000;
    let (status, second) = refresh(&mut api, &old);
    assert_eq!(status, 200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    api.now += 30_000;
    assert_eq!(refresh(&mut api, &old), (200, second.clone()));
    api.now += 1;
    let (status, refused) = refresh(&mut api, &old);
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    // The successor works once its predecessor is dead.
    let (status, third) = refresh(&mut api, &text(&second["refresh_token"]));
    assert_eq!(status, 200);
    api.token = text(&third["access_token"]);
    assert_eq!(api.get(&format!("/locations/{LOCATION_ID}/tags")).0, 200);
}

#[test]
fn a_refresh_token_dies_after_a_year_and_with_a_suspended_location() {
    let mut api = Api::unlimited();
    let token = text(&install(&mut api, Some(LOCATION_ID))["refresh_token"]);
    api.now = MONDAY + 365 * DAY;
    assert_eq!(refresh(&mut api, &token).0, 400);
    let mut api = Api::with(|settings| settings.locations[0].active = false);
    let token = text(&install(&mut api, Some(LOCATION_ID))["refresh_token"]);
    let (status, reply) = refresh(&mut api, &token);
    assert_eq!((status, &reply["message"]), (400, &json!("Location is not active")));
}

#[test]
fn a_refused_refresh_has_two_shapes_by_switch() {
    let mut api = Api::with(|settings| settings.assumptions.refresh_error = RefreshError::Unauthorized);
    let (status, reply) = refresh(&mut api, "unknown");
    let body = json!({ "statusCode": 401, "message": "Invalid refresh token", "error": "Unauthorized" });
    assert_eq!((status, reply), (401, body));
}

#[test]
fn malformed_token_requests_are_refused() {
    let mut api = Api::unlimited();
    assert_eq!(form(&mut api, &[]).0, 422);
    assert_eq!(form(&mut api, &[("grant_type", "password")]).0, 422);
    assert_eq!(
        form(&mut api, &[("grant_type", "authorization_code")]).1["message"],
        json!(["code should not be empty"])
    );
    let as_json = Request::new("POST", TOKEN_PATH).json(&json!({ "grant_type": "refresh_token" }));
    assert_eq!(api.send(&as_json).status, 422, "date versions take a form");
}

#[test]
fn version_3_speaks_camel_case_and_takes_json() {
    let mut api = Api::unlimited();
    let code = api.ghl.issue_code(Some(LOCATION_ID));
    let body = json!({
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "grantType": "authorization_code", "code": code
    });
    let reply = api.send(&Request::new("POST", TOKEN_PATH).header("Version", "v3").json(&body)).json();
    assert!(reply["accessToken"].is_string() && reply["refreshToken"].is_string(), "{reply}");
    assert_eq!((&reply["tokenType"], reply.get("access_token")), (&json!("Bearer"), None));
}

#[test]
fn a_company_token_opens_no_contacts_but_mints_location_tokens() {
    let mut api = Api::unlimited();
    let company = install(&mut api, None);
    assert_eq!((&company["userType"], company.get("locationId")), (&json!("Company"), None));
    api.token = text(&company["access_token"]);
    let (status, reply) = api.post("/contacts/", json!({ "locationId": LOCATION_ID }));
    assert_eq!(status, 401);
    assert!(text(&reply["message"]).starts_with("This authClass type is not allowed to access this scope"));
    let mint = |api: &mut Api, company: &str, location: &str| {
        let request = api
            .request("POST", "/oauth/locationToken")
            .form(&[("companyId", company), ("locationId", location)]);
        let reply = api.send(&request);
        (reply.status, reply.json())
    };
    assert_eq!(mint(&mut api, COMPANY_ID, "nowhere").0, 400);
    assert_eq!(mint(&mut api, "other", LOCATION_ID).0, 401);
    let (status, minted) = mint(&mut api, COMPANY_ID, LOCATION_ID);
    assert_eq!((status, &minted["locationId"]), (201, &json!(LOCATION_ID)));
    assert!(minted["refresh_token"].is_string());
    api.token = text(&minted["access_token"]);
    api.contact(json!({ "email": "a@example.com" }));
    // A location token mints nothing.
    assert_eq!(mint(&mut api, COMPANY_ID, LOCATION_ID).1["message"], "Token's user type mismatch!");
}

#[test]
fn installed_locations_are_listed_for_the_company() {
    let mut api = Api::unlimited();
    api.token = text(&install(&mut api, None)["access_token"]);
    let app = CLIENT_ID.split('-').next().unwrap();
    let path = format!("/oauth/installedLocations?companyId={COMPANY_ID}&appId={app}");
    let (status, reply) = api.get(&path);
    assert_eq!(
        (status, &reply["count"], &reply["locations"][0]["_id"]),
        (200, &json!(1), &json!(LOCATION_ID))
    );
    assert_eq!(api.get(&format!("{path}&skip=1")).1["locations"], json!([]));
    assert_eq!(api.get("/oauth/installedLocations?companyId=x&appId=y").0, 401);
    api.token = mock_ghl::TOKEN.to_owned();
    assert_eq!(api.get(&path).0, 401, "private integrations cannot ask");
}

#[test]
fn version_3_has_paths_of_its_own_and_pages_by_tokens() {
    let mut api = Api::with(|settings| {
        let other = mock_ghl::LocationSettings { id: "other".to_owned(), ..settings.locations[0].clone() };
        settings.locations.push(other);
    });
    api.token = text(&install(&mut api, None)["access_token"]);
    let app = CLIENT_ID.split('-').next().unwrap();
    let path = format!("/oauth/installed-locations?companyId={COMPANY_ID}&appId={app}&pageSize=1");
    assert_eq!(api.get(&path).0, 404, "date versions do not know it");
    api.version = "v3".to_owned();
    let (status, first) = api.get(&path);
    assert_eq!((status, first["items"].as_array().map(Vec::len)), (200, Some(1)), "{first}");
    let next = format!("{path}&pageToken={}", text(&first["pagination"]["nextPageToken"]));
    let (_, last) = api.get(&next);
    assert_eq!(
        (&last["pagination"]["hasNextPage"], &last["pagination"]["nextPageToken"]),
        (&json!(false), &json!(null))
    );
    assert_ne!(first["items"][0]["_id"], last["items"][0]["_id"]);
    assert_eq!(api.get(&format!("{path}&pageToken=x")).0, 422);
    let request = api
        .request("POST", "/oauth/location-token")
        .form(&[("companyId", COMPANY_ID), ("locationId", LOCATION_ID)]);
    let minted = api.send(&request).json();
    assert!(minted["accessToken"].is_string() && minted.get("access_token").is_none(), "{minted}");
}

#[test]
fn minted_tokens_carry_two_scopes_nobody_asked_for() {
    let mut api = Api::with(|settings| settings.app.scope = "contacts.readonly oauth.write".to_owned());
    let company = install(&mut api, None);
    assert_eq!(company["scope"], "contacts.readonly oauth.write");
    api.token = text(&company["access_token"]);
    let request = api
        .request("POST", "/oauth/locationToken")
        .form(&[("companyId", COMPANY_ID), ("locationId", LOCATION_ID)]);
    let minted = api.send(&request).json();
    assert!(text(&minted["scope"]).ends_with("oauth.readonly oauth.write"));
    api.token = text(&minted["access_token"]);
    let (status, reply) = api.post("/contacts/", json!({ "locationId": LOCATION_ID }));
    assert_eq!((status, &reply["message"]), (401, &json!("The token is not authorized for this scope.")));
}

#[test]
fn access_tokens_can_be_expired_at_will() {
    let mut api = Api::unlimited();
    let tokens = install(&mut api, Some(LOCATION_ID));
    api.token = text(&tokens["access_token"]);
    assert_eq!(api.get(&format!("/locations/{LOCATION_ID}/tags")).0, 200);
    api.ghl.expire_access_tokens(api.now);
    assert_eq!(api.get(&format!("/locations/{LOCATION_ID}/tags")).1["message"], "Invalid JWT");
    assert_eq!(refresh(&mut api, &text(&tokens["refresh_token"])).0, 200);
}
