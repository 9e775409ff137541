//! Our tags, and the fields of a contact with several orders.

use super::{rig::*, script::*, shop::*};
use crate::{error::Code, ids::ContactId, ports::store::Finish, sync::call::SeenContact};

fn tags(rig: &Rig) -> Vec<String> {
    rig.contact().base.recorded.into_iter().collect()
}

#[test]
fn a_tag_is_recorded_before_it_is_sent_and_forgotten_once_removed() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("DELETE tags", refused(Code::Server));
    let run = rig.pass();
    assert!(run.stored[2].contact.base.recorded.contains("status_processing"), "{:?}", run.calls);
    assert_eq!(tags(&rig), ["status_order_placed", "status_processing"]);
    rig.later(30 * SECOND);
    assert_eq!(rig.pass().calls, ["GET opportunity opp1", "DELETE tags con1 status_order_placed"]);
    assert_eq!(tags(&rig), ["status_processing"]);
}

/// The POST of a tag may have arrived, and then the status went on: every recorded tag but one goes.
#[test]
fn every_recorded_tag_but_the_current_is_removed() {
    let mut rig = Rig::synced("order_placed");
    rig.shop_sets("processing").ghl("POST tags", lost());
    rig.pass();
    rig.later(SECOND).shop_sets("shipped");
    let run = rig.pass();
    assert_eq!(
        run.calls[run.calls.len() - 2..],
        ["POST tags con1 +status_shipped", "DELETE tags con1 status_order_placed status_processing",]
    );
    assert_eq!((tags(&rig), run.finish), (vec!["status_shipped".to_owned()], Finish::Done));
}

#[test]
fn a_tag_someone_took_away_is_put_back_and_no_other_is_touched() {
    let mut rig = Rig::synced("processing");
    let seen = SeenContact {
        tags: ["vip".to_owned(), "status_shipped".to_owned()].into(),
        ..rig.known_contact(&ContactId::new("con1"))
    };
    rig.hint(true).ghl("GET contact", seen);
    let run = rig.pass();
    assert_eq!(run.calls, ["GET opportunity opp1", "GET contact con1", "POST tags con1 +status_processing"]);
    assert_eq!(tags(&rig), ["status_processing"]);
}

mod of_several_orders {
    use super::*;

    #[test]
    fn a_tag_that_another_open_order_has_stays() {
        let mut rig = Rig::synced("order_placed");
        rig.add_order("A-2", "order_placed");
        let run = rig.shop_sets("processing").pass();
        assert_eq!(run.calls.last().unwrap(), "POST tags con1 +status_processing");
        assert_eq!(tags(&rig), ["status_order_placed", "status_processing"]);
    }

    #[test]
    fn a_tag_of_an_order_off_the_path_or_detached_goes() {
        for detached in [false, true] {
            let mut rig = Rig::synced("order_placed");
            let other = rig.add_order("A-2", if detached { "order_placed" } else { "cancelled" });
            other.detached = detached;
            let run = rig.shop_sets("processing").pass();
            assert_eq!(run.calls.last().unwrap(), "DELETE tags con1 status_order_placed", "{detached}");
        }
    }

    /// The highest commit sequence decides, never a clock.
    #[test]
    fn the_fields_are_those_of_the_open_order_committed_last() {
        let mut rig = Rig::synced("order_placed");
        rig.shop_sets("processing");
        let other = rig.add_order("A-2", "shipped");
        other.changed_at -= HOUR;
        let run = rig.pass();
        assert_eq!(
            run.calls[1],
            "PUT contact con1 last_updated order_number=A-2 order_status=shipped progress_percentage=75"
        );
        assert_eq!(run.calls[2], "POST tags con1 +status_processing +status_shipped");
    }

    #[test]
    fn an_order_off_the_path_owns_the_fields_only_where_none_is_open() {
        let mut rig = Rig::synced("order_placed");
        rig.add_order("A-2", "processing");
        let run = rig.shop_sets("cancelled").pass();
        let put = run.calls.iter().find(|call| call.starts_with("PUT contact")).unwrap();
        assert!(put.contains("order_number=A-2 order_status=processing"), "{put}");
    }

    /// Of the same customer, but not of this contact (yet).
    #[test]
    fn an_order_of_another_contact_has_no_say() {
        let mut rig = Rig::synced("order_placed");
        rig.add_order("A-2", "order_placed").contact = None;
        let run = rig.shop_sets("processing").pass();
        assert_eq!(run.calls.last().unwrap(), "DELETE tags con1 status_order_placed");
    }

    #[test]
    fn a_field_of_another_order_is_not_this_orders_edit() {
        let mut rig = Rig::synced("order_placed");
        let mut seen = rig.known_contact(&ContactId::new("con1"));
        seen.fields.insert("order_number".to_owned(), "A-2".to_owned());
        seen.fields.insert("order_status".to_owned(), "shipped".to_owned());
        rig.hint(true).ghl("GET contact", seen);
        let run = rig.pass();
        assert_eq!((rig.order.status.as_str(), run.told), ("order_placed", vec![]));
    }
}
