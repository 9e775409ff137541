//! Deleted in GHL, merged, moved to another contact.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::ContactId,
    ports::store::{Finish, JobState},
    sync::call::SeenOpportunity,
};

/// The opportunity as it is, but with another contact.
fn with_contact(rig: &Rig, contact: &str) -> SeenOpportunity {
    let base = rig.opportunity();
    SeenOpportunity {
        contact: Some(ContactId::new(contact)),
        ..opportunity("opp1", &rig.order.status, base.base_at)
    }
}

#[test]
fn a_deleted_opportunity_detaches_its_order() {
    let mut rig = Rig::synced("processing");
    rig.hint(false).ghl("GET opportunity", refused(Code::NotFound));
    let run = rig.pass();
    assert_eq!((run.finish, run.told), (Finish::Skipped, vec!["detached".to_owned()]));
    assert!(rig.order.detached);
    assert_eq!(rig.job.state, JobState::Skipped);
    // Its tag goes, as of every order that is not open.
    assert_eq!(run.calls.last().unwrap(), "DELETE tags con1 status_processing");
}

#[test]
fn a_write_to_a_deleted_opportunity_detaches_too() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("PUT opportunity", refused(Code::NotFound));
    let run = rig.pass();
    assert_eq!((run.finish, rig.order.detached), (Finish::Skipped, true));
    assert!(rig.opportunity().unknown.is_empty());
}

#[test]
fn a_detached_order_is_never_created_again_unasked() {
    let mut rig = Rig::synced("processing");
    rig.hint(false).ghl("GET opportunity", refused(Code::NotFound));
    rig.pass();
    let run = rig.shop_sets("shipped").pass();
    assert!(run.calls.iter().all(|call| !call.contains("opportunity")), "{:?}", run.calls);
    assert_eq!((run.finish, run.told.len(), rig.job.state), (Finish::Skipped, 0, JobState::Skipped));
}

#[test]
fn an_opportunity_alive_with_another_contact_is_followed() {
    let mut rig = Rig::synced("processing");
    let seen = with_contact(&rig, "con2");
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!(rig.order.contact, Some(ContactId::new("con2")));
    assert_eq!(rig.order.lease_key, "contact:loc1:con2");
    assert_eq!((rig.order.opportunity.as_ref().unwrap().as_str(), run.finish), ("opp1", Finish::Done));
    assert!(run.calls.contains(&"POST tags con2 +status_processing".to_owned()), "{:?}", run.calls);
    assert!(!rig.order.detached && run.told.is_empty());
}

/// GHL merges the tags of merged contacts: what we recorded of the old one is ours on the new one.
#[test]
fn recorded_tags_go_along_so_that_they_can_be_removed() {
    let mut rig = Rig::synced("processing");
    let seen = with_contact(&rig, "con2");
    rig.shop_sets("shipped").hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!(
        run.calls[run.calls.len() - 2..],
        ["POST tags con2 +status_shipped", "DELETE tags con2 status_processing"]
    );
    assert_eq!(rig.contact().base.recorded, ["status_shipped".to_owned()].into());
}

/// The move and a new stage are seen in one look.
#[test]
fn an_edit_seen_together_with_the_move_counts() {
    let mut rig = Rig::synced("processing");
    let seen = SeenOpportunity {
        contact: Some(ContactId::new("con2")),
        ..opportunity("opp1", "shipped", rig.now - SECOND)
    };
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    assert_eq!((rig.order.status.as_str(), run.told), ("shipped", vec!["status_changed".to_owned()]));
    assert!(run.calls.contains(&"POST tags con2 +status_shipped".to_owned()), "{:?}", run.calls);
}

#[test]
fn the_fields_of_the_contact_it_moved_to_are_those_of_all_its_orders() {
    let mut rig = Rig::synced("processing");
    let other = rig.add_order("B-1", "delivered");
    other.contact = Some(ContactId::new("con2"));
    other.lease_key = "contact:loc1:con2".to_owned();
    let seen = with_contact(&rig, "con2");
    rig.hint(false).ghl("GET opportunity", seen);
    let run = rig.pass();
    let put = run.calls.iter().find(|call| call.starts_with("PUT contact con2")).unwrap();
    assert!(put.contains("order_number=B-1 order_status=delivered"), "{put}");
}

mod a_deleted_contact {
    use super::*;

    #[test]
    fn is_followed_where_the_opportunity_lives_on() {
        let mut rig = Rig::synced("order_placed");
        let seen = SeenOpportunity {
            contact: Some(ContactId::new("con2")),
            ..opportunity("opp1", "processing", rig.now)
        };
        rig.shop_sets("processing")
            .ghl("PUT contact con1", refused(Code::NotFound))
            .ghl("GET opportunity", seen);
        let run = rig.pass();
        assert_eq!(rig.order.contact, Some(ContactId::new("con2")));
        assert_eq!((run.finish, rig.order.detached), (Finish::Done, false));
        assert!(run.told.is_empty(), "our own PUT is nobody's edit: {:?}", run.told);
    }

    #[test]
    fn detaches_where_the_opportunity_went_with_it() {
        let mut rig = Rig::synced("processing");
        rig.hint(true)
            .ghl("GET opportunity", refused(Code::NotFound))
            .ghl("DELETE tags", refused(Code::NotFound));
        let run = rig.pass();
        assert_eq!((run.finish, run.told), (Finish::Skipped, vec!["detached".to_owned()]));
    }

    #[test]
    fn detaches_where_no_opportunity_was_made_yet() {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST opportunity", refused(Code::Server));
        rig.pass();
        rig.order.creating = None;
        rig.now = rig.job.due_at;
        rig.ghl("GET contact con1", refused(Code::NotFound));
        let run = rig.pass();
        assert_eq!((run.finish, run.told), (Finish::Skipped, vec!["detached".to_owned()]));
    }

    #[test]
    fn of_an_opportunity_that_still_names_it_detaches() {
        let mut rig = Rig::synced("processing");
        rig.hint(true).ghl("GET contact con1", refused(Code::NotFound));
        let run = rig.pass();
        assert_eq!((run.finish, run.told), (Finish::Skipped, vec!["detached".to_owned()]));
    }
}
