//! When a failed job is tried again, when it is given up, and what a short lease does.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::{Code, Error},
    ports::store::{Finish, JobState},
};

fn changed() -> Rig {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing");
    rig
}

/// The next pass fails at its first call.
fn fail(rig: &mut Rig, code: Code) -> Finish {
    let call = if rig.job.failures == 0 { "PUT opportunity" } else { "GET opportunity" };
    rig.ghl(call, refused(code));
    rig.pass().finish
}

#[test]
fn waits_are_30_s_2_min_10_min_1_h_then_hourly_up_to_72_h_then_dead() {
    let mut rig = changed();
    let first = rig.now;
    let mut waits = Vec::new();
    let error = loop {
        match fail(&mut rig, Code::Server) {
            Finish::Wait { due_at, counted: true, .. } => {
                waits.push((due_at - rig.now) / SECOND);
                rig.now = due_at;
            }
            Finish::Dead { error } => break error,
            other => panic!("{other:?}"),
        }
        assert!(rig.told("sync_failed").is_empty(), "only when it is given up");
    };
    assert_eq!(waits[..6], [30, 120, 600, 3_600, 3_600, 3_600]);
    assert!((72 * HOUR..73 * HOUR).contains(&(rig.now - first)), "{}", rig.now - first);
    assert_eq!((error.0.as_str(), rig.job.state), ("server", JobState::Dead));
    assert_eq!(rig.told("sync_failed").len(), 1);
}

#[test]
fn a_dead_job_is_told_again_only_after_a_replay() {
    let mut rig = changed();
    fail(&mut rig, Code::Validation);
    assert!(rig.job.replay(rig.now));
    assert_eq!(rig.job.failures, 0);
    fail(&mut rig, Code::Validation);
    assert_eq!((rig.told("sync_failed").len(), rig.job.state), (2, JobState::Dead));
}

#[test]
fn a_newer_change_resets_the_schedule_and_revives_the_dead() {
    let mut rig = changed();
    fail(&mut rig, Code::Server);
    assert_eq!(rig.job.failures, 1);
    rig.shop_sets("shipped");
    assert_eq!((rig.job.failures, rig.job.due_at), (0, rig.now));
    fail(&mut rig, Code::Validation);
    assert_eq!(rig.job.state, JobState::Dead);
    let run = rig.shop_sets("delivered").pass();
    assert_eq!((run.calls[0].as_str(), run.finish), ("PUT opportunity opp1 stage=delivered", Finish::Done));
}

#[test]
fn being_paced_is_not_counted() {
    for code in [Code::RateLimited, Code::DailyLimit, Code::RetryBudget] {
        let mut rig = changed();
        rig.job.failures = 3;
        rig.job.first_failed_at = Some(rig.now - 80 * HOUR);
        rig.ghl("GET opportunity", Error::new(code, "not now").with_retry_after_ms(7_000));
        let finish = rig.pass().finish;
        assert!(matches!(&finish, Finish::Wait { counted: false, .. }), "{code}: {finish:?}");
        assert_eq!((rig.job.due_at, rig.job.failures), (rig.now + 7_000, 3), "{code}");
    }
}

#[test]
fn a_create_that_was_paced_is_begun_anew_and_not_looked_for() {
    for code in [Code::RateLimited, Code::DailyLimit, Code::RetryBudget] {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST contact", Error::new(code, "not now").with_retry_after_ms(7_000));
        let finish = rig.pass().finish;
        assert!(matches!(finish, Finish::Wait { counted: false, .. }), "{code}: {finish:?}");
        assert_eq!((rig.order.creating, rig.job.due_at), (None, START + 7_000), "{code}");
    }
}

#[test]
fn what_can_be_repeated_is_counted_and_what_cannot_is_dead_at_once() {
    for code in [Code::Timeout, Code::Network, Code::Server, Code::OutcomeUnknown] {
        let mut rig = changed();
        let finish = fail(&mut rig, code);
        assert!(matches!(finish, Finish::Wait { counted: true, .. }), "{code}: {finish:?}");
    }
    let finals = [
        Code::Validation,
        Code::Unauthorized,
        Code::Reauthorize,
        Code::ScopeMissing,
        Code::WrongLocation,
        Code::Refused,
        Code::Config,
        Code::UnexpectedReply,
    ];
    for code in finals {
        let mut rig = changed();
        let finish = fail(&mut rig, code);
        assert!(matches!(&finish, Finish::Dead { error } if error.0 == code.as_str()), "{code}: {finish:?}");
        let [told] = rig.told("sync_failed")[..] else { panic!("{code}: {:?}", rig.events) };
        assert!(told.contains(code.as_str()) && told.contains(r#""orderId":"id-A-1""#), "{told}");
    }
}

mod with_a_short_lease {
    use super::*;

    /// A call's timeout is 10 s: a shorter lease would not outlive it.
    #[test]
    fn nothing_is_sent_and_the_job_is_due_at_once() {
        let mut rig = changed();
        rig.lease_ms = 10 * SECOND - 1;
        let run = rig.pass();
        assert_eq!(run.calls, [""; 0]);
        assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
        assert_eq!((rig.job.failures, rig.job.state), (0, JobState::Waiting));
        assert!(rig.opportunity().unknown.is_empty() && rig.contact().unknown.is_empty(), "none of it left");
    }

    #[test]
    fn a_lease_that_just_outlives_the_call_is_long_enough() {
        let mut rig = changed();
        rig.lease_ms = 10 * SECOND;
        assert_eq!(rig.pass().calls.len(), 4);
    }

    #[test]
    fn a_create_does_not_leave_and_is_not_looked_for() {
        let mut rig = Rig::new("order_placed");
        rig.lease_ms = SECOND;
        let run = rig.pass();
        assert_eq!((run.calls.len(), rig.order.creating), (0, None));
        assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
        rig.lease_ms = LEASE_MS;
        assert_eq!(rig.pass().calls.len(), 2);
    }

    /// What was done under the lease is kept; the next holder does the rest.
    #[test]
    fn the_rest_is_left_to_the_next_lease() {
        let mut rig = changed();
        rig.ghl("PUT opportunity", ok().taking(LEASE_MS - 10 * SECOND + 1));
        let run = rig.pass();
        assert_eq!((run.calls.len(), rig.opportunity().base.acked_version), (1, 2));
        assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
        let run = rig.pass();
        assert_eq!(run.calls[0], "GET opportunity opp1");
        assert!(run.calls[1].starts_with("PUT contact"), "{:?}", run.calls);
        assert_eq!((run.calls.len(), run.finish), (4, Finish::Done));
    }

    /// The rate slot came after the lease had become too short.
    #[test]
    fn a_slot_that_comes_too_late_is_not_spent() {
        let mut rig = Rig::synced("order_placed");
        rig.shop_sets("processing").later(MINUTE).ghl("PUT opportunity", ok().waiting(LEASE_MS - 9 * SECOND));
        let run = rig.pass();
        assert_eq!(run.calls, ["GET opportunity opp1"]);
        assert_eq!(run.finish, Finish::Wait { due_at: rig.now, counted: false, error: None });
    }
}
