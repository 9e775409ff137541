//! A decision that came too late: the shop changed the order while a pass was at work on it.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::{ContactId, LocationId, OpportunityId},
    ports::store::{Change, Finish, NewEvent, ObjectKind, ObjectRow, Side, SyncDirection, SyncLogRow},
    sync::pass::Look,
};

fn every_change() -> Vec<Change> {
    let object = ObjectRow {
        location: LocationId::new("loc1"),
        kind: ObjectKind::Opportunity,
        id: "opp1".to_owned(),
        base: "{}".to_owned(),
        base_at: 1,
        unknown: "[]".to_owned(),
    };
    let log = SyncLogRow {
        direction: SyncDirection::Push,
        status: "success",
        request: "[]".to_owned(),
        response: "[]".to_owned(),
        error: None,
    };
    let event = NewEvent { kind: "k".to_owned(), key: "k".to_owned(), payload: "{}".to_owned() };
    vec![
        Change::SetContact { contact: ContactId::new("con1"), lease_key: "key".to_owned() },
        Change::SetOpportunity(OpportunityId::new("opp1")),
        Change::ClearCandidate,
        Change::SetCreating(None),
        Change::PutObject(object),
        Change::SetStatus { status: "shipped".to_owned(), at: 1, by: Side::Ghl },
        Change::Clean { dirty: 1, dirty_contact: None },
        Change::Pushed(2),
        Change::Log(log),
        Change::Event(event),
        Change::Finish(Finish::Done),
    ]
}

fn kinds(changes: &[Change]) -> Vec<String> {
    let name = |change: &Change| {
        let text = format!("{change:?}");
        text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
    };
    changes.iter().map(name).collect()
}

#[test]
fn facts_are_kept_and_decisions_dropped() {
    let pass = Rig::new("order_placed").begin();
    let kept = pass.yield_to_newer(every_change(), 77);
    assert_eq!(
        kinds(&kept),
        ["SetContact", "SetOpportunity", "ClearCandidate", "SetCreating", "Log", "Finish"]
    );
    let again = Finish::Wait { due_at: 77, counted: false, error: None };
    assert_eq!(kept.last(), Some(&Change::Finish(again)));
}

/// What GHL has answered to a write since the last commit is a fact, whatever is decided.
#[test]
fn what_a_write_did_to_ghl_is_kept_too() {
    let mut pass = Rig::new("order_placed").begin();
    pass.replied = true;
    let kept = pass.yield_to_newer(every_change(), 77);
    assert_eq!(
        kinds(&kept),
        [
            "SetContact",
            "SetOpportunity",
            "ClearCandidate",
            "SetCreating",
            "PutObject",
            "Log",
            "Event",
            "Finish"
        ]
    );
}

/// It was weighed against the old version: the hint that asked for it counts as not followed.
#[test]
fn what_a_look_saw_is_looked_at_again() {
    let mut pass = Rig::new("order_placed").begin();
    pass.looked_opportunity = Look::Done;
    let kept = pass.yield_to_newer(vec![Change::Clean { dirty: 1, dirty_contact: None }], 77);
    assert_eq!(kinds(&kept), ["LookAgain", "Finish"]);
}

/// The look saw a move; the shop changed the order before it could be taken over.
#[test]
fn a_transition_is_weighed_again_against_the_newer_change() {
    let mut rig = Rig::synced("processing");
    let seen = opportunity("opp1", "shipped", rig.now - MINUTE);
    let again = seen.clone();
    rig.hint(false);
    rig.ghl("GET opportunity", Reply::from(seen).meanwhile(|rig| _ = rig.shop_sets("delivered")));
    let run = rig.pass();
    assert_eq!((run.calls.len(), run.told.len()), (1, 0));
    assert_eq!((rig.order.status.as_str(), rig.order.clean), ("delivered", 0));
    assert_eq!(rig.opportunity().base.stage, Some(stage("processing")), "the look is not the base");
    rig.ghl("GET opportunity", again);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("delivered", vec!["edit_lost".to_owned()]));
    assert_eq!(run.calls[1], "PUT opportunity opp1 stage=delivered");
}

/// What is due was found out by a look, and a change by the shop has made it wrong.
#[test]
fn nothing_is_written_by_a_look_that_a_change_has_overtaken() {
    let mut rig = Rig::synced("processing");
    rig.shop_sets("shipped").ghl("DELETE tags", refused(Code::Server));
    rig.pass();
    let mut seen = rig.known_contact(&ContactId::new("con1"));
    seen.updated_at = Some(rig.now + 20 * SECOND);
    rig.later(30 * SECOND).hint(true);
    rig.ghl("GET contact", Reply::from(seen).meanwhile(|rig| _ = rig.shop_sets("processing")));
    let run = rig.pass();
    assert_eq!(run.calls, ["GET opportunity opp1", "GET contact con1"], "the tag is wanted again");
}

#[test]
fn an_acknowledged_put_stays_acknowledged() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing");
    rig.ghl("DELETE tags", ok().meanwhile(|rig| _ = rig.shop_sets("shipped")));
    let run = rig.pass();
    assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
    assert_eq!((rig.order.pushed_version, rig.opportunity().base.acked_version), (1, 2));
    assert_eq!(rig.opportunity().base.stage, Some(stage("processing")));
    assert!(rig.opportunity().unknown.is_empty());
}

/// The contact is made; meanwhile the order was cancelled, and the opportunity is not begun.
#[test]
fn a_create_is_not_begun_for_a_status_that_was_changed() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", ok().meanwhile(|rig| _ = rig.shop_sets("cancelled")));
    let run = rig.pass();
    assert_eq!(run.calls.len(), 1);
    assert_eq!((rig.order.contact.clone(), rig.order.creating), (Some(ContactId::new("con1")), None));
    let run = rig.pass();
    assert!(run.calls.iter().all(|call| !call.starts_with("POST opportunity")), "{:?}", run.calls);
    assert_eq!(rig.contact().base.recorded, [].into());
}

/// A shop that creates an order and sets its status right after does not wait for the search index.
#[test]
fn a_change_right_after_the_creation_delays_nothing() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", ok().meanwhile(|rig| _ = rig.shop_sets("processing")));
    rig.pass();
    let run = rig.pass();
    assert_eq!(run.calls.last().unwrap(), "POST opportunity con1 stage=processing");
    assert_eq!(run.finish, Finish::Done);
}

#[test]
fn an_opportunity_created_meanwhile_is_kept_and_brought_up_to_date() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST opportunity", ok().meanwhile(|rig| _ = rig.shop_sets("processing")));
    rig.pass();
    assert_eq!(rig.order.opportunity, Some(OpportunityId::new("opp1")));
    assert_eq!(rig.opportunity().base.stage, Some(stage("order_placed")));
    let run = rig.pass();
    assert!(run.calls.contains(&"PUT opportunity opp1 stage=processing".to_owned()), "{:?}", run.calls);
    assert!(run.calls.len() <= 5, "{:?}", run.calls);
    assert_eq!((rig.order.pushed_version, run.finish), (2, Finish::Done));
}
