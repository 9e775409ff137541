use mock_ghl::{
    AGENCY_TOKEN, Limits, LocationSettings, PrivateToken, RateLimitBody, Request, ResetUnit, Settings, TOKEN,
    TokenKind,
};
use serde_json::json;

use crate::support::{Api, MONDAY};

const PATH: &str = "/locations/SaunaLocation0000001/tags";

#[test]
fn without_version_the_answer_looks_like_a_bad_token() {
    let mut api = Api::unlimited();
    let request = Request::new("GET", PATH).header("Authorization", &format!("Bearer {TOKEN}"));
    let reply = api.send(&request);
    assert_eq!(reply.status, 401);
    assert_eq!(reply.body, br#"{"message":"version header was not found."}"#);
    // Even with a bad token the version is what is complained about.
    let request = Request::new("GET", PATH).header("Authorization", "Bearer nonsense");
    assert_eq!(api.send(&request).json()["message"], "version header was not found.");
}

#[test]
fn every_published_version_opens_existing_paths_and_others_are_refused() {
    let mut api = Api::unlimited();
    for version in ["v3", "2023-02-21", "2021-07-28", "2021-04-15", "legacy"] {
        api.version = version.to_owned();
        assert_eq!(api.get(PATH).0, 200, "{version}");
    }
    api.version = "2022-01-01".to_owned();
    assert_eq!(api.get(PATH).0, 401);
    api.ghl = mock_ghl::Ghl::new(Settings {
        assumptions: mock_ghl::Assumptions { unknown_version_status: 400, ..Default::default() },
        ..Settings::default()
    });
    let (status, body) = api.get(PATH);
    assert_eq!((status, &body["message"]), (400, &json!("Invalid API version segment 2022-01-01")));
}

#[test]
fn bad_tokens_are_told_apart() {
    let mut api = Api::unlimited();
    api.token = "eyJhbGciOi.unknown.jwt".to_owned();
    assert_eq!(api.get(PATH).1["message"], "Invalid JWT");
    api.token = "pit-unknown".to_owned();
    let (status, body) = api.get(PATH);
    assert_eq!((status, &body["message"]), (401, &json!("Invalid Private Integration token")));
    let bare = Request::new("GET", PATH).header("Version", "2021-07-28");
    assert_eq!(api.send(&bare).status, 401);
    let basic = Request::new("GET", PATH).header("Version", "2021-07-28").header("Authorization", TOKEN);
    assert_eq!(api.send(&basic).status, 401);
}

#[test]
fn an_agency_token_and_a_missing_scope_are_refused_with_401() {
    let mut api = Api::with(|settings| {
        settings.private_tokens.push(PrivateToken {
            scopes: Some(vec!["contacts.readonly".to_owned()]),
            ..PrivateToken::location("pit-readonly", mock_ghl::LOCATION_ID)
        });
    });
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let path = format!("/contacts/{contact}");
    api.token = AGENCY_TOKEN.to_owned();
    let refused = json!("The token is not authorized for this scope.");
    assert_eq!(api.get(&path).1["message"], refused);
    api.token = "pit-readonly".to_owned();
    assert_eq!(api.get(&path).0, 200);
    let (status, body) = api.put(&path, json!({ "city": "Turku" }));
    assert_eq!((status, &body["message"]), (401, &refused));
    assert_eq!(api.ghl.contact(&contact).unwrap().text("city"), None);
}

#[test]
fn a_token_opens_its_own_location_only() {
    let mut api = Api::with(|settings| {
        settings.locations.push(LocationSettings { id: "OtherLocation".to_owned(), ..Default::default() });
        settings.private_tokens.push(PrivateToken::location("pit-other", "OtherLocation"));
    });
    let contact = api.contact(json!({ "email": "a@example.com" }));
    let opportunity = api.opportunity(&contact, "Order #1");
    api.token = "pit-other".to_owned();
    for (method, path, body) in [
        ("GET", format!("/contacts/{contact}"), json!({})),
        ("PUT", format!("/contacts/{contact}"), json!({ "city": "x" })),
        ("DELETE", format!("/contacts/{contact}"), json!({})),
        ("POST", format!("/contacts/{contact}/tags"), json!({ "tags": ["x"] })),
        ("GET", format!("/opportunities/{opportunity}"), json!({})),
        ("PUT", format!("/opportunities/{opportunity}/status"), json!({ "status": "lost" })),
        ("GET", PATH.to_owned(), json!({})),
        ("POST", "/contacts/".to_owned(), json!({ "locationId": mock_ghl::LOCATION_ID })),
        (
            "POST",
            "/contacts/search".to_owned(),
            json!({ "locationId": mock_ghl::LOCATION_ID, "pageLimit": 1 }),
        ),
        ("GET", "/opportunities/search?location_id=SaunaLocation0000001".to_owned(), json!({})),
        (
            "GET",
            "/contacts/search/duplicate?locationId=SaunaLocation0000001&email=a@b.c".to_owned(),
            json!({}),
        ),
        ("GET", "/opportunities/pipelines?locationId=SaunaLocation0000001".to_owned(), json!({})),
        ("GET", "/calendars/?locationId=SaunaLocation0000001".to_owned(), json!({})),
    ] {
        let (status, reply) = api.call(method, &path, body);
        let message = json!("The token does not have access to this location.");
        assert_eq!((status, &reply["message"]), (403, &message), "{method} {path}");
    }
    assert_eq!(api.ghl.contacts().count(), 1);
    assert_eq!(api.ghl.opportunity(&opportunity).unwrap().status, "open");
}

#[test]
fn slashes_count() {
    let mut api = Api::unlimited();
    for path in ["/contacts", "/opportunities", "/calendars?locationId=x", "/nowhere"] {
        let (status, body) = api.post(path, json!({}));
        assert_eq!((status, &body["error"]), (404, &json!("Not Found")), "{path}");
    }
    let message = api.post("/contacts", json!({})).1["message"].clone();
    assert_eq!(message, "Cannot POST /contacts");
}

#[test]
fn replies_carry_the_date_a_trace_id_and_the_allowance() {
    let mut api = Api::new(Settings::default());
    let reply = api.send(&api.request("GET", PATH));
    assert_eq!(reply.header("Date"), Some("Mon, 02 Mar 2026 00:00:00 GMT"));
    assert_eq!(reply.json()["traceId"].as_str().unwrap().len(), 36);
    let told = |name| reply.header(name).unwrap().parse::<i64>().unwrap();
    assert_eq!(told("X-RateLimit-Max"), 100);
    assert_eq!(told("X-RateLimit-Interval-Milliseconds"), 10_000);
    assert_eq!(told("X-RateLimit-Remaining"), 99);
    assert_eq!(told("X-RateLimit-Limit-Daily"), 200_000);
    assert_eq!(told("X-RateLimit-Daily-Remaining"), 199_999);
    assert_eq!(told("X-RateLimit-Daily-Reset"), 86_400_000);
    let refused = api.send(&Request::new("GET", PATH));
    assert_eq!(refused.header("Date"), Some("Mon, 02 Mar 2026 00:00:00 GMT"));
    assert_eq!(refused.header("X-RateLimit-Max"), None);
}

#[test]
fn the_hundred_and_first_request_in_ten_seconds_gets_429_and_does_nothing() {
    let mut api = Api::new(Settings::default());
    for _ in 0..100 {
        assert_eq!(api.get(PATH).0, 200);
        api.now += 10;
    }
    let request = api.request("POST", PATH).json(&json!({ "name": "late" }));
    let reply = api.send(&request);
    assert_eq!(reply.status, 429);
    assert_eq!(reply.json()["statusCode"], 429);
    assert_eq!(reply.json()["message"], "Too Many Requests");
    assert_eq!(reply.header("X-RateLimit-Remaining"), Some("0"));
    assert_eq!(reply.header("Retry-After"), None);
    assert_eq!(api.ghl.counters().too_many, 1);
    assert_eq!(api.ghl.max_in_window(), 101);
    api.now = MONDAY + 10_000;
    let (status, body) = api.get(PATH);
    assert_eq!((status, &body["tags"]), (200, &json!([])));
}

#[test]
fn a_fixed_and_a_sliding_window_are_both_enforced() {
    let mut api =
        Api::new(Settings { limits: Limits { burst: 10, ..Limits::default() }, ..Settings::default() });
    // Ten at the end of one fixed window; the next fixed window is empty, the sliding one is not.
    api.now = MONDAY + 9_990;
    for _ in 0..10 {
        assert_eq!(api.get(PATH).0, 200);
        api.now += 1;
    }
    api.now = MONDAY + 10_500;
    assert_eq!(api.get(PATH).0, 429);
    api.now = MONDAY + 19_991;
    assert_eq!(api.get(PATH).0, 200);
    // Now the sliding window has room for nine, but in the fixed window that began at 10 s two have
    // arrived, the refused one included.
    api.now = MONDAY + 19_999;
    for _ in 0..8 {
        assert_eq!(api.get(PATH).0, 200);
    }
    assert_eq!(api.get(PATH).0, 429);
    api.now += 1;
    assert_eq!(api.get(PATH).0, 200);
}

#[test]
fn the_daily_limit_ends_with_the_day() {
    let mut api =
        Api::new(Settings { limits: Limits { daily: 2, ..Limits::default() }, ..Settings::default() });
    assert_eq!(api.get(PATH).0, 200);
    assert_eq!(api.get(PATH).0, 200);
    api.now += 60_000;
    let reply = api.send(&api.request("GET", PATH));
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("X-RateLimit-Daily-Remaining"), Some("0"));
    assert_eq!(reply.header("X-RateLimit-Daily-Reset"), Some("86340000"));
    api.now = MONDAY + 86_400_000;
    assert_eq!(api.get(PATH).0, 200);
}

#[test]
fn limits_count_per_app_and_location() {
    let mut api = Api::with(|settings| {
        settings.limits = Limits { burst: 1, ..Limits::default() };
        settings.locations.push(LocationSettings { id: "OtherLocation".to_owned(), ..Default::default() });
        settings.private_tokens.push(PrivateToken::location("pit-other", "OtherLocation"));
        settings.private_tokens.push(PrivateToken::location("pit-second", mock_ghl::LOCATION_ID));
    });
    assert_eq!(api.get(PATH).0, 200);
    api.token = "pit-second".to_owned();
    assert_eq!(api.get(PATH).0, 429, "private integrations of one location share the allowance");
    api.token = "pit-other".to_owned();
    assert_eq!(api.get("/locations/OtherLocation/tags").0, 200);
}

#[test]
fn the_429_follows_its_switches() {
    let mut api = Api::with(|settings| {
        settings.limits = Limits { burst: 1, ..Limits::default() };
        settings.assumptions.rate_limit_body = RateLimitBody::Text;
        settings.assumptions.retry_after = true;
        settings.assumptions.daily_reset_unit = ResetUnit::Seconds;
    });
    assert_eq!(api.get(PATH).0, 200);
    api.now += 2_500;
    let reply = api.send(&api.request("GET", PATH));
    assert_eq!((reply.status, reply.body.as_slice()), (429, &b"Too Many Requests"[..]));
    assert_eq!(reply.header("Retry-After"), Some("8"));
    assert_eq!(reply.header("X-RateLimit-Daily-Reset"), Some("86397"));
}

#[test]
fn what_was_received_is_remembered_up_to_the_capacity() {
    let mut api = Api::with(|settings| settings.log_capacity = 3);
    for name in ["one", "two", "three", "four"] {
        api.post(PATH, json!({ "name": name }));
    }
    api.token = "pit-unknown".to_owned();
    api.get(&format!("{PATH}?x=1"));
    let seen: Vec<_> = api.ghl.received().collect();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].body, br#"{"name":"three"}"#);
    assert_eq!((seen[1].method.as_str(), seen[1].path.as_str(), seen[1].status), ("POST", PATH, 200));
    assert_eq!((seen[1].token, seen[1].at), (Some(TokenKind::PrivateLocation), MONDAY));
    assert_eq!((seen[2].status, seen[2].token), (401, None));
    assert_eq!(seen[2].query, [("x".to_owned(), "1".to_owned())]);
    let counters = api.ghl.counters();
    assert_eq!((counters.requests, counters.writes, counters.reads), (5, 4, 0));
    // A search is a POST and writes nothing.
    api.token = TOKEN.to_owned();
    api.post("/contacts/search", json!({ "locationId": mock_ghl::LOCATION_ID, "pageLimit": 1 }));
    assert_eq!((api.ghl.counters().writes, api.ghl.counters().reads), (4, 1));
}

#[test]
fn equal_seeds_give_equal_bytes_and_other_seeds_other_ids() {
    let run = |seed| {
        let mut api = Api::with(|settings| settings.seed = seed);
        let contact = api.contact(json!({ "email": "a@example.com", "tags": ["vip"] }));
        let opportunity = api.opportunity(&contact, "Order #1");
        let reply = api.send(&api.request("GET", &format!("/opportunities/{opportunity}")));
        let bodies: Vec<_> = api.ghl.take_webhooks().into_iter().map(|w| (w.headers(), w.body)).collect();
        (contact, reply, bodies)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).0, run(2).0);
}

#[test]
fn the_model_can_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<mock_ghl::Ghl>();
    is_send::<mock_ghl::Faults>();
}
