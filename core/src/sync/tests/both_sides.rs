//! The shop and someone in GHL changed one order: a total order decides, and the loser is told.

use super::{rig::*, script::*, shop::*};
use crate::{error::Code, ids::ContactId, ports::store::Finish};

/// The shop sets `shop` 20 s before the pass; someone in GHL sets `ghl` this long after the shop.
fn clash(shop: &str, ghl: &str, after_ms: i64, error_ms: i64) -> Rig {
    let mut rig = Rig::synced("manufacturing");
    rig.offset.error_ms = error_ms;
    // Where a window of 5 s, or of 20 s, begins.
    rig.now = START + 7_200_000;
    rig.shop_sets(shop);
    let seen = opportunity("opp1", ghl, rig.now + after_ms);
    rig.later(20 * SECOND).ghl("GET opportunity", seen);
    rig
}

#[test]
fn the_later_window_wins_then_the_place_then_the_time_then_the_shop() {
    let table = [
        // Five seconds later, GHL wins, even backward; a moment before, the place on the path decides.
        ("shipped", "processing", 5_000, 500, "processing"),
        ("shipped", "processing", 4_999, 500, "shipped"),
        ("shipped", "delivered", 4_999, 500, "delivered"),
        // The shop's window is the later one.
        ("processing", "delivered", -1, 500, "processing"),
        // The very same moment and window.
        ("shipped", "delivered", 0, 500, "delivered"),
        ("delivered", "shipped", 0, 500, "delivered"),
        // Clocks that may be 10 s apart make one window of 20 s.
        ("shipped", "processing", 19_999, 10_000, "shipped"),
        ("shipped", "processing", 20_000, 10_000, "processing"),
        // A small error does not narrow it below 5 s.
        ("shipped", "processing", 4_999, 0, "shipped"),
    ];
    for (shop, ghl, after, error, winner) in table {
        let mut rig = clash(shop, ghl, after, error);
        let run = rig.pass();
        let case = format!("{shop} against {ghl} {after} ms later, error {error}");
        assert_eq!(rig.order.status, winner, "{case}");
        assert_eq!(run.finish, Finish::Done, "{case}");
        let put = run.calls.iter().find(|call| call.starts_with("PUT opportunity"));
        if winner == shop {
            assert_eq!(put, Some(&format!("PUT opportunity opp1 stage={shop}")), "{case}");
            assert_eq!(run.told, ["edit_lost"], "{case}");
            assert!(rig.told("edit_lost")[0].contains(&format!(r#""status":"{ghl}""#)), "{case}");
        } else {
            assert_eq!(put, None, "{case}");
            assert_eq!(run.told, ["change_lost", "status_changed"], "{case}");
            assert!(rig.told("change_lost")[0].contains(&format!(r#""status":"{shop}""#)), "{case}");
        }
        let written = format!("order_status={winner}");
        assert!(run.calls.iter().any(|call| call.contains(&written)), "{case}: {:?}", run.calls);
    }
}

#[test]
fn the_shops_time_is_compared_in_ghls_clock() {
    // GHL's clock is an hour ahead: its edit looks much later than the shop's change and is not.
    let mut rig = Rig::synced("manufacturing");
    rig.offset.ms = HOUR;
    rig.now = START + 7_200_000;
    rig.shop_sets("shipped");
    let seen = opportunity("opp1", "processing", rig.now + HOUR - SECOND);
    rig.later(20 * SECOND).ghl("GET opportunity", seen);
    rig.pass();
    assert_eq!(rig.order.status, "shipped");
}

#[test]
fn both_sides_at_one_status_is_no_conflict() {
    let mut rig = clash("shipped", "shipped", 1_000, 500);
    let run = rig.pass();
    assert_eq!((run.told.len(), rig.order.version), (0, 2));
    assert!(run.calls.iter().all(|call| !call.starts_with("PUT opportunity")), "{:?}", run.calls);
}

/// The PUT was acknowledged, the rest failed: whoever moves it after that is newer, however soon.
#[test]
fn an_edit_newer_than_the_acknowledged_put_wins() {
    for after in [0, 1, 4_000] {
        let mut rig = Rig::synced("manufacturing");
        rig.shop_sets("shipped").ghl("PUT contact", refused(Code::Server));
        let put_at = rig.now;
        rig.pass();
        assert_eq!(rig.opportunity().base.acked_version, 2);
        let seen = opportunity("opp1", "processing", put_at + after);
        rig.later(30 * SECOND).ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!(
            (rig.order.status.as_str(), run.told),
            ("processing", vec!["status_changed".to_owned()]),
            "{after}"
        );
    }
}

/// GHL showed a value older than our acknowledged PUT: not an edit, whatever it is.
#[test]
fn what_is_older_than_the_base_is_not_an_edit() {
    let mut rig = Rig::synced("manufacturing");
    rig.shop_sets("shipped").pass();
    let seen = opportunity("opp1", "processing", rig.opportunity().base_at - 1);
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told.len()), ("shipped", 0));
}

/// A second change by the shop: only what lies between it and GHL's value counts.
#[test]
fn an_edit_older_than_the_shops_last_change_loses() {
    let mut rig = Rig::synced("manufacturing");
    rig.shop_sets("processing");
    let edited_at = rig.now + MINUTE;
    rig.later(2 * MINUTE).shop_sets("shipped");
    rig.later(20 * SECOND).ghl("GET opportunity", opportunity("opp1", "delivered", edited_at));
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec!["edit_lost".to_owned()]));
}

/// A contact's fields carry no time: a person's edit of one loses against a change not yet pushed.
#[test]
fn an_edit_of_the_field_loses_against_an_open_change_of_the_shop() {
    let mut rig = Rig::synced("manufacturing");
    rig.shop_sets("shipped");
    let mut seen = rig.known_contact(&ContactId::new("con1"));
    seen.fields.insert("order_status".to_owned(), "delivered".to_owned());
    rig.hint(true).later(20 * SECOND).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec!["edit_lost".to_owned()]));
    assert!(run.calls.iter().any(|call| call.contains("order_status=shipped")), "{:?}", run.calls);
}

/// The total order puts a status off the path above the path, even an older one.
#[test]
fn a_cancelled_order_outranks_the_path() {
    let mut rig = clash("cancelled", "delivered", MINUTE / 4, 500);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("cancelled", vec!["edit_lost".to_owned()]));
    assert!(run.calls.contains(&"PUT opportunity opp1 status=lost".to_owned()), "{:?}", run.calls);
}
