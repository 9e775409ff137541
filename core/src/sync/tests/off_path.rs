//! Cancelled, refunded, returned.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::OpportunityId,
    ports::store::{Creating, Finish, ObjectKind},
    sync::call::SeenOpportunity,
};

fn closed(status: &str, at: i64) -> SeenOpportunity {
    SeenOpportunity { status: Some(status.to_owned()), ..opportunity("opp1", "processing", at) }
}

/// `processing`, then `cancelled`, and GHL says so.
fn cancelled() -> Rig {
    let mut rig = Rig::synced("processing");
    rig.shop_sets("cancelled").pass();
    rig.later(HOUR);
    rig
}

#[test]
fn the_opportunity_is_closed_as_the_model_says_progress_is_frozen_and_the_tag_goes() {
    let table = [
        ("cancelled", Some("PUT opportunity opp1 status=lost")),
        ("refunded", Some("PUT opportunity opp1 status=lost")),
        ("returned", None),
    ];
    for (status, put) in table {
        let mut rig = Rig::synced("processing");
        let run = rig.shop_sets(status).pass();
        let fields = format!("PUT contact con1 last_updated order_status={status}");
        let all = [put, Some(fields.as_str()), Some("DELETE tags con1 status_processing")];
        assert_eq!(run.calls, all.into_iter().flatten().collect::<Vec<_>>());
        assert_eq!((rig.order.pushed_version, run.finish), (2, Finish::Done));
        assert_eq!(rig.contact().base.fields["progress_percentage"], "25", "{status}");
    }
}

#[test]
fn brought_back_by_the_shop_the_opportunity_is_open_again() {
    let mut rig = cancelled();
    let run = rig.shop_sets("shipped").pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=shipped status=open");
    assert_eq!((run.calls.len(), run.finish), (3, Finish::Done));
    // Once; after that it is the people's again.
    let run = rig.shop_sets("delivered").pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=delivered");
}

#[test]
fn a_persons_lost_after_we_opened_it_again_is_theirs() {
    let mut rig = cancelled();
    rig.shop_sets("shipped").pass();
    let base_at = rig.opportunity().base_at;
    let seen = SeenOpportunity { status: Some("lost".to_owned()), ..opportunity("opp1", "shipped", base_at) };
    rig.hint(false).ghl("GET opportunity", seen);
    assert_eq!(rig.pass().told, ["opportunity_status"]);
    assert_eq!(rig.shop_sets("delivered").pass().calls[0], "PUT opportunity opp1 stage=delivered");
}

/// The reply of the closing PUT was lost, and the look finds it done.
#[test]
fn a_closing_found_after_a_lost_reply_is_opened_again_too() {
    let mut rig = Rig::synced("processing");
    rig.shop_sets("cancelled").ghl("PUT opportunity", lost());
    rig.pass();
    let seen = closed("lost", rig.opportunity().base_at);
    rig.later(30 * SECOND).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((run.finish, run.told.len()), (Finish::Done, 0), "ours, and nobody's edit");
    let run = rig.shop_sets("shipped").pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=shipped status=open");
}

#[test]
fn a_move_in_ghl_does_not_bring_it_back() {
    let mut rig = cancelled();
    let seen = SeenOpportunity { status: Some("lost".to_owned()), ..opportunity("opp1", "shipped", rig.now) };
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), rig.order.version), ("cancelled", 2));
    assert_eq!((run.calls.len(), run.told), (1, vec!["edit_lost".to_owned()]));
}

#[test]
fn a_field_written_in_ghl_does_not_bring_it_back() {
    let mut rig = cancelled();
    let mut seen = rig.known_contact(rig.order.contact.as_ref().unwrap());
    seen.fields.insert("order_status".to_owned(), "shipped".to_owned());
    rig.hint(true).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("cancelled", vec!["edit_lost".to_owned()]));
    assert_eq!(run.calls[2..], ["PUT contact con1 order_status=cancelled"]);
}

#[test]
fn someone_opening_it_again_is_told_and_left_alone() {
    let mut rig = cancelled();
    let seen = closed("open", rig.opportunity().base_at);
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((run.calls.len(), run.told), (1, vec!["opportunity_status".to_owned()]));
    assert_eq!(rig.order.status, "cancelled");
}

/// A person's `won` after we closed it is theirs.
#[test]
fn a_persons_won_after_our_lost_is_not_opened_again() {
    let mut rig = cancelled();
    let seen = closed("won", rig.opportunity().base_at);
    rig.hint(false).ghl("GET opportunity", seen);
    rig.pass();
    let run = rig.shop_sets("shipped").pass();
    assert_eq!(run.calls[0], "PUT opportunity opp1 stage=shipped");
}

mod waiting_work {
    use super::*;

    #[test]
    fn an_order_that_never_was_in_ghl_is_not_created() {
        let mut rig = Rig::new("order_placed");
        let run = rig.shop_sets("cancelled").pass();
        assert_eq!((run.calls, run.finish), (Vec::new(), Finish::Done));
        assert_eq!((rig.order.contact.clone(), rig.order.pushed_version), (None, 2));
    }

    #[test]
    fn an_opportunity_that_was_not_begun_is_not_created() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", refused(Code::Network));
        rig.pass();
        assert_eq!(rig.order.creating, None);
        let run = rig.shop_sets("cancelled").pass();
        assert!(run.calls.iter().all(|call| !call.contains("opportunity")), "{:?}", run.calls);
        assert_eq!(run.calls.last().unwrap(), "DELETE tags con1 status_order_placed");
        assert_eq!(run.finish, Finish::Done);
    }

    #[test]
    fn a_begun_opportunity_is_first_found_and_then_closed() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", lost());
        rig.pass();
        rig.later(SECOND).shop_sets("cancelled");
        let run = rig.pass();
        assert_eq!((run.calls.len(), rig.job.due_at), (0, START + VISIBLE));
        let seen = opportunity("opp7", "order_placed", START);
        rig.now = START + VISIBLE;
        rig.ghl("FIND opportunity", list([seen.clone()])).ghl("GET opportunity opp7", seen);
        let run = rig.pass();
        assert_eq!(run.calls[2], "PUT opportunity opp7 status=lost");
        assert_eq!(rig.order.opportunity, Some(OpportunityId::new("opp7")));
        assert_eq!((run.finish, rig.order.creating), (Finish::Done, None));
    }

    #[test]
    fn a_begun_opportunity_that_did_not_happen_is_left_undone() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", lost());
        rig.pass();
        rig.shop_sets("cancelled").now = START + VISIBLE;
        let run = rig.pass();
        assert_eq!(run.calls[0], "FIND opportunity con1");
        assert!(run.calls.iter().all(|call| !call.starts_with("POST")), "{:?}", run.calls);
        assert_eq!((run.finish, rig.order.creating), (Finish::Done, None));
    }

    #[test]
    fn a_begun_contact_is_first_found_and_then_tidied() {
        let mut rig = Rig::new("order_placed");
        rig.order.creating = Some(Creating { object: ObjectKind::Contact, since: START, refused: false });
        rig.shop_sets("cancelled").now = START + VISIBLE;
        let mut made = contact("con4");
        made.added_at = Some(START + SECOND);
        made.tags = ["status_order_placed".to_owned()].into();
        rig.ghl("FIND email", found("con4")).ghl("GET contact con4", made);
        let run = rig.pass();
        assert_eq!(run.calls.last().unwrap(), "DELETE tags con4 status_order_placed");
        assert!(run.calls.iter().all(|call| !call.contains("opportunity")), "{:?}", run.calls);
        assert_eq!(run.finish, Finish::Done);
    }
}
