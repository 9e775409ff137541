//! The words that customers read, as a whole: what changes in them is read by a person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use ghlkit::{
    notify::{Letter, MessageName, Sample, Shop, Templates, Values},
    order::{OrderData, OrderRules, StatusModel},
};

const WORDS: &str = include_str!("messages.txt");

/// Run with `GHLKIT_SNAPSHOT=write` to write the words down anew, then read what has changed.
#[test]
fn the_defaults_read_well() {
    let (templates, model) = (Templates::default(), StatusModel::default());
    let mut all = String::new();
    for locale in ["en", "de"] {
        for name in MessageName::all(&model) {
            let letter = templates.write(&name, locale, &values(&model, locale, &name));
            let Letter { subject, text, sms, html } = &letter;
            writeln!(all, "=== {locale} {name}\nSubject: {subject}\nSMS: {sms}\n\n{text}").unwrap();
            assert!(!subject.is_empty() && !sms.contains('\n'), "{letter:?}");
            assert!(!all.contains("{{") && !html.contains("{{"), "{name}: every placeholder is known");
        }
        let shipped = MessageName::parse("status.shipped", &model).unwrap();
        let letter = templates.write(&shipped, locale, &values(&model, locale, &shipped));
        writeln!(all, "=== {locale} HTML\n{}", letter.html).unwrap();
    }
    if std::env::var("GHLKIT_SNAPSHOT").as_deref() == Ok("write") {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/messages.txt"), &all).unwrap();
        return;
    }
    assert_eq!(all, WORDS);
}

fn values(model: &StatusModel, locale: &str, name: &MessageName) -> Values {
    let json = r#"{"id":"5d2c","orderNumber":"1042","customer":{"firstName":"Žofie","email":"z@example.com"},
        "product":{"name":"Barrel & <Deck>"},"total":{"amount":"1.00","currency":"EUR"},
        "shippingAddress":{"line1":"x","city":"Praha","postalCode":"1","country":"CZ"}}"#;
    let order = OrderData::from_json(json, &OrderRules::default()).unwrap();
    let url = "https://shop.example/orders/{{orderId}}".to_owned();
    let shop = Shop { name: Some("Ilio & Co".to_owned()), order_url: Some(url) };
    let milestone = if let MessageName::Milestone(percent) = name { Some(*percent) } else { None };
    let status = if let MessageName::Status(status) = name { status } else { model.first() };
    let noon = 1_806_242_400_000;
    let prague = "Europe/Prague".parse().unwrap();
    let sample = Sample {
        order: &order,
        status: model.label(status),
        progress: model.progress(status),
        milestone,
        installation: matches!(name, MessageName::Installation(_)).then_some((
            noon - 21_600_000,
            noon,
            prague,
        )),
    };
    Values::new(&shop, locale, sample)
}
