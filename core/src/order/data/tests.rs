use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Code;

fn sample() -> Value {
    json!({
        "id": "0b6f3c1e-8f0e-4a57-9a0c-0f8f1e7a2b11",
        "orderNumber": "IS-2031",
        "status": "processing",
        "customer": { "firstName": "Aino", "lastName": "Virtanen", "email": "Aino@Example.com", "phone": "040 123 4567" },
        "product": { "name": "Barrel 220" },
        "total": { "amount": "4999.00", "currency": "EUR" },
        "stripePaymentId": "pi_3Px",
        "shippingAddress": { "line1": "Rantatie 5", "city": "Helsinki", "postalCode": "00100", "country": "fi" },
        "installationNotes": "Ring twice.\nDog.",
        "locationId": "ve9EPM428h8vShlRW1KT"
    })
}

fn read(value: &Value) -> Result<Order> {
    OrderData::from_json(value.to_string(), &OrderRules::default())
}

/// The sample with the value at a pointer such as `/customer/email` replaced, or removed.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut order = sample();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    order
}

#[test]
fn an_order_is_normalised() {
    let order = read(&sample()).unwrap();
    assert_eq!(order.opportunity_name(), "Order #IS-2031");
    assert_eq!(order.status, Some(Status::parse("processing").unwrap()));
    assert_eq!(order.customer.email.as_deref(), Some("aino@example.com"));
    assert_eq!(order.customer.phone.as_deref(), Some("+358401234567"));
    assert_eq!(order.total, Money::from_minor(499_900, Currency::parse("EUR").unwrap()).unwrap());
    assert_eq!(order.shipping_address.country, "FI");
    assert_eq!(order.installation_notes.as_deref(), Some("Ring twice.\nDog."));
    assert_eq!(order.location, Some(LocationId::new("ve9EPM428h8vShlRW1KT")));
}

#[test]
fn a_checked_order_reads_back_as_itself_whatever_the_rules() {
    let rules = OrderRules { currency: Some(Currency::parse("USD").unwrap()) };
    let minimal = json!({
        "id": "7", "orderNumber": "7", "customer": { "lastName": "Li", "phone": "+8613812345678" },
        "product": { "name": "桑拿房" }, "total": 12.5,
        "shippingAddress": { "line1": "1 Nathan Rd", "city": "Hong Kong", "postalCode": "", "country": "HK" }
    });
    for order in [read(&sample()).unwrap(), OrderData::from_json(minimal.to_string(), &rules).unwrap()] {
        assert_eq!(OrderData::from_json(order.to_json(), &OrderRules::default()).unwrap(), order);
    }
}

#[test]
fn the_users_spelling_of_the_total_and_further_fields_are_accepted() {
    let mut order = with("/total", None);
    order["totalAmount"] = json!({ "minor": 499900, "currency": "EUR" });
    order["createdAt"] = json!("2026-01-01");
    order["customer"]["vip"] = json!(true);
    assert_eq!(read(&order).unwrap(), read(&sample()).unwrap());
}

#[test]
fn blank_optional_fields_are_absent() {
    for blank in [json!(null), json!(""), json!("  ")] {
        let order = read(&with("/customer/phone", Some(blank.clone()))).unwrap();
        assert_eq!(order.customer.phone, None, "{blank}");
        assert_eq!(read(&with("/stripePaymentId", Some(blank))).unwrap().stripe_payment_id, None);
    }
}

#[test]
fn a_guest_needs_no_name() {
    let order = read(&with("/customer", Some(json!({ "email": "a@b.fi" })))).unwrap();
    assert_eq!((order.customer.first_name.as_str(), order.customer.last_name.as_str()), ("", ""));
}

#[test]
fn every_fault_names_its_field() {
    let table = [
        ("/id", json!(""), "id"),
        ("/id", json!("a/b"), "id"),
        ("/id", json!(7), "id"),
        ("/orderNumber", json!("  "), "orderNumber"),
        ("/orderNumber", json!("1\n2"), "orderNumber"),
        ("/orderNumber", json!("9".repeat(101)), "orderNumber"),
        ("/status", json!("In Production"), "status"),
        ("/customer", json!("Aino"), "customer"),
        ("/customer", json!({ "firstName": "Aino" }), "customer"),
        ("/customer/firstName", json!("x".repeat(300)), "customer.firstName"),
        ("/customer/lastName", json!("\u{0}"), "customer.lastName"),
        ("/customer/email", json!("aino"), "customer.email"),
        ("/customer/email", json!(["a@b.fi"]), "customer.email"),
        ("/customer/phone", json!("12"), "customer.phone"),
        ("/product/name", json!(""), "product.name"),
        ("/product/name", json!("x".repeat(300)), "product.name"),
        ("/total", json!(4999), "total"),
        ("/total", json!("4999.00"), "total"),
        ("/total", json!({ "amount": "-0.01", "currency": "EUR" }), "total.amount"),
        ("/total", json!({ "amount": "1", "currency": "FIM" }), "total.currency"),
        ("/total", json!({ "amount": "1" }), "total.currency"),
        ("/stripePaymentId", json!("x".repeat(256)), "stripePaymentId"),
        ("/shippingAddress/country", json!("Finland"), "shippingAddress.country"),
        ("/shippingAddress/line1", json!(5), "shippingAddress.line1"),
        ("/installationNotes", json!("x".repeat(5_001)), "installationNotes"),
        ("/locationId", json!("a b"), "locationId"),
    ];
    for (pointer, value, field) in table {
        let error = read(&with(pointer, Some(value.clone()))).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{value}: {error}");
        assert!(error.message().starts_with(&format!("{field}: ")), "{error}");
        assert_eq!(error.message().matches(&format!("{field}: ")).count(), 1, "{error}");
    }
}

#[test]
fn a_missing_field_is_named_by_its_path() {
    for (pointer, field) in [
        ("/id", "id"),
        ("/orderNumber", "orderNumber"),
        ("/customer", "customer"),
        ("/product", "product"),
        ("/product/name", "product.name"),
        ("/total", "total"),
        ("/shippingAddress", "shippingAddress"),
        ("/shippingAddress/city", "shippingAddress.city"),
        ("/shippingAddress/postalCode", "shippingAddress.postalCode"),
    ] {
        let error = read(&with(pointer, None)).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some(field)), "{error}");
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    for json in [&b""[..], b"{", b"[]", b"null", b"\"\xff\"", b"{\"id\":\"\xff\"}"] {
        let error = OrderData::from_json(json, &OrderRules::default()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{json:?}");
        assert!(error.field().is_some(), "{json:?}");
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(OrderData::from_json(deep, &OrderRules::default()).unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn an_order_given_twice_in_one_body_is_refused() {
    let twice = sample().to_string().replacen('{', "{\"total\":{\"minor\":1,\"currency\":\"EUR\"},", 1);
    assert!(OrderData::from_json(twice, &OrderRules::default()).is_err());
    let both = sample().to_string().replacen('{', "{\"totalAmount\":1,", 1);
    assert!(OrderData::from_json(both, &OrderRules::default()).is_err());
}

#[test]
fn the_size_is_bounded() {
    let padded = |bytes: usize| {
        let order = sample().to_string();
        let padding = " ".repeat(bytes - order.len());
        OrderData::from_json(order + &padding, &OrderRules::default())
    };
    assert!(padded(MAX_ORDER_BYTES).is_ok());
    assert_eq!(padded(MAX_ORDER_BYTES + 1).unwrap_err().code(), Code::TooLarge);
}

proptest! {
    #[test]
    fn whatever_is_accepted_reads_back_as_itself(
        number in "\\PC{1,100}", first in "\\PC{0,30}", notes in "(\\PC|\n){0,60}",
        email in "[A-Za-z.]{1,8}@[A-Za-z.]{3,8}", amount in "[0-9]{1,9}(\\.[0-9]{1,2})?",
    ) {
        let mut value = sample();
        value["orderNumber"] = json!(number);
        value["customer"]["firstName"] = json!(first);
        value["customer"]["email"] = json!(email);
        value["installationNotes"] = json!(notes);
        value["total"] = json!({ "amount": amount, "currency": "EUR" });
        if let Ok(order) = read(&value) {
            prop_assert_eq!(OrderData::from_json(order.to_json(), &OrderRules::default()).unwrap(), order);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = OrderData::from_json(bytes, &OrderRules::default());
    }
}
