//! Changes made in GHL: a hint makes the order look, and what it sees is an echo or an edit.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::{ContactId, PipelineId},
    ports::store::{Finish, Side},
    sync::call::{SeenContact, SeenOpportunity},
};

/// The contact as it is known, with another `order_status`.
fn field(rig: &Rig, status: &str) -> SeenContact {
    let mut seen = rig.known_contact(&ContactId::new("con1"));
    seen.fields.insert("order_status".to_owned(), status.to_owned());
    seen
}

/// A hint, and this opportunity in GHL.
fn moved(from: &str, to: &str) -> Rig {
    let mut rig = Rig::synced(from);
    let seen = opportunity("opp1", to, rig.now - SECOND);
    rig.hint(false).ghl("GET opportunity", seen);
    rig
}

#[test]
fn an_echo_changes_nothing() {
    let mut rig = Rig::synced("processing");
    let run = rig.hint(false).pass();
    assert_eq!((run.calls, run.finish), (vec!["GET opportunity opp1".to_owned()], Finish::Done));
    assert!(run.told.is_empty());
    assert_eq!((rig.order.version, rig.order.clean), (1, 1));
}

#[test]
fn events_use_nothing_up() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").pass();
    for _ in 0..3 {
        let run = rig.hint(true).pass();
        assert_eq!(run.calls, ["GET opportunity opp1", "GET contact con1"]);
        assert!(run.told.is_empty() && rig.order.version == 2);
    }
}

#[test]
fn a_move_becomes_the_orders_status_and_the_other_side_follows() {
    let mut rig = moved("processing", "shipped");
    let at = rig.now - SECOND;
    let run = rig.pass();
    assert_eq!(
        run.calls,
        [
            "GET opportunity opp1",
            "PUT contact con1 last_updated order_status=shipped progress_percentage=75",
            "POST tags con1 +status_shipped",
            "DELETE tags con1 status_processing",
        ]
    );
    let order = &rig.order;
    assert_eq!((order.status.as_str(), order.changed_by, order.changed_at), ("shipped", Side::Ghl, at));
    assert_eq!((order.version, order.pushed_version, run.finish), (2, 2, Finish::Done));
    assert_eq!(run.told, ["status_changed"]);
    let told = rig.told("status_changed")[0];
    assert!(told.contains(r#""previousStatus":"processing""#) && told.contains(r#""by":"ghl""#), "{told}");
    // Committed before anything is written: a crash now loses nothing, and tells nothing twice.
    assert_eq!((run.stored[1].order.status.as_str(), run.stored[1].order.version), ("shipped", 2));
    // Several events per change: one transition.
    let run = rig.hint(false).pass();
    assert_eq!((run.calls.len(), run.told.len(), rig.order.version), (1, 0, 2));
}

#[test]
fn a_persons_step_backward_is_taken_over_and_progress_falls() {
    let mut rig = moved("shipped", "processing");
    let run = rig.pass();
    assert_eq!(rig.order.status, "processing");
    assert!(run.calls[1].contains("progress_percentage=25"), "{:?}", run.calls);
}

#[test]
fn a_hint_during_the_look_makes_the_order_look_again() {
    let mut rig = Rig::synced("processing");
    rig.hint(false).ghl("GET opportunity", ok().meanwhile(|rig| _ = rig.hint(false)));
    rig.pass();
    assert_eq!((rig.order.clean, rig.order.dirty), (1, 2));
    assert!(rig.job.is_due(rig.now), "wanted again while it was leased");
    assert_eq!(rig.pass().calls, ["GET opportunity opp1"]);
    assert_eq!(rig.order.clean, 2);
}

#[test]
fn a_written_field_becomes_the_orders_status_and_the_stage_follows() {
    let mut rig = Rig::synced("processing");
    let seen = field(&rig, "shipped");
    rig.hint(true).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!(
        run.calls,
        [
            "GET opportunity opp1",
            "GET contact con1",
            "PUT opportunity opp1 stage=shipped",
            "PUT contact con1 last_updated progress_percentage=75",
            "POST tags con1 +status_shipped",
            "DELETE tags con1 status_processing",
        ]
    );
    assert_eq!((rig.order.status.as_str(), rig.order.changed_by), ("shipped", Side::Ghl));
    assert_eq!((run.told, run.finish), (vec!["status_changed".to_owned()], Finish::Done));
    assert_eq!(rig.order.clean_contact, 1);
}

#[test]
fn where_both_moved_and_differ_the_stage_wins() {
    let mut rig = Rig::synced("processing");
    let (stage, field) = (opportunity("opp1", "shipped", rig.now - SECOND), field(&rig, "delivered"));
    rig.hint(true).ghl("GET opportunity", stage).ghl("GET contact", field);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), rig.order.version), ("shipped", 2));
    assert_eq!(run.told, ["edit_lost", "status_changed"]);
    assert!(rig.told("edit_lost")[0].contains(r#""status":"delivered""#));
    assert!(
        run.calls.iter().any(|call| call.starts_with("PUT contact") && call.contains("order_status=shipped"))
    );
}

#[test]
fn where_both_moved_alike_there_is_one_transition() {
    let mut rig = Rig::synced("processing");
    let (stage, field) = (opportunity("opp1", "shipped", rig.now - SECOND), field(&rig, "shipped"));
    rig.hint(true).ghl("GET opportunity", stage).ghl("GET contact", field);
    let run = rig.pass();
    assert_eq!((rig.order.version, run.told), (2, vec!["status_changed".to_owned()]));
}

/// Stages are compared with the base, not with statuses: where only the field moved, the field counts.
#[test]
fn where_the_stage_did_not_move_the_field_counts() {
    let mut rig = Rig::synced("processing");
    let (stage, field) = (opportunity("opp1", "processing", rig.now - SECOND), field(&rig, "delivered"));
    rig.hint(true).ghl("GET opportunity", stage).ghl("GET contact", field);
    rig.pass();
    assert_eq!(rig.order.status, "delivered");
}

#[test]
fn a_field_that_is_no_status_on_the_path_is_told_and_put_right() {
    for value in ["banana", "cancelled", "Shipped"] {
        let mut rig = Rig::synced("processing");
        let seen = field(&rig, value);
        rig.hint(true).ghl("GET contact", seen);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), run.told), ("processing", vec!["field_unmapped".to_owned()]));
        assert_eq!(run.calls[2..], ["PUT contact con1 order_status=processing"], "{value}");
    }
}

#[test]
fn a_field_of_ours_that_someone_emptied_is_put_back() {
    let mut rig = Rig::synced("processing");
    let mut seen = rig.known_contact(&ContactId::new("con1"));
    seen.fields.remove("order_status");
    rig.hint(true).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!(run.calls[2..], ["PUT contact con1 order_status=processing"]);
    assert_eq!((rig.order.version, run.told.len()), (1, 0));
}

mod to_where_no_status_is {
    use super::*;

    #[test]
    fn an_unmapped_stage_is_listed_and_changes_nothing() {
        let mut rig = moved("processing", "stage of the sales people");
        let run = rig.pass();
        assert_eq!(
            (run.calls, run.told),
            (vec!["GET opportunity opp1".to_owned()], vec!["stage_unmapped".to_owned()])
        );
        assert_eq!((rig.order.status.as_str(), rig.order.version), ("processing", 1));
        assert_eq!(rig.opportunity().base.stage, Some(stage("stage of the sales people")));
        // It is the base now: the next look is an echo.
        let run = rig.hint(false).pass();
        assert_eq!((run.calls.len(), run.told.len()), (1, 0));
    }

    #[test]
    fn another_pipeline_is_listed_and_changes_nothing() {
        let mut rig = Rig::synced("processing");
        let seen = SeenOpportunity {
            pipeline: Some(PipelineId::new("pip2")),
            ..opportunity("opp1", "shipped", rig.now - SECOND)
        };
        rig.hint(false).ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!((run.calls.len(), run.told), (1, vec!["stage_unmapped".to_owned()]));
        assert_eq!(rig.order.status, "processing");
    }

    #[test]
    fn the_shops_next_change_brings_it_back() {
        let mut rig = moved("processing", "stage of the sales people");
        rig.pass();
        let run = rig.shop_sets("manufacturing").pass();
        assert_eq!(run.calls[0], "PUT opportunity opp1 stage=manufacturing");
        assert_eq!(run.finish, Finish::Done);
    }

    #[test]
    fn a_move_on_from_there_is_an_edit() {
        let mut rig = moved("processing", "stage of the sales people");
        rig.pass();
        let seen = opportunity("opp1", "processing", rig.now + SECOND);
        rig.later(MINUTE).hint(false).ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), run.told.len()), ("processing", 0), "to where the order is");
        let seen = opportunity("opp1", "shipped", rig.now + SECOND);
        rig.later(MINUTE).hint(false).ghl("GET opportunity", seen);
        rig.pass();
        assert_eq!(rig.order.status, "shipped");
    }
}

#[test]
fn a_persons_won_lost_or_abandoned_is_told_once_and_not_applied() {
    for status in ["won", "lost", "abandoned"] {
        let mut rig = Rig::synced("processing");
        let closed = |rig: &Rig| SeenOpportunity {
            status: Some(status.to_owned()),
            ..opportunity("opp1", "processing", rig.opportunity().base_at)
        };
        let seen = closed(&rig);
        rig.hint(false).ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!((run.calls.len(), run.told), (1, vec!["opportunity_status".to_owned()]));
        assert_eq!((rig.order.status.as_str(), rig.order.version), ("processing", 1));
        let seen = closed(&rig);
        rig.hint(false).ghl("GET opportunity", seen);
        assert_eq!(rig.pass().told, [""; 0]);
        // The shop's next change moves it and leaves it closed.
        let run = rig.shop_sets("shipped").pass();
        assert_eq!(run.calls[0], "PUT opportunity opp1 stage=shipped");
    }
}

/// The transition is committed before the other side is written, so a failure repeats neither.
#[test]
fn a_failure_after_the_transition_repeats_only_the_rest() {
    let mut rig = moved("processing", "shipped");
    rig.ghl("PUT contact", refused(Code::Server));
    rig.pass();
    let seen = opportunity("opp1", "shipped", rig.now - SECOND);
    rig.later(30 * SECOND).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((run.told.len(), rig.order.version, rig.order.pushed_version), (0, 2, 2));
    assert_eq!(run.calls.len(), 4, "{:?}", run.calls);
}
