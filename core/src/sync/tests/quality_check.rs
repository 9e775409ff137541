//! A status that has no stage in the pipeline: the opportunity stays, and the order never goes back.

use super::{rig::*, script::*, shop::*};
use crate::ports::store::Finish;

fn synced(status: &str) -> Rig {
    Rig::of(context_without(&["quality_check"]), order_row("A-1", status, 1)).in_step()
}

fn at_quality_check() -> Rig {
    let mut rig = synced("manufacturing");
    let run = rig.shop_sets("quality_check").pass();
    assert_eq!(
        run.calls,
        [
            "PUT contact con1 last_updated order_status=quality_check progress_percentage=65",
            "POST tags con1 +status_quality_check",
            "DELETE tags con1 status_manufacturing",
        ]
    );
    assert_eq!((rig.order.pushed_version, run.finish), (2, Finish::Done));
    rig
}

#[test]
fn the_opportunity_stays_where_it_is_and_so_does_the_order() {
    let mut rig = at_quality_check();
    for moved_at in [START, rig.now + SECOND] {
        // The very stage it was in, perhaps left and entered again.
        let seen = opportunity("opp1", "manufacturing", moved_at);
        rig.later(MINUTE).hint(false).ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), rig.order.version), ("quality_check", 2));
        assert_eq!((run.calls.len(), run.told.len()), (1, 0));
    }
}

#[test]
fn an_unknown_write_of_the_stage_before_does_not_take_it_back() {
    let mut rig = synced("processing");
    rig.shop_sets("manufacturing").ghl("PUT opportunity", lost());
    let put_at = rig.now;
    rig.pass();
    rig.later(30 * SECOND).shop_sets("quality_check");
    rig.ghl("GET opportunity", opportunity("opp1", "manufacturing", put_at + SECOND));
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told.len(), run.finish), ("quality_check", 0, Finish::Done));
}

#[test]
fn a_move_from_there_is_an_edit_either_way() {
    for to in ["shipped", "processing"] {
        let mut rig = at_quality_check();
        let seen = opportunity("opp1", to, rig.now + SECOND);
        rig.later(MINUTE).hint(false).ghl("GET opportunity", seen);
        rig.pass();
        assert_eq!(rig.order.status, to);
    }
}

#[test]
fn the_field_can_set_it_and_moves_no_stage() {
    let mut rig = synced("manufacturing");
    let mut seen = rig.known_contact(rig.order.contact.as_ref().unwrap());
    seen.fields.insert("order_status".to_owned(), "quality_check".to_owned());
    rig.hint(true).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!(rig.order.status, "quality_check");
    assert!(run.calls.iter().all(|call| !call.starts_with("PUT opportunity")), "{:?}", run.calls);
}

#[test]
fn where_the_pipeline_has_the_stage_it_is_used() {
    let mut rig = Rig::synced("manufacturing");
    assert_eq!(rig.shop_sets("quality_check").pass().calls[0], "PUT opportunity opp1 stage=quality_check");
}

/// The shop skips the stage it could not push: `shipped` is pushed over `manufacturing`.
#[test]
fn the_next_status_is_pushed_from_where_the_opportunity_is() {
    let mut rig = at_quality_check();
    assert_eq!(rig.shop_sets("shipped").pass().calls[0], "PUT opportunity opp1 stage=shipped");
}
