use mock_ghl::{CLIENT_ID, CLIENT_SECRET, LOCATION_ID, Settings};
use serde_json::json;

use crate::support::{Api, read};

#[tokio::test]
async fn the_state_is_looked_at_and_humans_are_played_over_http() {
    let api = Api::start(Settings::unlimited()).await;
    let details = json!({ "name": "Aino Mäkinen", "email": "a@example.com" });
    let (status, reply) = api.post("/__mock/contact", json!({ "details": details, "tags": ["vip"] })).await;
    assert_eq!(status, 200, "{reply}");
    let contact = reply["contactId"].as_str().unwrap().to_owned();
    let opportunity = api.opportunity(&contact).await;
    let moved =
        api.post("/__mock/stage", json!({ "opportunityId": opportunity, "stage": "stage_shipped" })).await;
    assert_eq!(moved, (200, json!({ "ok": true })));
    let field = json!({ "contactId": contact, "key": "order_status", "value": "shipped" });
    assert_eq!(api.post("/__mock/contact-field", field).await.0, 200);
    let (_, state) = api.get("/__mock/state").await;
    assert_eq!(state["opportunities"][0]["stageName"], "Shipped");
    assert_eq!(state["contacts"][0]["fieldsByKey"], json!({ "order_status": "shipped" }));
    assert_eq!(state["contacts"][0]["tags"], json!(["vip"]));
    let (_, received) = api.get("/__mock/received").await;
    assert_eq!(received.as_array().unwrap().len(), 1, "control calls are not GHL's");
    assert_eq!((&received[0]["path"], &received[0]["status"]), (&json!("/opportunities/"), &json!(201)));
    assert_eq!(received[0]["body"]["contactId"], json!(contact));
    let (_, limits) = api.get("/__mock/limits").await;
    assert_eq!(limits["usage"][format!("{LOCATION_ID}/private-integrations")]["maxInWindow"], 1);
    assert_eq!(api.get("/__mock/deliveries").await.1, json!([]));
}

#[tokio::test]
async fn mistakes_are_told() {
    let api = Api::start(Settings::default()).await;
    let (status, reply) = api.post("/__mock/stage", json!({ "opportunityId": "x", "stage": "y" })).await;
    assert_eq!((status, &reply["message"]), (404, &json!("there is no opportunity `x`")));
    let (status, reply) = api.post("/__mock/stage", json!({ "stage": "y" })).await;
    assert_eq!((status, &reply["message"]), (400, &json!("opportunityId must be a string")));
    let (status, reply) = api.post("/__mock/faults", json!({ "reset": 1 })).await;
    assert_eq!(status, 400, "{reply}");
    assert_eq!(api.post("/__mock/contact", json!({ "locationId": "nowhere" })).await.0, 400);
    assert_eq!(api.post("/__mock/nothing", json!({})).await.0, 404);
    assert_eq!(api.get("/__mock/nothing").await.0, 404);
}

#[tokio::test]
async fn faults_tokens_and_a_fresh_start_are_had_over_http() {
    let api = Api::start(Settings::unlimited()).await;
    let rule = json!({ "nth": 1, "method": "GET", "path": "/contacts/", "fault": { "status": 502 } });
    assert_eq!(api.post("/__mock/faults", json!({ "rules": [rule] })).await.0, 200);
    assert_eq!(api.get("/contacts/x").await.0, 502);

    let (_, code) = api.post("/__mock/code", json!({ "locationId": LOCATION_ID })).await;
    let form = [
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", code["code"].as_str().unwrap()),
    ];
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = api
        .client
        .post(format!("{}/oauth/token", api.mock.base_url()))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form);
    let (_, tokens) = read(request.send().await.unwrap()).await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let tags = || {
        let url = format!("{}/locations/{LOCATION_ID}/tags", api.mock.base_url());
        api.client.get(url).bearer_auth(&token).header("Version", "2021-07-28").send()
    };
    assert_eq!(tags().await.unwrap().status(), 200);
    assert_eq!(api.post("/__mock/token/expire", json!({})).await.0, 200);
    assert_eq!(tags().await.unwrap().status(), 401);

    api.contact("a@example.com").await;
    assert_eq!(api.post("/__mock/reset", json!({})).await.0, 200);
    let (_, state) = api.get("/__mock/state").await;
    assert_eq!((&state["contacts"], &state["counters"]["requests"]), (&json!([]), &json!(0)));
}
