//! Whose event it is: by opportunity, by order number, by the only open order; else kept and listed.

use super::host::*;
use crate::{
    ids::{ContactId, OpportunityId},
    ports::Clock,
    sync::{UpdateOptions, tests::shop::stage},
    testing::Step,
};

fn opportunity_event(kind: &str, id: &str, to: &str) -> String {
    format!(
        r#"{{"type":"{kind}","id":"{id}","locationId":"loc1","contactId":"con1","name":"Order #A-1",
        "pipelineId":"pip1","pipelineStageId":"{}","status":"open"}}"#,
        stage(to)
    )
}

/// The users' workflow body: of this contact, with these fields.
fn workflow(contact: &str, fields: &str) -> String {
    format!(r#"{{"contactId":"{contact}","pipelineStage":"stage_shipped","customFields":[{fields}]}}"#)
}

fn number(number: &str) -> String {
    format!(r#"{{"id":"order_number","value":"{number}"}}"#)
}

/// Orders A-1 and A-2 of one contact, both in step.
fn two_orders() -> Host {
    let host = Host::with_synced_order();
    host.ghl([shows_contact("A-1", "order_placed"), done(), made_opportunity("opp2")]);
    host.run(host.engine.create_order(&order("A-2"), UpdateOptions::default())).unwrap();
    host.drain();
    host.requests();
    assert_eq!(host.row("A-2").opportunity, Some(OpportunityId::new("opp2")));
    host.transport.otherwise(Step::error(crate::ports::TransportErrorKind::Connect));
    host
}

fn hints(host: &Host) -> [i64; 2] {
    [host.row("A-1").dirty, host.row("A-2").dirty]
}

#[test]
fn what_equals_the_base_is_ignored_without_a_call() {
    let host = Host::with_synced_order();
    let kinds =
        ["OpportunityCreate", "OpportunityUpdate", "OpportunityStageUpdate", "OpportunityStatusUpdate"];
    for kind in kinds {
        assert_eq!(host.apply(&opportunity_event(kind, "opp1", "order_placed")), [""; 0], "{kind}");
    }
    let contact = r#"{"type":"ContactUpdate","id":"con1","locationId":"loc1","tags":["vip","status_order_placed"],
        "customFields":[{"id":"f4","value":"order_placed"},{"id":"f6","value":10},{"id":"other","value":"x"}]}"#;
    assert_eq!(host.apply(contact), [""; 0]);
    let users = r#"{"contactId":"con1","pipelineStage":"stage_new_order",
        "customFields":[{"id":"order_status","value":"order_placed"}]}"#;
    assert_eq!(host.apply(users), [""; 0]);
    assert_eq!((host.row("A-1").dirty, host.unresolved().len()), (0, 0));
}

#[test]
fn what_differs_is_a_hint_to_look() {
    let table = [
        (opportunity_event("OpportunityStageUpdate", "opp1", "shipped"), 1),
        (opportunity_event("OpportunityDelete", "opp1", "order_placed"), 1),
        (opportunity_event("OpportunityUpdate", "opp1", "order_placed").replace("con1", "con2"), 1),
        (opportunity_event("OpportunityStatusUpdate", "opp1", "order_placed").replace("open", "won"), 1),
        (r#"{"type":"ContactTagUpdate","id":"con1","locationId":"loc1","tags":["vip"]}"#.to_owned(), 2),
        (r#"{"type":"ContactDelete","id":"con1","locationId":"loc1"}"#.to_owned(), 2),
        (workflow("con1", r#"{"id":"f4","value":"shipped"}"#), 2),
    ];
    for (body, looks) in table {
        let host = Host::with_synced_order();
        host.ghl([shows("order_placed", "2027-01-15T08:00:00.000Z"), shows_contact("A-1", "order_placed")]);
        host.transport.otherwise(done());
        let called = host.apply(&body);
        assert_eq!(called[0], "GET /opportunities/opp1", "{body}");
        let gets = called.iter().filter(|call| call.starts_with("GET")).count();
        assert_eq!((gets, host.row("A-1").dirty), (looks, 1), "{body}: {called:?}");
    }
}

#[test]
fn an_opportunity_names_its_order_first() {
    let host = two_orders();
    let body = format!(
        r#"{{"contactId":"con1","opportunityId":"opp2","pipelineStage":"stage_shipped","customFields":[{}]}}"#,
        number("A-1")
    );
    host.apply(&body);
    assert_eq!(hints(&host), [0, 1]);
}

#[test]
fn then_the_order_number_of_the_body() {
    let host = two_orders();
    host.apply(&workflow("con1", &number("A-1")));
    assert_eq!(hints(&host), [1, 0]);
}

#[test]
fn then_the_only_open_order() {
    let host = two_orders();
    host.set("cancelled", WAIT_NOT).unwrap();
    host.apply(&workflow("con1", ""));
    assert_eq!(hints(&host), [0, 1]);
}

#[test]
fn else_it_is_kept_and_listed() {
    let host = two_orders();
    // Two orders are open and none is named; a contact, an opportunity and a number that nobody knows.
    host.apply(&workflow("con1", ""));
    host.apply(&workflow("con7", ""));
    host.apply(&workflow("con1", &number("Z-9")));
    host.apply(&opportunity_event("OpportunityStageUpdate", "opp7", "shipped").replace("A-1", "Z-9"));
    host.apply(r#"{"pipelineStage":"stage_shipped"}"#);
    assert_eq!((hints(&host), host.unresolved().len(), host.requests().len()), ([0, 0], 5, 0));
    let reasons = host.unresolved();
    assert_eq!(reasons[0], "no single order of the contact is meant");
    assert_eq!(reasons[3], "no order has this opportunity");
}

/// The contact was merged into one that we do not know yet, but the body names the order.
#[test]
fn an_order_number_is_enough_without_a_known_contact() {
    for body in [workflow("con7", &number("A-1")), workflow("con7", &number("A-1")).replace("contactId", "x")]
    {
        let host = two_orders();
        host.apply(&body);
        assert_eq!((hints(&host), host.unresolved().len()), ([1, 0], 0), "{body}");
    }
}

/// What came before the ids were known counts once they are.
#[test]
fn storing_its_ids_re_drives_the_unresolved_events_of_an_order() {
    let by_opportunity = opportunity_event("OpportunityStageUpdate", "opp1", "shipped");
    for early in [by_opportunity, workflow("con1", "")] {
        let host = Host::new();
        host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
        host.webhook(&early).unwrap();
        host.run(host.engine.core.apply_inbox()).unwrap();
        assert_eq!(host.unresolved().len(), 1, "{early}");
        host.ghl([made_contact("con1"), made_opportunity("opp1")]);
        host.ghl([shows("shipped", "2027-01-15T08:00:01.000Z")]);
        host.transport.otherwise(done());
        host.drain();
        assert_eq!((host.unresolved().len(), host.row("A-1").status.as_str()), (0, "shipped"), "{early}");
    }
}

/// The create's reply was lost: its event names the opportunity long before the search would.
#[test]
fn the_create_event_of_a_lost_create_makes_it_known() {
    let host = Host::new();
    host.ghl([made_contact("con1"), Step::error(crate::ports::TransportErrorKind::Broken)]);
    host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    host.requests();
    host.ghl([shows("order_placed", "2027-01-15T08:00:00.000Z")]);
    assert_eq!(
        host.apply(&opportunity_event("OpportunityCreate", "opp1", "order_placed")),
        ["GET /opportunities/opp1"]
    );
    let row = host.row("A-1");
    assert_eq!((row.opportunity, row.creating), (Some(OpportunityId::new("opp1")), None));
}

#[test]
fn a_detached_order_is_left_alone() {
    let host = Host::with_synced_order();
    host.ghl([Step::reply(404, "{}"), done(), done()]);
    host.apply(&opportunity_event("OpportunityDelete", "opp1", "order_placed"));
    assert!(host.row("A-1").detached);
    assert_eq!(host.apply(&opportunity_event("OpportunityStageUpdate", "opp1", "shipped")), [""; 0]);
    assert_eq!(host.unresolved().len(), 0);
}

#[test]
fn an_event_of_another_pipeline_or_kind_changes_nothing() {
    let host = Host::with_synced_order();
    let other = opportunity_event("OpportunityStageUpdate", "opp7", "shipped").replace("pip1", "pip2");
    for body in
        [other.as_str(), r#"{"type":"TaskCreate","locationId":"loc1"}"#, r#"{"type":"INSTALL","appId":"a"}"#]
    {
        assert_eq!(host.apply(body), [""; 0], "{body}");
    }
    assert_eq!((host.unresolved().len(), host.row("A-1").dirty), (0, 0));
    assert_eq!(host.row("A-1").contact, Some(ContactId::new("con1")));
    assert!(host.clock.now_ms() > 0);
}
