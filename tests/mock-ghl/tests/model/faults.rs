use mock_ghl::{Fault, LOCATION_ID};
use serde_json::json;

use crate::support::Api;

fn create(api: &Api) -> mock_ghl::Request {
    api.request("POST", "/contacts/").json(&json!({ "locationId": LOCATION_ID, "email": "a@example.com" }))
}

#[test]
fn a_reset_before_acting_does_nothing_and_one_after_has_done_it() {
    let mut api = Api::unlimited();
    let request = create(&api);
    assert_eq!(api.ghl.serve(api.now, &request, Some(Fault::ResetBefore)), None);
    assert_eq!(api.ghl.contacts().count(), 0);
    assert_eq!(api.ghl.max_in_window(), 0, "it never arrived");
    assert_eq!(api.ghl.serve(api.now, &request, Some(Fault::ResetAfter)), None);
    assert_eq!(api.ghl.contacts().count(), 1);
    assert_eq!(api.events(), ["ContactCreate"]);
    let seen: Vec<_> = api.ghl.received().map(|entry| (entry.status, entry.fault)).collect();
    assert_eq!(seen, [(0, Some(Fault::ResetBefore)), (201, Some(Fault::ResetAfter))]);
}

#[test]
fn injected_statuses_come_before_acting() {
    let mut api = Api::unlimited();
    let request = create(&api);
    for (fault, status) in [(Fault::TooMany, 429), (Fault::Status(500), 500), (Fault::Status(503), 503)] {
        let reply = api.ghl.serve(api.now, &request, Some(fault)).unwrap();
        assert_eq!((reply.status, &reply.json()["statusCode"]), (status, &json!(status)));
        assert_eq!(reply.header("Date"), Some("Mon, 02 Mar 2026 00:00:00 GMT"));
    }
    assert_eq!(api.ghl.contacts().count(), 0);
    assert_eq!(api.ghl.max_in_window(), 3, "they did arrive");
    assert_eq!((api.ghl.counters().writes, api.ghl.counters().requests), (0, 3));
}

#[test]
fn a_422_may_have_created_the_contact() {
    let mut api = Api::unlimited();
    let request = create(&api);
    let reply = api.ghl.serve(api.now, &request, Some(Fault::RefusedButDone)).unwrap();
    assert_eq!(reply.status, 422);
    assert_eq!(api.ghl.contacts().count(), 1);
    // Where the request is refused anyway, the refusal stays what it is.
    let reply = api.ghl.serve(api.now, &request, Some(Fault::RefusedButDone)).unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(api.ghl.contacts().count(), 1);
}
