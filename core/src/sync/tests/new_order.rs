//! A new order: at most 2 calls for a new customer; a create is written down before it leaves.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::ContactId,
    ports::store::{Creating, Finish, ObjectKind},
};

const POST_CONTACT: &str = "POST contact last_updated order_number=A-1 order_status=order_placed order_total \
                            progress_percentage=10 sauna_model +status_order_placed";

#[test]
fn a_new_customer_costs_two_calls() {
    let mut rig = Rig::new("order_placed");
    let run = rig.pass();
    assert_eq!(run.calls, [POST_CONTACT, "POST opportunity con1 stage=order_placed"]);
    assert_eq!(run.finish, Finish::Done);
    let order = &rig.order;
    assert_eq!((order.contact.as_ref().unwrap().as_str(), order.pushed_version), ("con1", 1));
    assert_eq!((order.opportunity.as_ref().unwrap().as_str(), order.creating), ("opp1", None));
    assert_eq!(order.lease_key, "contact:loc1:con1");
}

#[test]
fn what_was_created_is_the_base() {
    let rig = Rig::synced("order_placed");
    let (opportunity, contact) = (rig.opportunity(), rig.contact());
    assert_eq!(opportunity.base.stage, Some(stage("order_placed")));
    assert_eq!((opportunity.base.status.as_deref(), opportunity.base.acked_version), (Some("open"), 1));
    let fields: Vec<_> = contact.base.fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("last_updated", "2027-01-15T08:00:00.000Z"),
            ("order_number", "A-1"),
            ("order_status", "order_placed"),
            ("order_total", "4999"),
            ("progress_percentage", "10"),
            ("sauna_model", "Barrel 220"),
        ]
    );
    assert_eq!(contact.base.tags, ["status_order_placed".to_owned()].into());
    assert_eq!(contact.base.recorded, contact.base.tags);
    assert!(opportunity.unknown.is_empty() && contact.unknown.is_empty());
}

#[test]
fn a_location_without_a_field_is_not_sent_it() {
    let mut context = context_without(&[]);
    context.fields = serde_json::from_str::<Vec<_>>(
        r#"[{"id":"f1","fieldKey":"contact.order_number","dataType":"TEXT"},
            {"id":"f4","fieldKey":"contact.order_status","dataType":"TEXT"}]"#,
    )
    .map(|fields| crate::sync::context::FieldMap::resolve(&fields, &[]))
    .unwrap();
    let run = Rig::of(context, order_row("A-1", "order_placed", 1)).pass();
    assert_eq!(run.calls[0], "POST contact order_number=A-1 order_status=order_placed +status_order_placed");
}

#[test]
fn each_create_is_on_the_disk_before_it_leaves() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", ok().taking(700));
    let run = rig.pass();
    let creating = |object, since| Some(Creating { object, since, refused: false });
    assert_eq!(run.stored[0].order.creating, creating(ObjectKind::Contact, START));
    assert_eq!(run.stored[1].order.creating, creating(ObjectKind::Opportunity, START + 700));
    // And the contact is kept before the second call may fail.
    assert_eq!(run.stored[1].order.contact, Some(ContactId::new("con1")));
    assert_eq!(run.stored[1].contact.base.recorded.len(), 1);
}

#[test]
fn an_order_may_start_anywhere_on_the_path() {
    let run = Rig::new("shipped").pass();
    assert!(run.calls[0].contains("order_status=shipped"), "{}", run.calls[0]);
    assert_eq!(run.calls[1], "POST opportunity con1 stage=shipped");
}

#[test]
fn a_status_without_a_stage_starts_in_the_stage_before_it() {
    let run = Rig::of(context_without(&["quality_check"]), order_row("A-1", "quality_check", 1)).pass();
    assert_eq!(run.calls[1], "POST opportunity con1 stage=manufacturing");
}

/// The POST leaves within 10 s of `creating_since`, or not at all: then it is begun anew.
#[test]
fn a_create_that_waited_too_long_for_a_slot_is_begun_anew() {
    for (wait, since) in [(10 * SECOND, START), (10 * SECOND + 1, START + 10 * SECOND + 1)] {
        let mut rig = Rig::new("order_placed");
        rig.ghl("POST contact", ok().waiting(wait));
        let run = rig.pass();
        assert_eq!(run.calls.len(), 2, "{:?}", run.calls);
        assert_eq!((run.stored[0].at, run.stored[0].order.creating.unwrap().since), (START + wait, since));
        assert_eq!(run.finish, Finish::Done);
    }
}

#[test]
fn an_opportunity_create_that_waited_too_long_is_begun_anew() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST opportunity", ok().waiting(11 * SECOND));
    let run = rig.pass();
    assert_eq!(run.calls, [POST_CONTACT, "POST opportunity con1 stage=order_placed"]);
    assert_eq!(run.stored[1].order.creating.unwrap().since, START + 11 * SECOND);
}

#[test]
fn a_location_that_forbids_a_second_opportunity_is_told_so() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST opportunity", refused(Code::DuplicateOpportunity));
    let run = rig.pass();
    assert!(matches!(&run.finish, Finish::Dead { error } if error.0 == "duplicate_opportunity"));
    assert_eq!((run.told, rig.order.creating), (vec!["sync_failed".to_owned()], None));
    assert_eq!(rig.order.contact, Some(ContactId::new("con1")), "what was done is kept");
}

mod of_a_known_customer {
    use super::*;

    /// A second order of a customer whose contact an earlier order has: its lease key names it.
    fn second_order() -> Rig {
        let mut row = order_row("A-2", "order_placed", 2);
        row.lease_key = "contact:loc1:con1".to_owned();
        Rig::of(context_without(&[]), row)
    }

    #[test]
    fn the_contact_is_looked_at_and_not_created() {
        let mut rig = second_order();
        let run = rig.pass();
        assert_eq!(
            run.calls,
            [
                "GET contact con1",
                "PUT contact con1 last_updated order_number=A-2 order_status=order_placed order_total \
                 progress_percentage=10 sauna_model",
                "POST tags con1 +status_order_placed",
                "POST opportunity con1 stage=order_placed",
            ]
        );
        assert_eq!(run.finish, Finish::Done);
    }

    #[test]
    fn a_contact_that_is_gone_is_created_again() {
        let mut rig = second_order();
        rig.ghl("GET contact con1", refused(Code::NotFound));
        let run = rig.pass();
        assert_eq!(run.calls[0], "GET contact con1");
        assert!(run.calls[1].starts_with("POST contact "), "{:?}", run.calls);
        assert_eq!((run.calls.len(), run.finish), (3, Finish::Done));
    }

    /// The twin's create may have made the contact: it must be visible before this one looks.
    #[test]
    fn a_contact_that_another_order_is_creating_is_waited_for() {
        let mut rig = Rig::new("order_placed");
        rig.add_order("A-2", "order_placed").creating =
            Some(Creating { object: ObjectKind::Contact, since: START - 5 * SECOND, refused: false });
        let run = rig.pass();
        let due_at = START - 5 * SECOND + VISIBLE;
        assert_eq!(run.calls, [""; 0]);
        assert_eq!(run.finish, Finish::Wait { due_at, counted: false, error: None });
    }
}
