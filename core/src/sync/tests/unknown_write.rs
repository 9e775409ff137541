//! Writes whose outcome is unknown: found in GHL they are ours, and never taken for a person's edit.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::ContactId,
    ports::store::Finish,
    sync::{call::SeenContact, state::OpportunityWrite},
};

const TIMEOUT: i64 = 10 * SECOND;

/// The push of `processing` over `order_placed` got no reply.
fn put_lost() -> Rig {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("PUT opportunity", lost());
    let run = rig.pass();
    assert!(matches!(run.finish, Finish::Wait { counted: true, .. }), "{:?}", run.finish);
    rig
}

#[test]
fn a_write_without_a_reply_is_kept_until_it_must_have_arrived() {
    let rig = put_lost();
    let known = rig.opportunity();
    let write =
        OpportunityWrite { stage: Some(stage("processing")), status: None, deadline: rig.now + TIMEOUT };
    assert_eq!((known.unknown, known.base.acked_version), (vec![write], 1));
    assert_eq!(known.base.stage, Some(stage("order_placed")), "the base is what is known");
    assert!(rig.contact().unknown.is_empty(), "what never left is forgotten");
}

#[test]
fn the_deadline_is_in_ghls_clock() {
    let mut rig = Rig::synced("order_placed");
    rig.offset.ms = -7 * SECOND;
    rig.shop_sets("processing").ghl("PUT opportunity", lost());
    rig.pass();
    assert_eq!(rig.opportunity().unknown[0].deadline, rig.now + TIMEOUT - 7 * SECOND);
}

#[test]
fn found_in_ghl_it_is_ours() {
    let mut rig = put_lost();
    let arrived = opportunity("opp1", "processing", rig.now + TIMEOUT);
    rig.later(30 * SECOND).ghl("GET opportunity", arrived);
    let run = rig.pass();
    assert_eq!(run.calls[1], "PUT contact con1 last_updated order_status=processing progress_percentage=25");
    assert_eq!((run.calls.len(), run.finish), (4, Finish::Done));
    assert!(run.told.is_empty(), "{:?}", run.told);
    assert_eq!((rig.order.changed_by.as_str(), rig.order.version), ("shop", 2));
    assert!(rig.opportunity().unknown.is_empty());
}

#[test]
fn not_found_in_ghl_it_is_pushed_again() {
    let mut rig = put_lost();
    rig.later(30 * SECOND);
    let run = rig.pass();
    assert_eq!(run.calls[..2], ["GET opportunity opp1", "PUT opportunity opp1 stage=processing"]);
    assert!(rig.opportunity().unknown.is_empty());
}

/// The shop went on to `shipped` and the old write turns up: ours, so `shipped` is pushed over it.
#[test]
fn an_old_write_that_turns_up_does_not_undo_a_newer_change() {
    let mut rig = put_lost();
    let arrived = opportunity("opp1", "processing", rig.now + TIMEOUT);
    rig.later(30 * SECOND).shop_sets("shipped").ghl("GET opportunity", arrived);
    let run = rig.pass();
    assert_eq!(run.calls[1], "PUT opportunity opp1 stage=shipped");
    assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec![]));
}

/// It arrives after a newer push was acknowledged; its event makes the order look, and push again.
#[test]
fn a_write_that_arrives_after_the_next_push_is_pushed_over() {
    let mut rig = put_lost();
    let late = rig.now + TIMEOUT;
    rig.later(SECOND).shop_sets("shipped");
    rig.pass();
    assert_eq!(rig.opportunity().unknown.len(), 1, "it may still arrive");
    rig.later(10 * SECOND).hint(false).ghl("GET opportunity", opportunity("opp1", "processing", late));
    let run = rig.pass();
    assert_eq!(run.calls, ["GET opportunity opp1", "PUT opportunity opp1 stage=shipped"]);
    assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec![]));
    assert!(rig.opportunity().unknown.is_empty());
}

/// Changed no later than its deadline, give or take the clocks: ours. Later: a person's.
#[test]
fn after_its_deadline_the_same_value_is_a_persons() {
    for (late, status) in [(500, "shipped"), (501, "processing")] {
        let mut rig = put_lost();
        let seen = opportunity("opp1", "processing", rig.now + TIMEOUT + late);
        // The shop is at `shipped` since before.
        rig.shop_sets("shipped").later(MINUTE).ghl("GET opportunity", seen);
        rig.pass();
        assert_eq!(rig.order.status, status, "{late} ms late");
    }
}

/// The first try may still arrive, so its write stays unknown, and the pass looks what there is.
#[test]
fn a_write_that_was_answered_at_the_second_try_may_arrive_again_by_the_first() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("PUT opportunity", ok().at_second_try());
    let run = rig.pass();
    assert_eq!(run.calls[..2], ["PUT opportunity opp1 stage=processing", "GET opportunity opp1"]);
    assert_eq!((run.calls.len(), run.finish), (5, Finish::Done));
    assert_eq!(rig.opportunity().unknown[0].deadline, rig.now + TIMEOUT);
}

#[test]
fn a_write_that_was_refused_is_not_kept() {
    for code in [Code::Validation, Code::Unauthorized, Code::Refused, Code::RateLimited, Code::Network] {
        let mut rig = Rig::synced("order_placed");
        rig.shop_sets("processing").ghl("PUT opportunity", refused(code));
        rig.pass();
        assert!(rig.opportunity().unknown.is_empty() && rig.contact().unknown.is_empty(), "{code}");
    }
}

/// The worker died after writing the intent down: it looks first, whoever goes on.
#[test]
fn a_write_found_on_the_disk_is_looked_for() {
    let mut rig = Rig::synced("order_placed");
    let mut known = rig.opportunity();
    rig.shop_sets("processing");
    known.unknown =
        vec![OpportunityWrite { stage: Some(stage("processing")), status: None, deadline: rig.now }];
    let row = known.row(&rig.order.location, crate::ports::store::ObjectKind::Opportunity, "opp1").unwrap();
    rig.objects.insert((row.kind, row.id.clone()), row);
    assert_eq!(rig.pass().calls[0], "GET opportunity opp1");
}

mod of_the_contact {
    use super::*;

    fn put_lost() -> Rig {
        let mut rig = Rig::synced("order_placed");
        rig.shop_sets("processing").ghl("PUT contact", lost());
        rig.pass();
        assert_eq!(rig.contact().unknown[0].fields["order_status"], "processing");
        rig
    }

    fn seen(rig: &Rig, status: &str) -> SeenContact {
        let mut seen = rig.known_contact(&ContactId::new("con1"));
        seen.fields.insert("order_status".to_owned(), status.to_owned());
        seen
    }

    #[test]
    fn it_is_written_again_and_then_settled() {
        let mut rig = put_lost();
        rig.later(30 * SECOND);
        let run = rig.pass();
        assert!(run.calls[1].starts_with("PUT contact con1 "), "{:?}", run.calls);
        assert!(rig.contact().unknown.is_empty(), "overwritten by the later one");
    }

    #[test]
    fn found_in_ghl_it_is_ours() {
        let mut rig = put_lost();
        let arrived = seen(&rig, "processing");
        rig.later(30 * SECOND).shop_sets("shipped").hint(true).ghl("GET contact", arrived);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec![]));
    }

    #[test]
    fn another_value_is_a_persons() {
        let mut rig = put_lost();
        rig.later(30 * SECOND);
        rig.pass();
        let edited = seen(&rig, "delivered");
        rig.hint(true).ghl("GET contact", edited);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), run.told), ("delivered", vec!["status_changed".to_owned()]));
    }
}
