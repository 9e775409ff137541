use std::{
    pin::pin,
    sync::atomic::Ordering::SeqCst,
    task::{Context, Waker},
};

use futures::future::join_all;

use super::*;
use crate::{error::Code, ports::store::TokenState};

/// Runs a call until it is stuck at a write that never ends, and drops it there: the process is killed.
fn kill_at_write(rig: &Rig, write: u32, tokens: &OAuthTokens) {
    rig.store.hang_after(write);
    let mut call = pin!(tokens.token(&rig.location));
    let mut context = Context::from_waker(Waker::noop());
    while rig.store.writes_until_hanging.load(SeqCst) > 0 {
        assert!(call.as_mut().poll(&mut context).is_pending());
        if let Some(wake) = rig.clock.next_wake() {
            rig.clock.advance_to(wake.min(rig.now() + 10));
        }
    }
}

#[test]
fn eight_processes_with_sixteen_tasks_each_renew_once() {
    for round in 0..20 {
        let (rig, _) = Rig::installed();
        let processes: Vec<_> = (0..8).map(|n| rig.process(round * 100 + n)).collect();
        for process in &processes {
            assert_eq!(rig.token(process).unwrap(), "a0");
        }
        rig.script([ok(granted("loc1", 1)).after_ms(400)]);
        let refused = Secret::new("a0");
        let tasks =
            processes.iter().flat_map(|process| (0..16).map(|_| process.renew(&rig.location, &refused)));
        for renewed in rig.drive(join_all(tasks)) {
            assert_eq!(renewed.unwrap().unwrap().expose(), "a1");
        }
        assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"]);
        assert!(rig.now() - START < 1_000, "nobody waits much longer than the renewal takes");
    }
}

#[test]
fn while_one_renews_the_others_go_on_with_the_token_that_holds() {
    let (rig, one) = Rig::installed();
    let two = rig.process(2);
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1)).after_ms(5_000)]);
    let began = rig.now();
    let (first, second) = rig.drive(async {
        futures::join!(one.token(&rig.location), async {
            let token = two.token(&rig.location).await;
            (token, rig.now())
        })
    });
    assert_eq!((first.unwrap().expose(), second.0.unwrap().expose(), second.1), ("a1", "a0", began));
    rig.clock.advance(1_500);
    assert_eq!((rig.token(&two).unwrap(), rig.asked(1).len()), ("a1".to_owned(), 1));
}

#[test]
fn one_killed_between_reply_and_save_is_healed_within_the_grace() {
    let (rig, doomed) = Rig::installed();
    rig.leave(0.0);
    // The first write takes the lease, the second would save.
    rig.script([ok(granted("loc1", 1)).after_ms(100), ok(granted("loc1", 1))]);
    kill_at_write(&rig, 1, &doomed);
    let (died, heir) = (rig.now(), rig.process(2));
    assert_eq!(rig.asked(1).len(), 1);
    assert_eq!(rig.token(&heir).unwrap(), "a1");
    assert_eq!(rig.asked(1), ["/oauth/token refresh_token=r0"; 2], "the same one, which is answered alike");
    assert!(rig.now() - died < 20_000, "while HighLevel still does: {}", rig.now() - died);
    assert_eq!(rig.location_row().state, TokenState::Active);
}

#[test]
fn one_that_is_only_cancelled_leaves_what_it_got_to_the_next_call() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 1))]);
    kill_at_write(&rig, 1, &tokens);
    rig.clock.advance(3_600_000);
    assert_eq!(rig.token(&tokens).unwrap(), "a1", "long after the grace");
    assert_eq!(rig.asked(1).len(), 1);
    assert_eq!(rig.token(&rig.process(2)).unwrap(), "a1", "and it is saved");
}

#[test]
fn one_cancelled_before_the_reply_is_followed_at_once_by_the_next_call() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 1)).after_ms(5_000), ok(granted("loc1", 1))]);
    {
        let mut call = pin!(tokens.token(&rig.location));
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let began = rig.now();
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert_eq!((rig.asked(1).len(), rig.now()), (2, began), "the lease is its own");
}

#[test]
fn one_killed_and_found_too_late_means_install_again() {
    let (rig, doomed) = Rig::installed();
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1)), invalid_grant()]);
    kill_at_write(&rig, 1, &doomed);
    rig.clock.advance(60_000);
    let heir = rig.process(2);
    assert_eq!(rig.token(&heir).unwrap(), "a0", "what holds is used to its end");
    assert_eq!(rig.location_row().state, TokenState::Reauthorize);
    rig.leave(0.0);
    assert_eq!(code_of(rig.token(&heir)), Code::Reauthorize);
}

#[test]
fn one_that_slept_past_its_lease_still_heals_the_row() {
    let (rig, sleeper) = Rig::installed();
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1)), invalid_grant()]);
    kill_at_write(&rig, 1, &sleeper);
    rig.clock.advance(60_000);
    // Another comes too late and gives the row up, ...
    assert_eq!(rig.token(&rig.process(2)).unwrap(), "a0");
    assert_eq!(rig.location_row().state, TokenState::Reauthorize);
    // ... and then the one that has the successor wakes.
    assert_eq!(rig.token(&sleeper).unwrap(), "a1");
    assert_eq!(rig.location_row().state, TokenState::Active);
    assert_eq!(rig.token(&rig.process(3)).unwrap(), "a1");
}

#[test]
fn one_that_slept_does_not_overwrite_a_new_installation_nor_undo_an_uninstallation() {
    let (rig, sleeper) = Rig::installed();
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1))]);
    kill_at_write(&rig, 1, &sleeper);
    rig.install(&rig.process(2), granted("loc1", 7));
    assert_eq!(rig.token(&sleeper).unwrap(), "a7");

    let (rig, sleeper) = Rig::installed();
    rig.leave(0.05);
    rig.script([ok(granted("loc1", 1))]);
    kill_at_write(&rig, 1, &sleeper);
    rig.store.rows.lock().unwrap().clear();
    assert_eq!(code_of(rig.token(&sleeper)), Code::Reauthorize);
    assert_eq!(rig.row(&location("loc1")), None);
}

#[test]
fn tokens_that_cannot_be_saved_are_used_and_saved_later() {
    let (rig, tokens) = Rig::installed();
    assert_eq!(rig.token(&tokens).unwrap(), "a0");
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 1)).after_ms(50)]);
    // The lease is taken, then the database fails for a while.
    let (token, ()) = rig.drive(async {
        futures::join!(tokens.token(&rig.location), async {
            rig.clock.sleep(std::time::Duration::from_millis(20)).await;
            rig.store.failing_writes.store(6, SeqCst);
        })
    });
    assert_eq!(token.unwrap().expose(), "a1");
    assert!(rig.location_row().tokens.unwrap().expires_at <= rig.now(), "the store has the old ones");
    rig.clock.advance(1_500);
    assert_eq!(rig.token(&tokens).unwrap(), "a1");
    assert!(rig.location_row().tokens.unwrap().expires_at > rig.now(), "and now the new ones");
    assert_eq!((rig.token(&rig.process(2)).unwrap(), rig.asked(1).len()), ("a1".to_owned(), 1));
}

#[test]
fn before_a_store_is_closed_a_renewal_under_way_is_saved() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 1)).after_ms(500)]);
    let refresh = |row: TokenRow| row.tokens.unwrap().obtained_at;
    let (began, before) = (rig.now(), refresh(rig.location_row()));
    let (token, saved) = rig.drive(async {
        futures::join!(tokens.token(&rig.location), async {
            rig.clock.sleep(std::time::Duration::from_millis(100)).await;
            assert_eq!(refresh(rig.location_row()), before);
            tokens.finish().await;
            refresh(rig.location_row())
        })
    });
    assert_eq!((token.unwrap().expose(), saved), ("a1", began));
    // Also what a call left behind that was cancelled.
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    rig.script([ok(granted("loc1", 1))]);
    kill_at_write(&rig, 1, &tokens);
    rig.drive(tokens.finish());
    assert_eq!((rig.token(&rig.process(2)).unwrap(), rig.asked(1).len()), ("a1".to_owned(), 1));
}

/// Lets another process hold the lease until then.
fn leased_until(rig: &Rig, until: i64) {
    let lease = Some(crate::ports::store::RefreshLease { owner: "x".to_owned(), until });
    rig.store.put(TokenRow { lease, ..rig.location_row() });
}

#[test]
fn a_lease_of_another_is_not_waited_for_for_ever() {
    let (rig, tokens) = Rig::installed();
    rig.leave(0.0);
    leased_until(&rig, rig.now() + 59_000);
    let began = rig.now();
    assert_eq!(code_of(rig.token(&tokens)), Code::Timeout);
    assert!((40_000..45_000).contains(&(rig.now() - began)), "{}", rig.now() - began);
    assert_eq!(rig.asked(1).len(), 0);
}

#[test]
fn a_lease_of_a_clock_that_was_wrong_does_not_lock_the_tokens() {
    for ahead in [61_000, 86_400_000, i64::MAX - START * 2] {
        let (rig, tokens) = Rig::installed();
        rig.leave(0.0);
        leased_until(&rig, rig.now() + ahead);
        rig.script([ok(granted("loc1", 1))]);
        assert_eq!(rig.token(&tokens).unwrap(), "a1");
        assert_eq!((rig.asked(1).len(), rig.location_row().lease), (1, None));
    }
}
