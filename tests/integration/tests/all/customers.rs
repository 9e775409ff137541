//! One customer with several orders, and contacts that become one.

use integration::{Keep, Placed, Setup, Shop, order, parse, sample};
use serde_json::json;

use super::inbound::{assert_in_step, statuses};

/// An order of the customer of order 7.
async fn second_order(shop: &Shop, id: &str) -> Placed {
    let mut order = sample(id);
    order["customer"] = sample("7")["customer"].clone();
    shop.place(&parse(&order).unwrap()).await
}

#[tokio::test]
async fn two_orders_of_one_customer_keep_both_tags_and_the_fields_of_the_latest() {
    for keep in Keep::both() {
        let shop = Shop::with(Setup { keep, ..Setup::default() }).await;
        let first = shop.place(&order("7")).await;
        shop.update("7", "shipped").await;
        let second = second_order(&shop, "8").await;
        assert_eq!(second.contact, first.contact);
        assert_ne!(second.opportunity, first.opportunity);
        shop.settle().await;
        let number = || shop.contact_field(&first.contact, "order_number");
        assert_eq!(shop.tags(&first.contact), ["status_order_placed", "status_shipped"]);
        assert_eq!(number(), json!("IS-8"));

        // A human moves the older one: it is the one changed last, so the fields are its own again.
        shop.human(|ghl, now| ghl.move_stage(now, &first.opportunity, "stage_delivered"));
        shop.settle().await;
        assert_eq!(shop.row("7").await.status, "delivered");
        assert_eq!(shop.row("8").await.status, "order_placed");
        assert_eq!(shop.tags(&first.contact), ["status_delivered", "status_order_placed"]);
        assert_eq!(number(), json!("IS-7"));
        assert_eq!(shop.stage(&second.opportunity), "stage_new_order");

        // Both in one status share the tag, and it stays while one of them has it.
        shop.update("8", "delivered").await;
        assert_eq!(shop.tags(&first.contact), ["status_delivered"]);
        shop.update("8", "completed").await;
        assert_eq!(shop.tags(&first.contact), ["status_completed", "status_delivered"]);

        // What is cancelled owns nothing any more.
        shop.update("8", "cancelled").await;
        assert_eq!(shop.tags(&first.contact), ["status_delivered"]);
        assert_eq!(number(), json!("IS-7"));
        assert_eq!(shop.contact_field(&first.contact, "order_status"), json!("delivered"));
        shop.settle().await;
        assert_eq!(statuses(&shop, "7").await, ["order_placed", "shipped", "delivered"], "{keep:?}");
        assert_eq!(statuses(&shop, "8").await, ["order_placed", "delivered", "completed", "cancelled"]);
    }
}

#[tokio::test]
async fn a_field_counts_only_for_the_order_that_the_contact_names() {
    let shop = Shop::open().await;
    let first = shop.place(&order("7")).await;
    second_order(&shop, "8").await;
    shop.settle().await;
    shop.human(|ghl, now| ghl.set_contact_field(now, &first.contact, "order_status", json!("shipped")));
    shop.settle().await;
    assert_eq!(shop.row("8").await.status, "shipped");
    assert_eq!(shop.row("7").await.status, "order_placed");
}

#[tokio::test]
async fn an_event_of_nobodys_contact_waits_until_an_order_has_it() {
    let shop = Shop::with(Setup::deaf()).await;
    let contact = shop.seed(&[("email", "paivi.7@example.com")], &[]);
    shop.post(&json!({ "contactId": contact, "pipelineStage": "stage_shipped" })).await.unwrap();
    shop.settle().await;
    let listed = shop.engine.unresolved(None, 0, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].reason.is_some());
    assert_eq!(shop.db.value("SELECT processed FROM webhook_events").await, "0");

    let placed = shop.place(&order("7")).await;
    assert_eq!(placed.contact, contact);
    shop.settle().await;
    assert_eq!(shop.engine.unresolved(None, 0, 10).await.unwrap(), []);
    assert_eq!(shop.db.value("SELECT processed FROM webhook_events").await, "1");
    assert_in_step(&shop, &placed, "order_placed", "stage_new_order", 10).await;
}

#[tokio::test]
async fn a_contact_merged_into_another_is_followed() {
    let shop = Shop::open().await;
    let placed = shop.place(&order("7")).await;
    let other = shop.seed(&[("email", "paivi@work.example"), ("firstName", "Päivi")], &["vip"]);
    shop.settle().await;
    shop.human(|ghl, now| ghl.merge_contacts(now, &placed.contact, &other));
    shop.settle().await;
    shop.update("7", "shipped").await;
    let row = shop.row("7").await;
    assert!(!row.detached);
    assert_eq!(row.contact.as_ref().map(AsRef::as_ref), Some(other.as_str()));
    assert_in_step(&shop, &Placed { contact: other.clone(), ..placed }, "shipped", "stage_shipped", 75).await;
    assert_eq!(shop.tags(&other), ["status_shipped", "vip"]);
    assert_eq!(shop.counts(), (1, 1));
    assert_eq!(shop.db.value("SELECT ghl_contact_id FROM orders").await, other);
}

#[tokio::test]
async fn a_merge_told_by_both_its_events_at_once_is_followed() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    let other = shop.seed(&[("email", "paivi@work.example")], &["vip"]);
    shop.human(|ghl, now| ghl.merge_contacts(now, &placed.contact, &other));
    // Both wait when the order is looked at: the opportunity has moved, and its old contact is gone.
    for event in [
        json!({ "type": "OpportunityUpdate", "id": placed.opportunity, "contactId": other }),
        json!({ "type": "ContactDelete", "id": placed.contact }),
    ] {
        shop.post(&event).await.unwrap();
    }
    shop.settle().await;
    let row = shop.row("7").await;
    assert!(!row.detached, "the opportunity lives on");
    assert_eq!(row.contact.as_ref().map(AsRef::as_ref), Some(other.as_str()));
    assert_eq!(shop.tags(&other), ["status_order_placed", "vip"]);
    shop.update("7", "shipped").await;
    assert_in_step(&shop, &Placed { contact: other, ..placed }, "shipped", "stage_shipped", 75).await;
}
