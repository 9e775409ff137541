use std::sync::atomic::Ordering::SeqCst;

use futures::future::join_all;

use super::*;
use crate::{
    error::{Code, Delivery},
    oauth::Cached,
    ports::{TransportErrorKind, store::TokenState},
};

#[test]
fn a_fresh_token_costs_nothing() {
    let (rig, tokens) = Rig::installed();
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    let reads = rig.store.reads.load(SeqCst);
    rig.leave(0.201);
    for _ in 0..100 {
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
    }
    assert_eq!((rig.store.reads.load(SeqCst), rig.asked(1).len()), (reads, 0));
    assert!(matches!(tokens.cached(&rig.location), Cached::Fresh(token) if token.expose() == "a0"));
}

#[test]
fn renewal_begins_at_a_random_point_in_the_last_10_to_20_percent() {
    let mut begun = Vec::new();
    for seed in 0..40 {
        let (rig, _) = Rig::installed();
        let tokens = rig.process(seed);
        rig.transport.otherwise(ok(granted("loc1", 1)));
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
        let share = (0..=1000).map(|n| 0.25 - f64::from(n) * 0.0002).find(|share| {
            rig.leave(*share);
            rig.token(&tokens).unwrap() == "a1"
        });
        begun.push(share.expect("it is renewed"));
    }
    begun.sort_by(f64::total_cmp);
    assert!(begun[0] >= 0.099 && begun[39] <= 0.201, "{begun:?}");
    assert!(begun[0] < 0.12 && begun[39] > 0.18 && begun.windows(2).filter(|w| w[0] != w[1]).count() > 25);
}

#[test]
fn a_renewal_takes_the_refresh_token_and_keeps_its_successor() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1)), ok(granted("loc1", 2))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert_eq!(rig.token(&rig.process(2)).unwrap(), "a1", "another process finds it");
    rig.clock.advance(LIFE_MS + 1);
    assert_eq!(rig.token(&tokens).unwrap(), "a2");
    assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0", "/oauth/token refresh_token=r1"]);
    let row = rig.location_row();
    assert_eq!((row.lease, row.state, row.installed_at), (None, TokenState::Active, START));
    assert_eq!(row.tokens.unwrap().expires_at, rig.now() + LIFE_MS);
}

#[test]
fn a_reply_without_a_new_refresh_token_keeps_the_old_one() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.05);
    let mut once = granted("loc1", 1);
    once["refresh_token"] = Value::Null;
    rig.script([ok(once), ok(granted("loc1", 2))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    rig.clock.advance(LIFE_MS);
    assert_eq!(rig.token(&tokens).unwrap(), "a2");
    assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"; 2]);
}

#[test]
fn many_tasks_renew_once() {
    for expired in [false, true] {
        let (rig, tokens) = Rig::installed();
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
        rig.leave(if expired { 0.0 } else { 0.05 });
        rig.script([ok(granted("loc1", 1)).after_ms(300)]);
        let all = rig.drive(join_all((0..16).map(|_| tokens.token(&rig.location))));
        let got: Vec<_> = all.into_iter().map(|token| token.unwrap().expose().to_owned()).collect();
        let others = if expired { "a1" } else { "a0" };
        assert_eq!(got.iter().filter(|token| *token == others).count(), if expired { 16 } else { 15 });
        assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"]);
    }
}

#[test]
fn a_token_that_is_refused_is_renewed_once_for_all() {
    let (rig, tokens) = Rig::installed();
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    rig.script([ok(granted("loc1", 1)).after_ms(300)]);
    let refused = Secret::new("a0");
    let all = rig.drive(join_all((0..16).map(|_| tokens.renew(&rig.location, &refused))));
    assert!(all.into_iter().all(|token| token.unwrap().unwrap().expose() == "a1"));
    assert_eq!(rig.renew(&tokens, "a0").unwrap(), "a1", "nor later");
    assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"]);
    rig.script([ok(granted("loc1", 2))]);
    assert_eq!(rig.renew(&tokens, "a1").unwrap(), "a2");
}

#[test]
fn nobody_is_given_a_refused_token_while_another_is_fetched() {
    let (rig, tokens) = Rig::installed();
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    rig.script([ok(granted("loc1", 1)).after_ms(300)]);
    let refused = Secret::new("a0");
    let (_, next) = rig.drive(async {
        futures::join!(tokens.renew(&rig.location, &refused), async {
            rig.clock.sleep(std::time::Duration::from_millis(100)).await;
            tokens.token(&rig.location).await
        })
    });
    assert_eq!((next.unwrap().expose(), rig.asked(1).len()), ("a1", 1));
}

#[test]
fn a_failed_renewal_leaves_a_token_that_holds() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.05);
    rig.transport.otherwise(Step::reply(429, "{}"));
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert_eq!(rig.asked(1).len(), 1, "nobody asks again at once");
    for _ in 0..100 {
        rig.clock.advance(1_000);
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
    }
    let asked = rig.asked(1).len();
    assert!((4..=8).contains(&asked), "after 1, 2, 4, 8, 16 and then 30 seconds: {asked}");
    rig.clock.advance(40_000);
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
}

#[test]
fn a_reply_that_is_lost_is_asked_for_again_within_the_grace() {
    for lost in [Step::silence(), Step::error(TransportErrorKind::Broken), Step::reply(502, "")] {
        let (rig, tokens) = Rig::installed();
        rig.leave(0.05);
        rig.script([lost.clone(), lost, ok(granted("loc1", 1))]);
        let began = rig.now();
        assert_eq!(rig.token(&tokens).unwrap(), "a1");
        assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"; 3]);
        assert!(rig.now() - began < 30_000, "{}", rig.now() - began);
    }
}

#[test]
fn what_never_left_is_tried_again_only_if_nothing_holds() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.05);
    rig.script([Step::error(TransportErrorKind::Connect)]);
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert_eq!((rig.asked(1).len(), rig.location_row().lease), (1, None));
    rig.leave(0.0);
    rig.script([Step::error(TransportErrorKind::Connect), ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
}

#[test]
fn in_an_outage_those_who_wait_are_told_together_and_nobody_spins() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    rig.transport.otherwise(Step::reply(503, "{}"));
    let all = rig.drive(join_all((0..64).map(|_| tokens.token(&rig.location))));
    for result in all {
        let error = result.unwrap_err();
        assert_eq!(
            (error.code(), error.status(), error.delivery()),
            (Code::Server, Some(503), Delivery::NotSent)
        );
        assert!(error.message().starts_with("the token of location loc1 could not be renewed: "), "{error}");
        assert!((1..=1_250).contains(&error.retry_after_ms().unwrap()));
    }
    assert_eq!(rig.asked(1).len(), 3);
    assert_eq!(code_of(rig.renew(&tokens, "a0")), Code::Server);
    assert_eq!(rig.asked(1).len(), 3);
    rig.clock.advance(2_000);
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
}

#[test]
fn a_used_up_refresh_token_means_install_again_and_its_access_token_holds_to_its_end() {
    for refusal in
        [invalid_grant(), Step::reply(401, r#"{"statusCode":401,"message":"Invalid refresh token"}"#)]
    {
        let (rig, tokens) = Rig::installed();
        rig.leave(0.05);
        rig.script([refusal]);
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
        assert_eq!(rig.location_row().state, TokenState::Reauthorize);
        rig.clock.advance(600_000);
        assert_eq!(rig.token(&tokens).unwrap(), "a0");
        assert_eq!(rig.token(&rig.process(2)).unwrap(), "a0");
        rig.leave(0.0);
        for process in [&tokens, &rig.process(3)] {
            let error = rig.drive(process.token(&rig.location)).unwrap_err();
            assert_eq!(error.code(), Code::Reauthorize);
            assert!(
                error.message().contains("location loc1") && error.message().contains("install"),
                "{error}"
            );
            assert_eq!(code_of(rig.renew(process, "a0")), Code::Reauthorize);
        }
        assert_eq!(rig.asked(1).len(), 1, "and GHL is left alone");
        rig.install(&tokens, granted("loc1", 7));
        assert_eq!(rig.token(&tokens).unwrap(), "a7", "a new installation is all it takes");
        assert_eq!(rig.location_row().state, TokenState::Active);
    }
}

#[test]
fn a_refusal_that_may_pass_changes_no_state() {
    for (status, body) in [
        (400, r#"{"message":"Location is not active","traceId":"t-1"}"#),
        (400, r#"{"error":"invalid_grant","error_description":"Location is not active"}"#),
        (401, r#"{"error":"UnAuthorized!","error_description":"Invalid client credentials!"}"#),
        (403, "<html>blocked</html>"),
    ] {
        let (rig, tokens) = Rig::installed();
        rig.leave(0.0);
        rig.script([Step::reply(status, body), ok(granted("loc1", 1))]);
        let error = rig.drive(tokens.token(&rig.location)).unwrap_err();
        assert_eq!((error.code(), error.status()), (Code::Unauthorized, Some(status)), "{error}");
        assert_eq!(error.trace_id(), body.contains("t-1").then_some("t-1"));
        assert_eq!(rig.location_row().state, TokenState::Active);
        rig.clock.advance(2_000);
        assert_eq!(rig.token(&tokens).unwrap(), "a1");
    }
}

#[test]
fn tokens_of_another_location_or_class_are_not_taken() {
    let mut other_class = granted_company(1);
    other_class["locationId"] = json!("loc1");
    for reply in [granted("loc2", 1), granted_company(1), other_class] {
        let (rig, tokens) = Rig::installed();
        rig.leave(0.0);
        rig.script([ok(reply)]);
        assert_eq!(code_of(rig.token(&tokens)), Code::UnexpectedReply);
        assert_eq!(rig.location_row().tokens.unwrap().expires_at, START + LIFE_MS);
    }
}

#[test]
fn where_the_app_is_not_installed_the_error_says_so() {
    let (rig, tokens) = Rig::installed();
    let error = rig.drive(tokens.token(&LocationId::new("loc9"))).unwrap_err();
    assert_eq!(error.code(), Code::Reauthorize);
    assert!(error.message().contains("not installed at location loc9"), "{error}");
    assert!(matches!(tokens.cached(&LocationId::new("loc9")), Cached::Absent));
    assert_eq!(rig.asked(1).len(), 0);
}

#[test]
fn a_store_that_is_down_takes_nothing_from_a_token_that_holds() {
    let (rig, tokens) = Rig::installed();
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    rig.leave(0.05);
    rig.store.failing_reads.store(1, SeqCst);
    assert!(matches!(tokens.cached(&rig.location), Cached::Due(_)));
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    assert!(matches!(tokens.cached(&rig.location), Cached::Fresh(_)), "and is left alone for a while");
    rig.clock.advance(2_000);
    rig.script([ok(granted("loc1", 1))]);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
}
