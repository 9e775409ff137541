//! A customer who is in GHL already: found by the refused create, completed, and never overwritten.

use super::{rig::*, script::*, shop::*};
use crate::{
    error::Code,
    ids::ContactId,
    ports::store::Finish,
    sync::call::{SeenContact, Standard},
};

const FIELDS: &str =
    "last_updated order_number=A-1 order_status=order_placed order_total progress_percentage=10 sauna_model";

/// `con9`, with a name and a town of its own, and a tag that is not ours.
fn con9() -> SeenContact {
    SeenContact {
        standard: Standard {
            first_name: Some("Ainikki".to_owned()),
            email: Some("aino@example.com".to_owned()),
            city: Some("Oulu".to_owned()),
            ..Standard::default()
        },
        tags: ["vip".to_owned(), "status_delivered".to_owned()].into(),
        ..contact("con9")
    }
}

#[test]
fn a_known_contact_costs_five_calls_and_only_its_blanks_are_filled() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "email")).ghl("GET contact", con9());
    let run = rig.pass();
    assert_eq!(
        run.calls[1..],
        [
            "GET contact con9".to_owned(),
            // The name, e-mail and address are the contact's own; an address counts as one field.
            format!("PUT contact con9 {FIELDS} last_name:Virtanen phone:+358401234567"),
            "POST tags con9 +status_order_placed".to_owned(),
            "POST opportunity con9 stage=order_placed".to_owned(),
        ]
    );
    assert_eq!((run.calls.len(), run.finish), (5, Finish::Done));
    assert_eq!(rig.order.contact, Some(ContactId::new("con9")));
    // A tag of the form `status_…` that we did not put there is not ours.
    assert_eq!(rig.contact().base.recorded, ["status_order_placed".to_owned()].into());
}

#[test]
fn overwriting_is_opted_into() {
    let mut context = context_without(&[]);
    context.overwrite_contact = true;
    let mut rig = Rig::of(context, order_row("A-1", "order_placed", 1));
    rig.ghl("POST contact", duplicate("con9", "email")).ghl("GET contact", con9());
    let run = rig.pass();
    let written = "first_name:Aino last_name:Virtanen phone:+358401234567 address1:Rantatie 5 city:Helsinki \
                   postal_code:00100 country:FI";
    assert_eq!(run.calls[2], format!("PUT contact con9 {FIELDS} {written}"));
}

#[test]
fn a_contact_with_nothing_blank_gets_our_fields_only() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "email"));
    assert_eq!(rig.pass().calls[2], format!("PUT contact con9 {FIELDS}"));
}

/// The e-mail, which wins, might have another contact: six calls.
#[test]
fn where_only_the_phone_matched_the_email_is_looked_up() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "phone"));
    let run = rig.pass();
    assert_eq!(run.calls[1..3], ["FIND email aino@example.com", "GET contact con9"]);
    assert_eq!((run.calls.len(), run.finish), (6, Finish::Done));
    assert!(run.told.is_empty(), "{:?}", run.told);
}

#[test]
fn of_two_contacts_the_one_with_the_email_wins_and_the_phone_is_not_written() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "phone"));
    rig.ghl("FIND email", found("con5")).ghl("GET contact con5", contact("con5"));
    let run = rig.pass();
    let blanks = "first_name:Aino last_name:Virtanen email:aino@example.com address1:Rantatie 5 city:Helsinki \
                  postal_code:00100 country:FI";
    assert_eq!(run.calls[3], format!("PUT contact con5 {FIELDS} {blanks}"));
    assert_eq!((run.calls.len(), run.finish), (6, Finish::Done));
    assert_eq!(run.told, ["two_contacts"]);
    assert_eq!(
        rig.told("two_contacts"),
        [r#"{"contactId":"con5","orderId":"id-A-1","otherContactId":"con9"}"#]
    );
}

#[test]
fn an_order_without_an_email_takes_the_contact_with_its_phone() {
    let mut row = order_row("A-1", "order_placed", 1);
    row.email = None;
    let mut rig = Rig::of(context_without(&[]), row);
    rig.ghl("POST contact", duplicate("con9", "phone"));
    let run = rig.pass();
    assert_eq!((run.calls.len(), run.calls[1].as_str()), (5, "GET contact con9"));
}

/// GHL matched the e-mail and says only on the update that the phone has another contact.
#[test]
fn a_blank_that_another_contact_has_stays_blank() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "email")).ghl("GET contact", con9());
    rig.ghl("PUT contact con9", duplicate("con7", "phone"));
    let run = rig.pass();
    assert_eq!(run.calls[3], format!("PUT contact con9 {FIELDS} last_name:Virtanen"));
    assert_eq!((run.told, run.finish), (vec!["two_contacts".to_owned()], Finish::Done));
}

#[test]
fn a_duplicate_on_an_update_without_blanks_is_a_failure() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("PUT contact", duplicate("con7", "phone"));
    let run = rig.pass();
    assert!(matches!(&run.finish, Finish::Dead { error } if error.0 == "duplicate"), "{:?}", run.finish);
}

mod where_duplicates_are_allowed {
    use super::*;

    fn rig() -> Rig {
        let mut context = context_without(&[]);
        context.allows_duplicates = true;
        Rig::of(context, order_row("A-1", "order_placed", 1))
    }

    #[test]
    fn the_customer_is_looked_for_before_it_is_created() {
        let run = rig().pass();
        assert_eq!(run.calls[..2], ["FIND email aino@example.com", "FIND phone +358401234567"]);
        assert!(run.calls[2].starts_with("POST contact"));
        assert_eq!((run.calls.len(), run.finish), (4, Finish::Done));
    }

    #[test]
    fn a_contact_with_the_email_is_taken() {
        let mut rig = rig();
        rig.ghl("FIND email", found("con9"));
        let run = rig.pass();
        assert_eq!(run.calls[1], "GET contact con9");
        assert!(run.calls.iter().all(|call| !call.starts_with("POST contact")), "{:?}", run.calls);
    }

    #[test]
    fn a_contact_with_the_phone_is_taken_where_none_has_the_email() {
        let mut rig = rig();
        rig.ghl("FIND phone", found("con9"));
        let run = rig.pass();
        assert_eq!(run.calls[2], "GET contact con9");
    }

    /// E-mail wins, the phone is not written, a warning is logged.
    #[test]
    fn a_phone_that_another_contact_has_is_not_written() {
        let mut rig = rig();
        rig.ghl("FIND email", found("con5")).ghl("GET contact con5", contact("con5"));
        rig.ghl("FIND phone", found("con9"));
        let run = rig.pass();
        let put = run.calls.iter().find(|call| call.starts_with("PUT contact con5")).unwrap();
        assert!(!put.contains("phone:"), "{put}");
        assert_eq!(run.told, ["two_contacts"]);
    }
}

#[test]
fn a_look_at_a_contact_that_fails_is_repeated_later() {
    let mut rig = Rig::new("order_placed");
    rig.ghl("POST contact", duplicate("con9", "email")).ghl("GET contact", refused(Code::Server));
    let run = rig.pass();
    assert_eq!(run.calls.len(), 2);
    assert!(matches!(run.finish, Finish::Wait { counted: true, .. }), "{:?}", run.finish);
    assert_eq!(rig.order.creating, None, "the duplicate told that nothing was created");
}
