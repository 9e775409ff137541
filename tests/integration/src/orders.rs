use ghlkit::{
    Error,
    order::{Currency, Order, OrderData, OrderRules},
};
use serde_json::{Value, json};

/// The JSON of an order, as a shop has it: cents, accents, a phone number to normalise.
pub fn sample(id: &str) -> Value {
    json!({
        "id": id,
        "orderNumber": format!("IS-{id}"),
        "customer": {
            "firstName": "Päivi",
            "lastName": "Ängström",
            "email": format!("Paivi.{id}@Example.com"),
            "phone": phone(id),
        },
        "product": { "name": "Barrel 220" },
        "total": { "amount": "4999.99", "currency": "EUR" },
        "stripePaymentId": "pi_3Px",
        "shippingAddress": {
            "line1": "Rantatie 5", "line2": "B 12", "city": "Helsinki", "postalCode": "00100", "country": "fi",
        },
    })
}

/// A Finnish mobile number of the order's own, as people write it.
fn phone(id: &str) -> String {
    let number = id.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 10_000_000);
    format!("040 {:03} {:04}", number / 10_000, number % 10_000)
}

/// A checked order.
pub fn order(id: &str) -> Order {
    parse(&sample(id)).unwrap()
}

/// Reads the JSON of an order as a shop whose currency is the euro.
///
/// # Errors
/// As [`OrderData::from_json`].
pub fn parse(json: &Value) -> ghlkit::Result<Order> {
    OrderData::from_json(json.to_string(), &OrderRules { currency: Some(Currency::parse("EUR")?) })
}

/// The error of an order that must be refused.
pub fn parse_err(json: &Value) -> Error {
    parse(json).expect_err("the order should have been refused")
}
