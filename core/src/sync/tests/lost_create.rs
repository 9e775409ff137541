//! A create whose reply is lost: looked for once it must be visible, created again only then.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::{ContactId, OpportunityId, PipelineId},
    ports::store::{Creating, Finish, ObjectKind},
    sync::call::{SeenContact, SeenOpportunity},
};

const POST_OPPORTUNITY: &str = "POST opportunity con1 stage=order_placed";

/// The contact's create is lost; the job waits until it must be visible.
fn contact_lost() -> Rig {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", lost());
    let run = rig.pass();
    assert_eq!(run.calls.len(), 1);
    waits(&run.finish, START + VISIBLE, true);
    assert_eq!(
        rig.order.creating.unwrap(),
        Creating { object: ObjectKind::Contact, since: START, refused: false }
    );
    rig
}

/// The opportunity's create is lost.
fn opportunity_lost() -> Rig {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST opportunity", lost());
    let run = rig.pass();
    assert_eq!(run.calls.len(), 2);
    waits(&run.finish, START + VISIBLE, true);
    rig
}

fn waits(finish: &Finish, at: i64, counts: bool) {
    match finish {
        Finish::Wait { due_at, counted, .. } => assert_eq!((*due_at, *counted), (at, counts)),
        other => panic!("{other:?}"),
    }
}

/// `con4` as the lost create made it, or as someone else did before.
fn con4(added_at: i64) -> SeenContact {
    SeenContact {
        fields: [
            ("order_number".to_owned(), "A-1".to_owned()),
            ("order_status".to_owned(), "order_placed".to_owned()),
        ]
        .into(),
        tags: ["status_order_placed".to_owned()].into(),
        added_at: Some(added_at),
        ..contact("con4")
    }
}

#[test]
fn nothing_is_asked_before_it_must_be_visible() {
    let mut rig = contact_lost();
    // A newer change makes the job due at once; it still waits.
    rig.later(VISIBLE - 1).shop_sets("processing");
    let run = rig.pass();
    assert_eq!(run.calls, [""; 0]);
    waits(&run.finish, START + VISIBLE, false);
}

#[test]
fn a_contact_that_is_not_found_is_created_again() {
    let mut rig = contact_lost();
    rig.later(VISIBLE);
    let run = rig.pass();
    assert_eq!(run.calls[..2], ["FIND email aino@example.com", "FIND phone +358401234567"]);
    assert!(run.calls[2].starts_with("POST contact"));
    assert_eq!(run.stored[2].order.creating.unwrap().since, START + VISIBLE);
    assert_eq!((run.calls.len(), run.finish), (4, Finish::Done));
}

#[test]
fn a_contact_that_is_found_is_adopted_with_the_tag_it_was_made_with() {
    let mut rig = contact_lost();
    rig.later(VISIBLE).shop_sets("processing");
    rig.ghl("FIND email", found("con4")).ghl("GET contact con4", con4(START + 2 * SECOND));
    let run = rig.pass();
    assert!(run.calls.iter().all(|call| !call.starts_with("POST contact")), "{:?}", run.calls);
    assert_eq!(
        run.calls[3..5],
        ["POST tags con4 +status_processing", "DELETE tags con4 status_order_placed"]
    );
    assert_eq!((rig.order.contact.clone(), run.finish), (Some(ContactId::new("con4")), Finish::Done));
}

/// Someone else had created the contact, with a tag that only looks like ours.
#[test]
fn a_contact_older_than_the_create_keeps_its_tags() {
    let mut rig = contact_lost();
    rig.later(VISIBLE).shop_sets("processing");
    rig.ghl("FIND email", found("con4")).ghl("GET contact con4", con4(START - MINUTE));
    let run = rig.pass();
    assert!(run.calls.iter().all(|call| !call.starts_with("DELETE tags")), "{:?}", run.calls);
}

/// The worker died between writing the create down and sending it, or after.
#[test]
fn a_create_found_on_the_disk_is_looked_for_first() {
    let mut rig = Rig::new("order_placed");
    rig.order.creating =
        Some(Creating { object: ObjectKind::Contact, since: START - SECOND, refused: false });
    let run = rig.pass();
    assert_eq!(run.calls, [""; 0]);
    waits(&run.finish, START - SECOND + VISIBLE, false);
}

#[test]
fn an_opportunity_that_is_found_by_name_is_adopted_the_earliest_of_several() {
    let mut rig = opportunity_lost();
    rig.later(VISIBLE);
    let seen = |id, created_at| SeenOpportunity {
        created_at: Some(created_at),
        ..opportunity(id, "order_placed", created_at)
    };
    let other_name = SeenOpportunity { name: "Order #A-11".to_owned(), ..seen("opp0", START) };
    let other_contact = SeenOpportunity { contact: Some(ContactId::new("con2")), ..seen("opp0", START) };
    let other_pipeline = SeenOpportunity { pipeline: Some(PipelineId::new("pip2")), ..seen("opp0", START) };
    let all = [other_name, other_contact, other_pipeline, seen("opp8", START + 2), seen("opp7", START + 1)];
    rig.ghl("FIND opportunity con1", list(all)).ghl("GET opportunity opp7", seen("opp7", START + 1));
    let run = rig.pass();
    assert_eq!(run.calls, ["FIND opportunity con1", "GET opportunity opp7"]);
    assert_eq!((rig.order.opportunity.clone(), run.finish), (Some(OpportunityId::new("opp7")), Finish::Done));
    assert!(run.told.is_empty(), "its first stage is nobody's edit: {:?}", run.told);
}

#[test]
fn an_opportunity_that_is_not_found_is_created_again() {
    let mut rig = opportunity_lost();
    rig.later(VISIBLE);
    let run = rig.pass();
    assert_eq!(run.calls, ["FIND opportunity con1", "GET contact con1", POST_OPPORTUNITY]);
    assert_eq!(run.finish, Finish::Done);
}

#[test]
fn the_shops_change_meanwhile_is_pushed_to_what_was_found() {
    let mut rig = opportunity_lost();
    rig.later(VISIBLE).shop_sets("processing");
    let seen = opportunity("opp7", "order_placed", START);
    rig.ghl("FIND opportunity", list([seen.clone()])).ghl("GET opportunity opp7", seen);
    let run = rig.pass();
    assert_eq!(run.calls[2], "PUT opportunity opp7 stage=processing");
    assert_eq!((rig.order.status.as_str(), run.finish), ("processing", Finish::Done));
}

/// Someone moved it before it was found: an edit like any other, and later than the change it replaces.
#[test]
fn a_move_before_it_was_found_counts() {
    let mut rig = opportunity_lost();
    rig.later(VISIBLE);
    let seen =
        SeenOpportunity { created_at: Some(START), ..opportunity("opp7", "shipped", START + 20 * SECOND) };
    rig.ghl("FIND opportunity", list([seen.clone()])).ghl("GET opportunity opp7", seen);
    let run = rig.pass();
    assert_eq!(rig.order.status, "shipped");
    assert_eq!(run.told, ["change_lost", "status_changed"]);
}

mod named_by_an_event {
    use super::*;

    fn candidate() -> Rig {
        let mut rig = opportunity_lost();
        rig.later(2 * SECOND).order.candidate = Some(OpportunityId::new("opp7"));
        rig.hint(false);
        rig
    }

    /// The create event names it long before the search would.
    #[test]
    fn it_is_looked_at_and_adopted_at_once() {
        let mut rig = candidate();
        rig.ghl("GET opportunity opp7", opportunity("opp7", "order_placed", START));
        let run = rig.pass();
        assert_eq!((run.calls, run.finish), (vec!["GET opportunity opp7".to_owned()], Finish::Done));
        let order = &rig.order;
        assert_eq!((order.opportunity.as_ref().unwrap().as_str(), order.creating), ("opp7", None));
        assert_eq!((order.clean, order.candidate.clone()), (order.dirty, None));
    }

    #[test]
    fn one_that_is_not_ours_is_dropped_and_the_wait_goes_on() {
        let other = |seen| SeenOpportunity { name: "Order #B-7".to_owned(), ..seen };
        let moved = |seen| SeenOpportunity { contact: Some(ContactId::new("con2")), ..seen };
        let elsewhere = |seen| SeenOpportunity { pipeline: Some(PipelineId::new("pip2")), ..seen };
        let table: [fn(SeenOpportunity) -> SeenOpportunity; 3] = [other, moved, elsewhere];
        for not_ours in table {
            let mut rig = candidate();
            rig.ghl("GET opportunity opp7", not_ours(opportunity("opp7", "order_placed", START)));
            let run = rig.pass();
            assert_eq!(run.calls, ["GET opportunity opp7"]);
            waits(&run.finish, START + VISIBLE, false);
            assert_eq!((rig.order.candidate.clone(), rig.order.opportunity.clone()), (None, None));
        }
    }

    /// It was named by an event only; whether it was ours nobody knows.
    #[test]
    fn one_that_is_gone_does_not_detach_the_order() {
        let mut rig = candidate();
        rig.ghl("GET opportunity opp7", refused(Code::NotFound));
        let run = rig.pass();
        assert!(!rig.order.detached, "{:?}", run.finish);
        waits(&run.finish, START + VISIBLE, false);
    }
}

mod refused_but_perhaps_done {
    use super::*;

    /// When what GHL has refused at once must be visible: its search lags, and nothing is under way.
    const SETTLED: i64 = 30 * SECOND;

    fn contact_refused() -> Rig {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST contact", refused(Code::Validation));
        let run = rig.pass();
        assert_eq!(run.calls.len(), 3, "{:?}", run.calls);
        waits(&run.finish, START + SETTLED, true);
        assert!(rig.order.creating.unwrap().refused);
        rig
    }

    #[test]
    fn a_contact_created_despite_its_422_is_found_at_once() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST contact", refused(Code::Validation))
            .ghl("FIND email", found("con4"))
            .ghl("GET contact con4", con4(START + SECOND));
        let run = rig.pass();
        assert_eq!((rig.order.contact.clone(), run.finish), (Some(ContactId::new("con4")), Finish::Done));
        assert_eq!(run.calls.iter().filter(|call| call.starts_with("POST contact")).count(), 1);
    }

    #[test]
    fn one_that_is_seen_late_is_found_when_the_search_has_caught_up() {
        let mut rig = contact_refused();
        rig.later(SETTLED).ghl("FIND email", found("con4")).ghl("GET contact con4", con4(START + SECOND));
        let run = rig.pass();
        assert_eq!((rig.order.contact.clone(), run.finish), (Some(ContactId::new("con4")), Finish::Done));
    }

    /// Of two with the e-mail the search may show the other alone.
    #[test]
    fn where_a_location_allows_duplicates_it_is_not_looked_for_too_early() {
        let mut rig = Rig::new("order_placed");
        rig.context.allows_duplicates = true;
        rig.ghl("POST contact", refused(Code::Validation));
        let run = rig.pass();
        assert_eq!(run.calls.len(), 3, "as before any create: {:?}", run.calls);
        assert!(run.calls[2].starts_with("POST contact"), "{:?}", run.calls);
        waits(&run.finish, START + VISIBLE, true);
    }

    #[test]
    fn a_look_that_fails_leaves_the_refusal_to_another() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST contact", refused(Code::Validation)).ghl("FIND email", refused(Code::Server));
        let run = rig.pass();
        waits(&run.finish, START + VISIBLE, true);
        assert!(matches!(&run.finish, Finish::Wait { error: Some((code, _)), .. } if code == "validation"));
        assert!(rig.order.creating.unwrap().refused);
    }

    /// A failure before it says nothing of when GHL refused it.
    #[test]
    fn an_earlier_failure_is_not_taken_for_the_refusal() {
        let mut rig = contact_refused();
        rig.job.first_failed_at = Some(START - SECOND);
        rig.later(SETTLED);
        let run = rig.pass();
        assert_eq!(run.calls, [""; 0]);
        waits(&run.finish, START + VISIBLE, false);
    }

    #[test]
    fn a_refusal_that_was_meant_ends_the_job_and_is_told_once() {
        let mut rig = contact_refused();
        rig.later(SETTLED);
        let run = rig.pass();
        assert_eq!(run.calls.len(), 2, "the content is not sent again: {:?}", run.calls);
        assert!(matches!(&run.finish, Finish::Dead { error } if error.0 == "validation"), "{:?}", run.finish);
        assert_eq!((run.told, rig.order.creating), (vec!["sync_failed".to_owned()], None));
    }

    #[test]
    fn an_opportunity_created_despite_its_422_is_found() {
        let seen = || opportunity("opp7", "order_placed", START);
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", refused(Code::Validation))
            .ghl("FIND opportunity", list([seen()]))
            .ghl("GET opportunity opp7", seen());
        assert_eq!(rig.pass().finish, Finish::Done);
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", refused(Code::Validation)).ghl("FIND opportunity", list([]));
        waits(&rig.pass().finish, START + SETTLED, true);
        rig.later(SETTLED).ghl("FIND opportunity", list([seen()])).ghl("GET opportunity opp7", seen());
        let run = rig.pass();
        assert_eq!((run.calls.len(), run.finish), (2, Finish::Done));
    }
}

/// It surely never left: nothing to look for, and the ordinary schedule.
#[test]
fn a_create_that_never_left_is_repeated_by_the_schedule() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", refused(Code::Network));
    let run = rig.pass();
    waits(&run.finish, START + 30 * SECOND, true);
    assert_eq!(rig.order.creating, None);
    rig.later(30 * SECOND);
    assert_eq!(rig.pass().calls.len(), 2);
}
