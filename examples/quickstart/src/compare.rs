//! Whether the shop and GHL say the same: the store's rows against the stand-in's state.

use std::collections::BTreeSet;

use ghlkit::{
    order::{Order, StatusModel, overall_progress},
    ports::store::OrderRow,
};
use mock_ghl::Ghl;
use serde_json::Value;

/// What differs between an order and what GHL shows of it; each line begins with the order's number.
/// `foreign` are tags the contact had before and must still have.
pub(crate) fn differences(
    model: &StatusModel,
    order: &Order,
    row: &OrderRow,
    ghl: &Ghl,
    foreign: &[&str],
) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |what: &str, expected: &str, shown: &str| {
        if expected != shown {
            found.push(format!("#{}: {what}: the shop has {expected:?}, GHL shows {shown:?}", row.number));
        }
    };
    let Ok(status) = model.status(&row.status) else {
        return vec![format!("#{}: status {:?} is unknown", row.number, row.status)];
    };
    let opportunity = row.opportunity.as_ref().and_then(|id| ghl.opportunity(id.as_str()));
    let contact = row.contact.as_ref().and_then(|id| ghl.contact(id.as_str()));
    let (Some(opportunity), Some(contact)) = (opportunity, contact) else {
        return vec![format!("#{}: its contact or opportunity is not in GHL", row.number)];
    };

    let stage = ghl.stage(&opportunity.stage_id).map(|stage| stage.key()).unwrap_or_default();
    expect("stage", model.stage_key(&status).unwrap_or(&stage), &stage);
    expect("name", &order.opportunity_name(), &opportunity.name);
    expect("contact", &contact.id, &opportunity.contact_id);
    expect("value", &order.total.to_json_number(), &opportunity.monetary_value.to_string());

    let fields = ghl.contact_fields(&contact.id);
    let progress = overall_progress(model, &status, None, None).to_string();
    let expected = [
        ("order_number", row.number.as_str()),
        ("order_status", row.status.as_str()),
        ("progress_percentage", progress.as_str()),
        ("sauna_model", order.product.name.as_str()),
    ];
    for (key, value) in expected {
        expect(key, value, &text(fields.get(key)));
    }
    let paid = text(ghl.opportunity_fields(&opportunity.id).get("stripe_payment_id"));
    expect("stripe_payment_id", order.stripe_payment_id.as_deref().unwrap_or_default(), &paid);

    let tags: BTreeSet<&str> = contact.tags.iter().map(String::as_str).collect();
    let own = model.tag(&status);
    let wanted: BTreeSet<&str> = foreign.iter().copied().chain([own.as_str()]).collect();
    expect("tags", &join(&wanted), &join(&tags));
    found
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn join(tags: &BTreeSet<&str>) -> String {
    tags.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use ghlkit::sync::UpdateOptions;

    use super::*;
    use crate::{
        args::Args,
        orders,
        shop::{Shop, at_rest},
    };

    #[tokio::test]
    async fn what_was_tampered_with_is_found() {
        let shop = Shop::open(&Args::parse([]).unwrap()).await.unwrap();
        let model = shop.engine.config().model.clone();
        let order = orders::read(&shop.engine.config().order_rules()).unwrap().remove(0);
        shop.engine.create_order(&order, UpdateOptions::default()).await.unwrap();
        let row = shop.when(&order.id, "rest", at_rest).await.unwrap();
        // Nothing mends what is done from here on.
        shop.engine.stop();
        let now = shop.ghl.now();
        let found = shop.ghl.with(|ghl| {
            assert_eq!(differences(&model, &order, &row, ghl, &[]), [""; 0]);
            let contact = row.contact.as_ref().unwrap().as_str();
            ghl.set_contact_field(now, contact, "sauna_model", "another".into()).unwrap();
            ghl.remove_contact_tag(now, contact, "status_order_placed").unwrap();
            ghl.move_stage(now, row.opportunity.as_ref().unwrap().as_str(), "Shipped").unwrap();
            differences(&model, &order, &row, ghl, &[])
        });
        let about: Vec<_> = found.iter().filter_map(|line| line.split(": ").nth(1)).collect();
        assert_eq!(about, ["stage", "sauna_model", "tags"], "{found:?}");
        assert!(found.iter().all(|line| line.starts_with("#1041: ")), "{found:?}");
    }
}
