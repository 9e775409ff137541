//! A change by the shop: quick and blind within 5 s, looking first after that.

use super::{rig::*, script::*, shop::*};
use crate::{error::Code, ports::store::Finish};

const PUSH: [&str; 4] = [
    "PUT opportunity opp1 stage=processing",
    "PUT contact con1 last_updated order_status=processing progress_percentage=25",
    "POST tags con1 +status_processing",
    "DELETE tags con1 status_order_placed",
];

fn changed() -> Rig {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing");
    rig
}

#[test]
fn the_first_push_within_five_seconds_is_four_calls_in_this_order() {
    for age in [0, 5 * SECOND] {
        let mut rig = changed();
        let run = rig.later(age).pass();
        assert_eq!((run.calls, run.finish), (PUSH.map(str::to_owned).to_vec(), Finish::Done));
        assert_eq!((rig.order.pushed_version, rig.opportunity().base.acked_version), (2, 2));
        assert_eq!(rig.opportunity().base.stage, Some(stage("processing")));
        assert_eq!(rig.contact().base.fields["order_status"], "processing");
        assert_eq!(rig.contact().base.tags, ["status_processing".to_owned()].into());
        assert_eq!(rig.contact().base.recorded, rig.contact().base.tags);
    }
}

#[test]
fn what_is_written_is_on_the_disk_before_it_leaves() {
    let mut rig = changed();
    let run = rig.pass();
    let first = &run.stored[0];
    let [write] = first.opportunity.unknown.as_slice() else { panic!("{:?}", first.opportunity) };
    assert_eq!((write.stage.clone(), write.deadline), (Some(stage("processing")), rig.now + LEASE_MS));
    assert_eq!(first.contact.unknown[0].fields["order_status"], "processing");
    assert!(first.contact.base.recorded.contains("status_processing"));
    // Cleared by its reply, and by the end of the pass at the latest.
    assert!(rig.opportunity().unknown.is_empty() && rig.contact().unknown.is_empty());
}

#[test]
fn an_older_retried_or_hinted_change_looks_first_five_calls() {
    type Case = fn(&mut Rig);
    let table: [(&str, Case); 4] = [
        ("older", |rig| _ = rig.later(5 * SECOND + 1)),
        ("retried", |rig| rig.job.failures = 1),
        ("hinted", |rig| _ = rig.hint(false)),
        ("from the future of a clock that is wrong", |rig| rig.order.changed_at += 1),
    ];
    for (name, case) in table {
        let mut rig = changed();
        case(&mut rig);
        let run = rig.pass();
        assert_eq!(run.calls[0], "GET opportunity opp1", "{name}");
        assert_eq!((run.calls[1..].to_vec(), run.finish), (PUSH.map(str::to_owned).to_vec(), Finish::Done));
        assert_eq!(rig.order.clean, rig.order.dirty, "{name}");
    }
}

/// Checked again just before sending: what waited too long for a slot looks first after all.
#[test]
fn a_blind_push_that_waited_too_long_for_a_slot_looks_first() {
    let mut rig = changed();
    rig.ghl("PUT opportunity", ok().waiting(5 * SECOND + 1));
    let run = rig.pass();
    assert_eq!(run.calls[0], "GET opportunity opp1");
    assert_eq!((run.calls[1..].to_vec(), run.finish), (PUSH.map(str::to_owned).to_vec(), Finish::Done));
}

#[test]
fn nothing_is_called_when_nothing_changed() {
    let mut rig = changed();
    rig.pass();
    rig.later(SECOND);
    rig.job.want(rig.now);
    let run = rig.pass();
    assert_eq!((run.calls, run.finish), (Vec::new(), Finish::Done));
}

/// `update_status` with the status it has: a new version, but nothing to say.
#[test]
fn the_same_status_again_costs_no_call() {
    let mut rig = Rig::synced("processing");
    let run = rig.shop_sets("processing").pass();
    assert_eq!(run.calls, [""; 0]);
    assert_eq!((rig.order.pushed_version, run.finish), (2, Finish::Done));
}

/// The stage alone moved in GHL to where the shop wants it: there is no PUT for it.
#[test]
fn what_ghl_has_already_is_not_written() {
    let mut rig = changed();
    let moved = opportunity("opp1", "processing", rig.now + 50 * SECOND);
    rig.later(MINUTE).ghl("GET opportunity", moved);
    let run = rig.pass();
    assert_eq!(run.calls[1..], PUSH[1..]);
    assert!(run.told.is_empty(), "{:?}", run.told);
}

#[test]
fn a_skip_forward_is_one_push_and_the_latest_status_counts() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").shop_sets("delivered");
    let run = rig.pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=delivered");
    assert_eq!((run.calls.len(), rig.order.pushed_version), (4, 3));
}

/// A change that the shop has committed is always pushed, backward too; whether it may be committed is
/// `update_status`'s question.
#[test]
fn a_committed_step_backward_is_pushed() {
    let mut rig = Rig::synced("shipped");
    let run = rig.shop_sets("processing").pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=processing");
    assert_eq!(run.calls[1], "PUT contact con1 last_updated order_status=processing progress_percentage=25");
}

/// GHL has no conditional write: a change while the pass is at work is not acknowledged by it.
#[test]
fn a_change_during_the_push_is_left_to_the_next_pass() {
    let mut rig = changed();
    rig.ghl("PUT contact", ok().meanwhile(|rig| _ = rig.shop_sets("shipped")));
    let run = rig.pass();
    assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
    assert!(rig.order.pushed_version < rig.order.version, "{}", rig.order.pushed_version);
    let run = rig.pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=shipped");
    assert_eq!((rig.order.pushed_version, run.finish), (3, Finish::Done));
    assert_eq!(rig.contact().base.recorded, ["status_shipped".to_owned()].into());
}

#[test]
fn each_call_that_fails_leaves_the_rest_to_the_next_try() {
    for (at, call) in PUSH.iter().enumerate() {
        let mut rig = changed();
        rig.ghl(call, refused(Code::Server));
        let run = rig.pass();
        assert_eq!(run.calls, PUSH[..=at]);
        assert_eq!(rig.job.due_at, rig.now + 30 * SECOND, "{call}");
        assert_eq!((rig.job.failures, rig.job.error_code.as_deref()), (1, Some("server")));
        rig.later(30 * SECOND);
        let run = rig.pass();
        assert_eq!(run.calls[0], "GET opportunity opp1");
        assert_eq!(
            (run.calls[1..].to_vec(), run.finish),
            (PUSH[at..].iter().map(|c| (*c).to_owned()).collect(), Finish::Done)
        );
    }
}

#[test]
fn manufacturing_progress_is_written_with_the_status_it_belongs_to() {
    let mut rig = Rig::synced("processing");
    rig.shop_sets("manufacturing").order.manufacturing_progress = Some(50);
    let run = rig.pass();
    assert_eq!(
        run.calls[1],
        "PUT contact con1 last_updated manufacturing_progress=50 order_status=manufacturing progress_percentage=58"
    );
}
