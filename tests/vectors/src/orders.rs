use serde_json::{Value, json};

use crate::vector::Vectors;

/// Currencies by the digits of their minor unit (ISO 4217).
const CURRENCIES: [(usize, &str); 4] = [
    (0, "JPY KRW CLP VND ISK UGX XAF PYG"),
    (2, "EUR USD GBP SEK NOK DKK CHF PLN CZK HUF RON CAD AUD NZD CNY INR BRL MXN ZAR TRY THB AED ILS UAH"),
    (3, "KWD BHD JOD OMR TND"),
    (4, "CLF UYW"),
];
const NO_CURRENCIES: &[&str] = &["", "EU", "EURO", "€", "XXX", "XAU", "DEM", "HRK", "EUR ", "000"];
const COUNTRIES: &str = "AD AE AR AT AU AX BE BG BR CA CH CN CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IL IN IS IT JP KR LT \
    LU LV MT MX NL NO NZ PL PT RO RU SE SG SI SK TR TW UA US VN ZA ZW";
const NO_COUNTRIES: &[&str] = &["", "F", "FIN", "Finland", "UK", "EU", "XX", "ÅÅ", "F I"];

/// A line of text: its pointer in the order, the longest in characters, and what blank means.
const LINES: &[(&str, usize, Blank)] = &[
    ("/orderNumber", 100, Blank::Refused),
    ("/customer/firstName", 255, Blank::Empty),
    ("/customer/lastName", 255, Blank::Empty),
    ("/product/name", 255, Blank::Refused),
    ("/stripePaymentId", 255, Blank::Absent),
    ("/shippingAddress/line1", 255, Blank::Refused),
    ("/shippingAddress/line2", 255, Blank::Absent),
    ("/shippingAddress/city", 255, Blank::Refused),
    ("/shippingAddress/region", 255, Blank::Absent),
    ("/shippingAddress/postalCode", 255, Blank::Empty),
    ("/installationNotes", 5_000, Blank::Absent),
];

#[derive(Clone, Copy, PartialEq)]
enum Blank {
    Refused,
    Empty,
    Absent,
}

/// An order that is already as the engine keeps it.
fn order() -> Value {
    json!({
        "id": "o-1",
        "orderNumber": "IS-2031",
        "customer": { "firstName": "Aino", "lastName": "Virtanen", "email": "aino@example.com" },
        "product": { "name": "Barrel 220" },
        "total": { "minor": 499_900, "currency": "EUR" },
        "shippingAddress": { "line1": "Rantatie 5", "city": "Helsinki", "postalCode": "00100", "country": "FI" },
    })
}

/// The order with another value at a pointer, or without one.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut order = order();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let parent = order.pointer_mut(parent).and_then(Value::as_object_mut);
    match (parent, value) {
        (Some(parent), Some(value)) => drop(parent.insert(name.to_owned(), value)),
        (Some(parent), None) => drop(parent.remove(name)),
        (None, _) => {}
    }
    order
}

fn field(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// Expects that a value is kept as another, or not at all.
fn keeps(vectors: &mut Vectors, pointer: &str, given: Value, kept: Option<Value>) {
    vectors.gives("order.check", json!({ "order": with(pointer, Some(given)) }), with(pointer, kept));
}

fn refuses(vectors: &mut Vectors, pointer: &str, given: Option<Value>, field: &str) {
    vectors.refuses("order.check", json!({ "order": with(pointer, given) }), "invalid_argument", field);
}

pub(crate) fn generate(vectors: &mut Vectors) {
    vectors.gives("order.check", json!({ "order": order() }), order());
    lines(vectors);
    ids(vectors);
    emails(vectors);
    currencies(vectors);
    totals(vectors);
    countries(vectors);
    shapes(vectors);
}

fn lines(vectors: &mut Vectors) {
    for &(pointer, longest, blank) in LINES {
        let name = field(pointer);
        keeps(vectors, pointer, json!(" \t Žluť 桑拿 \u{a0}"), Some(json!("Žluť 桑拿")));
        // Characters count, not bytes.
        keeps(vectors, pointer, json!("ä".repeat(longest)), Some(json!("ä".repeat(longest))));
        refuses(vectors, pointer, Some(json!("ä".repeat(longest + 1))), &name);
        for wrong in [json!(5), json!(true), json!(["a"]), json!({ "text": "a" })] {
            refuses(vectors, pointer, Some(wrong), &name);
        }
        for control in ["a\u{0}b", "a\u{1b}b", "a\u{7f}b", "a\u{85}b"] {
            refuses(vectors, pointer, Some(json!(control)), &name);
        }
        for blank_text in ["", "  "] {
            match blank {
                Blank::Refused => refuses(vectors, pointer, Some(json!(blank_text)), &name),
                Blank::Empty => keeps(vectors, pointer, json!(blank_text), Some(json!(""))),
                Blank::Absent => keeps(vectors, pointer, json!(blank_text), None),
            }
        }
        let optional = blank == Blank::Absent;
        if optional {
            keeps(vectors, pointer, Value::Null, None);
        } else {
            refuses(vectors, pointer, Some(Value::Null), &name);
        }
        let only_notes = pointer == "/installationNotes";
        for several in ["a\nb", "a\r\n\tb"] {
            if only_notes {
                keeps(vectors, pointer, json!(several), Some(json!(several)));
            } else {
                refuses(vectors, pointer, Some(json!(several)), &name);
            }
        }
        match name.as_str() {
            "customer.firstName" | "customer.lastName" => {
                vectors.gives(
                    "order.check",
                    json!({ "order": with(pointer, None) }),
                    with(pointer, Some(json!(""))),
                );
            }
            _ if optional => {}
            _ => refuses(vectors, pointer, None, &name),
        }
    }
}

fn ids(vectors: &mut Vectors) {
    for pointer in ["/id", "/locationId"] {
        let name = field(pointer);
        for id in [
            "7",
            "0b6f3c1e-8f0e-4a57-9a0c-0f8f1e7a2b11",
            "ve9EPM428h8vShlRW1KT",
            "a.b:c~d",
            "käsi",
            &"x".repeat(100),
        ] {
            keeps(vectors, pointer, json!(id), Some(json!(id)));
        }
        for id in [
            "",
            " ",
            "a b",
            "a/b",
            "a?b",
            "a#b",
            "a%2fb",
            "a\nb",
            "\u{a0}a",
            &"x".repeat(101),
            &"ä".repeat(51),
        ] {
            refuses(vectors, pointer, Some(json!(id)), &name);
        }
        for wrong in [json!(7), json!(["7"]), json!({})] {
            refuses(vectors, pointer, Some(wrong), &name);
        }
    }
    refuses(vectors, "/id", None, "id");
    refuses(vectors, "/id", Some(Value::Null), "id");
    keeps(vectors, "/locationId", Value::Null, None);
    for status in ["order_placed", "processing", "x", "step2", &"x".repeat(50)] {
        keeps(vectors, "/status", json!(status), Some(json!(status)));
    }
    for status in ["", "Shipped", "in production", "2nd", "_a", "käsittely", "shipped ", &"x".repeat(51)] {
        refuses(vectors, "/status", Some(json!(status)), "status");
    }
    keeps(vectors, "/status", Value::Null, None);
    refuses(vectors, "/status", Some(json!(1)), "status");
}

fn emails(vectors: &mut Vectors) {
    let long_local = "a".repeat(64);
    for (given, kept) in [
        (" Aino.Virtanen@Example.COM ", "aino.virtanen@example.com"),
        ("o'brien+sauna@mail.example.co.uk", "o'brien+sauna@mail.example.co.uk"),
        ("ÅSA@EXEMPEL.SE", "åsa@exempel.se"),
        ("用户@例子.公司", "用户@例子.公司"),
        ("a@b.c", "a@b.c"),
        (&format!("{long_local}@example.com"), &format!("{long_local}@example.com")),
    ] {
        keeps(vectors, "/customer/email", json!(given), Some(json!(kept)));
    }
    for bad in [
        "@",
        "a@",
        "@b.fi",
        "a.b.fi",
        "a@b@c.fi",
        "a@localhost",
        "a@b..fi",
        "a@.fi",
        "a@b.",
        ".a@b.fi",
        "a.@b.fi",
        "a..b@c.fi",
        "a b@c.fi",
        "a@b.fi,c@d.fi",
        "a@b.fi;c@d.fi",
        "Aino <a@b.fi>",
        "a@b.fi\r\nBcc: c@d.fi",
        "a\u{0}@b.fi",
        "\"a b\"@c.fi",
        "mailto:a@b.fi",
        &format!("a{long_local}@example.com"),
        &format!("a@{}example.com", "b.".repeat(130)),
    ] {
        refuses(vectors, "/customer/email", Some(json!(bad)), "customer.email");
    }
    for wrong in [json!(5), json!(["a@b.fi"]), json!({ "email": "a@b.fi" }), json!(false)] {
        refuses(vectors, "/customer/email", Some(wrong), "customer.email");
    }
    // A contact needs an e-mail or a phone.
    for blank in [json!(""), json!("  "), Value::Null] {
        refuses(vectors, "/customer/email", Some(blank), "customer");
    }
    refuses(vectors, "/customer/email", None, "customer");
    refuses(
        vectors,
        "/customer",
        Some(json!({ "firstName": "Aino", "lastName": "V", "phone": " " })),
        "customer",
    );
}

fn currencies(vectors: &mut Vectors) {
    for (digits, codes) in CURRENCIES {
        let unit = 10_i64.pow(u32::try_from(digits).unwrap_or_default());
        for code in codes.split(' ') {
            let kept = |minor: i64| with("/total", Some(json!({ "minor": minor, "currency": code })));
            let total = |total: Value| json!({ "order": with("/total", Some(total)) });
            let fraction = if digits == 0 { String::new() } else { format!(".{}", "4".repeat(digits)) };
            let minor = 7 * unit + (unit - 1) / 9 * 4;
            let given = json!({ "amount": format!("7{fraction}"), "currency": code });
            vectors.gives("order.check", total(given), kept(minor));
            let given = json!({ "minor": minor, "currency": code.to_lowercase() });
            vectors.gives("order.check", total(given), kept(minor));
            let too_fine = format!("7.{}", "0".repeat(digits + 1));
            let given = json!({ "amount": too_fine, "currency": code });
            vectors.refuses("order.check", total(given), "invalid_argument", "total.amount");
        }
    }
    for code in NO_CURRENCIES {
        let total = json!({ "amount": "7", "currency": code });
        refuses(vectors, "/total", Some(total), "total.currency");
        let args = json!({ "order": order(), "currency": code });
        vectors.refuses("order.check", args, "invalid_argument", "currency");
    }
}

/// An order whose total is written as it stands: the digits of a number matter.
fn total_as(total: &str, currency: Option<&str>) -> String {
    let order = with("/total", Some(json!("?"))).to_string().replace("\"?\"", total);
    let currency = currency.map(|code| format!(r#","currency":"{code}""#)).unwrap_or_default();
    format!(r#"{{"order":{order}{currency}}}"#)
}

fn totals(vectors: &mut Vectors) {
    for (total, currency, minor) in [
        ("4999", "EUR", 499_900_i64),
        ("4999.5", "EUR", 499_950),
        ("4999.00", "EUR", 499_900),
        ("0", "EUR", 0),
        ("0.07", "eur", 7),
        ("1234", "JPY", 1_234),
        ("1.234", "KWD", 1_234),
        ("9999999999999.99", "EUR", 999_999_999_999_999),
        (r#"{"amount":"4999.00","currency":"EUR"}"#, "USD", 499_900),
        (r#"{"amount":"007","currency":"EUR"}"#, "EUR", 700),
        (r#"{ "currency" : "EUR" , "minor" : 0 }"#, "EUR", 0),
        (r#"{"minor":999999999999999,"currency":"EUR"}"#, "EUR", 999_999_999_999_999),
    ] {
        let kept = if total.starts_with('{') { "EUR".to_owned() } else { currency.to_uppercase() };
        let kept = with("/total", Some(json!({ "minor": minor, "currency": kept })));
        vectors.gives("order.check", total_as(total, Some(currency)), kept);
    }
    for (total, currency, field) in [
        // A bare number needs a currency.
        ("4999", None, "total"),
        ("4999.001", Some("EUR"), "total"),
        ("4999.000", Some("EUR"), "total"),
        ("0.30000000000000004", Some("EUR"), "total"),
        ("4999.0000000000000001", Some("EUR"), "total"),
        ("1.5", Some("JPY"), "total"),
        ("-1", Some("EUR"), "total"),
        ("-0", Some("EUR"), "total"),
        ("1e2", Some("EUR"), "total"),
        ("1E+2", Some("EUR"), "total"),
        ("10000000000000", Some("EUR"), "total"),
        ("99999999999999999999999999", Some("EUR"), "total"),
        ("null", Some("EUR"), "total"),
        ("true", Some("EUR"), "total"),
        ("[]", Some("EUR"), "total"),
        ("\"4999.00\"", Some("EUR"), "total"),
        ("{}", Some("EUR"), "total.currency"),
        (r#"{"currency":"EUR"}"#, None, "total"),
        (r#"{"amount":4999,"currency":"EUR"}"#, None, "total"),
        (r#"{"amount":"1","minor":100,"currency":"EUR"}"#, None, "total"),
        (r#"{"minor":1.5,"currency":"EUR"}"#, None, "total"),
        (r#"{"minor":"100","currency":"EUR"}"#, None, "total"),
        (r#"{"amount":"1","currency":"EUR","vat":0}"#, None, "total"),
        (r#"{"amount":"1"}"#, Some("EUR"), "total.currency"),
        (r#"{"minor":-1,"currency":"EUR"}"#, None, "total.minor"),
        (r#"{"minor":1000000000000000,"currency":"EUR"}"#, None, "total.minor"),
        (r#"{"amount":"-0.01","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"1.","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":".5","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"1,50","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"1 000","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"+1","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"1e3","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"€1","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"NaN","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"٤٩","currency":"EUR"}"#, None, "total.amount"),
        (r#"{"amount":"10000000000000.00","currency":"EUR"}"#, None, "total.amount"),
    ] {
        vectors.refuses("order.check", total_as(total, currency), "invalid_argument", field);
    }
}

fn countries(vectors: &mut Vectors) {
    for code in COUNTRIES.split(' ') {
        keeps(
            vectors,
            "/shippingAddress/country",
            json!(format!(" {} ", code.to_lowercase())),
            Some(json!(code)),
        );
    }
    for code in NO_COUNTRIES {
        refuses(vectors, "/shippingAddress/country", Some(json!(code)), "shippingAddress.country");
    }
    refuses(vectors, "/shippingAddress/country", None, "shippingAddress.country");
    refuses(vectors, "/shippingAddress/country", Some(json!(358)), "shippingAddress.country");
}

fn shapes(vectors: &mut Vectors) {
    for part in ["/customer", "/product", "/shippingAddress"] {
        refuses(vectors, part, None, &field(part));
        for wrong in
            [Value::Null, json!("Aino"), json!(5), json!([]), json!(["Aino", "Virtanen", "a@b.fi", "", "FI"])]
        {
            refuses(vectors, part, Some(wrong), &field(part));
        }
    }
    refuses(vectors, "/total", None, "total");
    for (whole, field) in [
        ("null", "order"),
        ("7", "order"),
        ("\"o-1\"", "order"),
        ("{}", "id"),
        (r#"{"id":"o-1"}"#, "orderNumber"),
        (r#"{"id":"o-1","id":"o-2"}"#, "id"),
    ] {
        vectors.refuses("order.check", format!(r#"{{"order":{whole}}}"#), "invalid_argument", field);
    }
    // A shop may hand over more than is read, and may call the total as its table does.
    keeps(vectors, "/createdAt", json!("2026-01-31"), None);
    keeps(vectors, "/customer/vip", json!(true), None);
    let renamed = order().to_string().replace("\"total\":", "\"totalAmount\":");
    vectors.gives("order.check", format!(r#"{{"order":{renamed}}}"#), order());
    let both = order().to_string().replacen('{', r#"{"totalAmount":1,"#, 1);
    vectors.refuses("order.check", format!(r#"{{"order":{both}}}"#), "invalid_argument", "total");
}
