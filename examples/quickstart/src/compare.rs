//! Whether the shop and GHL say the same: both as values by name, compared one by one.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use ghlkit::{
    Result,
    order::{Order, StatusModel, format_address, overall_progress},
    ports::store::OrderRow,
};
use serde::Serialize;

/// Values by name, e.g. `contact.email`; what is blank is empty or absent.
pub(crate) type Values = BTreeMap<String, String>;

/// The key of the stage, as the status model knows it.
pub(crate) const STAGE: &str = "opportunity.stage";
/// The tags `status_…`.
pub(crate) const STATUS_TAGS: &str = "contact.statusTags";
/// All other tags.
pub(crate) const OTHER_TAGS: &str = "contact.otherTags";

/// What the order costs: a text or a number, as the location has it.
const TOTAL: &str = "contact.order_total";

/// Something that the two sides do not agree on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The order's number; absent where it is about all of GHL.
    pub(crate) order: Option<String>,
    /// The value's name.
    pub(crate) what: String,
    /// What the shop has.
    pub(crate) shop: String,
    /// What GHL shows.
    pub(crate) ghl: String,
}

/// What GHL should show of an order, by the shop's row alone, where it is its customer's only one.
pub(crate) fn expected(model: &StatusModel, order: &Order, row: &OrderRow) -> Result<Values> {
    let status = model.status(&row.status)?;
    let (customer, address) = (&order.customer, &order.shipping_address);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let street: Vec<&str> =
        [Some(&address.line1), address.line2.as_ref()].into_iter().flatten().map(String::as_str).collect();
    let changed_at = DateTime::from_timestamp_millis(row.changed_at).unwrap_or_default();
    // A missing id must differ from whatever is shown.
    let id = |id: Option<String>| id.unwrap_or_else(|| "an id".to_owned());
    let contact = id(row.contact.as_ref().map(ToString::to_string));
    let mut values = Values::new();
    let mut put = |name: &str, value: String| values.insert(name.to_owned(), value);

    put("contact.id", contact.clone());
    put("contact.firstName", customer.first_name.clone());
    put("contact.lastName", customer.last_name.clone());
    put("contact.email", text(&customer.email));
    put("contact.phone", text(&customer.phone));
    put("contact.address1", street.join(", "));
    put("contact.city", address.city.clone());
    put("contact.state", text(&address.region));
    put("contact.postalCode", address.postal_code.clone());
    put("contact.country", address.country.clone());
    put("contact.order_number", row.number.clone());
    put(TOTAL, order.total.to_decimal());
    put("contact.sauna_model", order.product.name.clone());
    put("contact.order_status", row.status.clone());
    put("contact.last_updated", changed_at.to_rfc3339_opts(SecondsFormat::Millis, true));
    put("contact.progress_percentage", overall_progress(model, &status, None, None).to_string());
    put(STATUS_TAGS, model.tag(&status));

    put("opportunity.id", id(row.opportunity.as_ref().map(ToString::to_string)));
    put("opportunity.contactId", contact);
    put("opportunity.name", order.opportunity_name());
    put("opportunity.status", "open".to_owned());
    put("opportunity.monetaryValue", order.total.to_json_number());
    put("opportunity.stripe_payment_id", text(&order.stripe_payment_id));
    put("opportunity.delivery_address", format_address(address));
    if let Some(stage) = model.stage_key(&status) {
        put(STAGE, stage.to_owned());
    }
    Ok(values)
}

/// Every expected value that is shown otherwise or not at all.
pub(crate) fn differences(order: &str, expected: &Values, shown: &Values) -> Vec<Difference> {
    let differs = |(what, shop): (&String, &String)| {
        let ghl = shown.get(what).cloned().unwrap_or_default();
        let same = ghl == *shop || what == TOTAL && plain(&ghl) == plain(shop);
        (!same).then(|| Difference {
            order: Some(order.to_owned()),
            what: what.clone(),
            shop: shop.clone(),
            ghl,
        })
    };
    expected.iter().filter_map(differs).collect()
}

/// A decimal without zeros at its end.
fn plain(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_total_may_lose_its_zeros() {
        let found = |what: &str, shop: &str, ghl: &str| {
            let values = |value: &str| Values::from([(what.to_owned(), value.to_owned())]);
            differences("1", &values(shop), &values(ghl)).len()
        };
        assert_eq!([found(TOTAL, "12890.00", "12890"), found(TOTAL, "0.50", "0.5")], [0, 0]);
        assert_eq!([found(TOTAL, "12890", "1289"), found(TOTAL, "4999.50", "4999.05")], [1, 1]);
        assert_eq!(found("contact.order_number", "10.0", "10"), 1);
    }

    #[test]
    fn what_is_not_shown_differs_unless_it_is_blank() {
        let expected = Values::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
        let found = differences("7", &expected, &Values::new());
        assert_eq!(
            found.iter().map(|d| (d.what.as_str(), d.order.as_deref())).collect::<Vec<_>>(),
            [("a", Some("7"))]
        );
    }
}
