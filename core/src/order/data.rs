use serde::{Deserialize, Serialize};

use super::{
    address::Address,
    country::Country,
    currency::Currency,
    email::normalize_email,
    locale::normalize_locale,
    money::Money,
    phone::normalize_phone,
    status::Status,
    text::{MAX_NAME_CHARS, MAX_NUMBER_CHARS, line, optional_line, optional_notes, required_line},
    total::Total,
};
use crate::{
    error::{Error, Result},
    ids::{LocationId, OrderId},
    json::{self, at},
};

/// Largest JSON of an order, in bytes.
pub const MAX_ORDER_BYTES: usize = 64 * 1024;

/// An order as the shop gives it, before it is checked. Unknown fields are ignored, so a shop may hand
/// over more than is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct OrderData {
    /// The id of the shop's `orders` row, as text.
    pub id: String,
    /// The number customers know, 1 to 100 characters, unique per location.
    pub order_number: String,
    /// The first status; default the first of the status model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who ordered.
    pub customer: Customer,
    /// What was ordered.
    pub product: Product,
    /// What it costs; also read as `totalAmount`.
    #[serde(alias = "totalAmount")]
    pub total: Total,
    /// Stripe's id of the payment, up to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stripe_payment_id: Option<String>,
    /// Where it goes.
    pub shipping_address: Address,
    /// Up to 5,000 characters, of several lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation_notes: Option<String>,
    /// The GHL location, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
}

/// The customer of an order: an e-mail or a phone number or both, and a name, which may be empty as guests
/// do not always give one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Up to 255 characters.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    #[serde(default)]
    pub first_name: String,
    /// Up to 255 characters.
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    #[serde(default)]
    pub last_name: String,
    /// In a checked order: an address in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// In a checked order: E.164, e.g. `+358401234567`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The language that messages are written to them in, e.g. `en` or `de-AT`; default the shop's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// The product of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// 1 to 255 characters.
    pub name: String,
}

/// What the shop's configuration says about orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderRules {
    /// The currency of a total that is a bare number; without one such a total is refused.
    pub currency: Option<Currency>,
}

/// A checked order: trimmed, within its limits, with a normalised identity and an exact total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The id of the shop's `orders` row.
    pub id: OrderId,
    /// The number customers know.
    #[serde(rename = "orderNumber")]
    pub number: String,
    /// The first status, if one was given; its form is checked, not whether the model knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Who ordered.
    pub customer: Customer,
    /// What was ordered.
    pub product: Product,
    /// What it costs.
    pub total: Money,
    /// Stripe's id of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stripe_payment_id: Option<String>,
    /// Where it goes.
    pub shipping_address: Address,
    /// For the installers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation_notes: Option<String>,
    /// The GHL location, if one was given.
    #[serde(rename = "locationId", skip_serializing_if = "Option::is_none")]
    pub location: Option<LocationId>,
}

impl OrderData {
    /// Reads and checks the JSON of an order, which has at most [`MAX_ORDER_BYTES`]. What
    /// [`Order::to_json`] wrote reads back as the same order.
    ///
    /// # Errors
    /// `invalid_argument` whose field is the path in the JSON, e.g. `customer.email` (`order` where there
    /// is none), as in [`OrderData::check`]; `too_large`.
    pub fn from_json(json: impl AsRef<[u8]>, rules: &OrderRules) -> Result<Order> {
        json::read::<Self>(json.as_ref(), "order", MAX_ORDER_BYTES)?.check(rules)
    }

    /// Checks and normalises the order. White space at the ends is dropped, and an optional text that is
    /// blank counts as absent.
    ///
    /// # Errors
    /// `invalid_argument` with the field: `customer` without e-mail and phone, `customer.phone`,
    /// `total.amount`, `shippingAddress.country`, …
    pub fn check(&self, rules: &OrderRules) -> Result<Order> {
        let (shipping_address, country) = self.shipping_address.checked("shippingAddress")?;
        Ok(Order {
            id: at("id", OrderId::parse(&self.id))?,
            number: required_line("orderNumber", &self.order_number, MAX_NUMBER_CHARS)?,
            status: self.status.as_deref().map(Status::parse).transpose()?,
            customer: self.customer.checked(country)?,
            product: Product { name: required_line("product.name", &self.product.name, MAX_NAME_CHARS)? },
            total: self.total.money(rules.currency)?,
            stripe_payment_id: optional_line(
                "stripePaymentId",
                self.stripe_payment_id.as_deref(),
                MAX_NAME_CHARS,
            )?,
            shipping_address,
            installation_notes: optional_notes("installationNotes", self.installation_notes.as_deref())?,
            location: self.location_id.as_deref().map(LocationId::parse).transpose()?,
        })
    }
}

impl Customer {
    fn checked(&self, country: Country) -> Result<Self> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let customer = Self {
            first_name: line("customer.firstName", &self.first_name, MAX_NAME_CHARS)?,
            last_name: line("customer.lastName", &self.last_name, MAX_NAME_CHARS)?,
            email: filled(&self.email)
                .map(|email| at("customer.email", normalize_email(&email)))
                .transpose()?,
            phone: filled(&self.phone)
                .map(|phone| at("customer.phone", normalize_phone(&phone, country)))
                .transpose()?,
            locale: filled(&self.locale)
                .map(|locale| at("customer.locale", normalize_locale(&locale)))
                .transpose()?,
        };
        if customer.email.is_none() && customer.phone.is_none() {
            return Err(Error::invalid(
                "customer",
                "expected an `email` or a `phone`: a contact needs one of them",
            ));
        }
        Ok(customer)
    }
}

impl Order {
    /// The name of its opportunity: `Order #<number>`.
    pub fn opportunity_name(&self) -> String {
        format!("Order #{}", self.number)
    }

    /// The order as JSON, which [`OrderData::from_json`] reads back whatever the rules.
    pub fn to_json(&self) -> String {
        // Only text, numbers and structs: there is nothing in it that could fail to serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
