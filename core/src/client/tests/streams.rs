use futures::{StreamExt, TryStreamExt};

use super::*;
use crate::{
    api::{contacts::ContactSearch, opportunities::OpportunitySearch},
    error::Code,
};

fn page(ids: &[&str], meta: &str) -> Step {
    let items: Vec<_> = ids.iter().map(|id| serde_json::json!({ "id": id, "searchAfter": [id] })).collect();
    let items = serde_json::to_string(&items).unwrap();
    Step::reply(200, format!(r#"{{"opportunities":{items},"contacts":{items},"meta":{meta}}}"#))
}

#[test]
fn a_page_is_fetched_when_its_first_item_is_asked_for() {
    let rig = Rig::new();
    rig.script([
        page(&["a", "b"], r#"{"startAfter":2,"startAfterId":"b"}"#),
        page(&["c"], r#"{"startAfter":3,"startAfterId":"c"}"#),
    ]);
    let search = OpportunitySearch { limit: 2, ..OpportunitySearch::default() };
    let mut found = Box::pin(rig.client.opportunities(&rig.location).search(search));
    assert_eq!(rig.times().len(), 0);
    for (id, pages) in [("a", 1), ("b", 1), ("c", 2)] {
        let next = drive(&rig.clock, found.next()).unwrap().unwrap().unwrap();
        assert_eq!((next.id.as_str(), rig.times().len()), (id, pages));
    }
    assert!(drive(&rig.clock, found.next()).unwrap().is_none(), "a page that is not full is the last");
    let sent = rig.transport.sent();
    assert_eq!(sent.len(), 2);
    assert!(sent[1].request.url.ends_with("limit=2&startAfter=2&startAfterId=b"), "{}", sent[1].request.url);
}

#[test]
fn contacts_are_listed_by_their_cursor() {
    let rig = Rig::new();
    rig.script([page(&["a", "b"], "{}"), page(&["c", "d"], "{}"), page(&[], "{}")]);
    let search = ContactSearch { page_limit: 2, ..ContactSearch::default() };
    let found = rig.client.contacts(&rig.location).search(search).map_ok(|contact| contact.id.to_string());
    let ids: Vec<String> = drive(&rig.clock, found.try_collect()).unwrap().unwrap();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let bodies: Vec<_> =
        rig.transport.sent().into_iter().map(|sent| String::from_utf8(sent.request.body).unwrap()).collect();
    assert_eq!(
        bodies,
        [
            r#"{"locationId":"loc1","pageLimit":2}"#,
            r#"{"locationId":"loc1","pageLimit":2,"searchAfter":["b"]}"#,
            r#"{"locationId":"loc1","pageLimit":2,"searchAfter":["d"]}"#,
        ]
    );
}

#[test]
fn an_error_ends_the_list_and_no_page_is_passed_over() {
    let rig = Rig::new();
    rig.script([page(&["a", "b"], "{}"), Step::reply(404, "")]);
    let search = ContactSearch { page_limit: 2, ..ContactSearch::default() };
    let found = rig.client.contacts(&rig.location).search(search);
    let all: Vec<_> = drive(&rig.clock, found.collect()).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[2].as_ref().unwrap_err().code(), Code::NotFound);
}
