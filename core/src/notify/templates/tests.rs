use super::*;
use crate::{
    notify::{Sample, Shop},
    order::{Order, OrderData, OrderRules},
};

fn order(first_name: &str) -> Order {
    let json = format!(
        r#"{{"id":"5d2c","orderNumber":"1042","customer":{{"firstName":"{first_name}","email":"z@example.com"}},
        "product":{{"name":"Barrel & <Deck>"}},"total":{{"amount":"1.00","currency":"EUR"}},
        "shippingAddress":{{"line1":"x","city":"Praha","postalCode":"1","country":"CZ"}}}}"#
    );
    OrderData::from_json(json, &OrderRules::default()).unwrap()
}

fn shop() -> Shop {
    let url = "https://shop.example/orders/{{orderId}}".to_owned();
    Shop { name: Some("Ilio & Co".to_owned()), order_url: Some(url) }
}

fn values(shop: &Shop, locale: &str, name: &MessageName) -> Values {
    let order = order("Žofie");
    let model = StatusModel::default();
    let milestone = if let MessageName::Milestone(percent) = name { Some(*percent) } else { None };
    let status = if let MessageName::Status(status) = name { status.clone() } else { model.first().clone() };
    let installation = matches!(name, MessageName::Installation(_)).then_some((
        1_806_220_800_000,
        1_806_242_400_000,
        "Europe/Prague".parse().unwrap(),
    ));
    let sample = Sample {
        order: &order,
        status: model.label(&status),
        progress: model.progress(&status),
        milestone,
        installation,
    };
    Values::new(shop, locale, sample)
}

fn own(language: &str, name: &str, spec: WordingSpec) -> Result<Templates> {
    let messages = BTreeMap::from([(name.to_owned(), spec)]);
    Templates::new(None, BTreeMap::from([(language.to_owned(), messages)]), &StatusModel::default())
}

#[test]
fn the_shops_words_go_before_the_defaults_part_by_part() {
    let templates = own(
        "de",
        "status.shipped",
        WordingSpec { subject: Some("Los!\r\n{{orderNumber}}".to_owned()), ..WordingSpec::default() },
    )
    .unwrap();
    let name = MessageName::parse("status.shipped", &StatusModel::default()).unwrap();
    let german = templates.write(&name, "de-at", &values(&shop(), "de-at", &name));
    assert_eq!(german.subject, "Los! 1042");
    assert!(german.text.contains("auf dem Weg") && german.html.contains("<title>Los! 1042</title>"));
    let english = templates.write(&name, "en", &values(&shop(), "en", &name));
    assert_eq!(english.subject, "Your order #1042 is on its way");
}

#[test]
fn values_are_escaped_in_html_and_the_words_of_a_body_too() {
    let spec = WordingSpec {
        body: Some("1 < 2\n\n{{product}}\nsecond line".to_owned()),
        html: None,
        ..WordingSpec::default()
    };
    let name = MessageName::parse("status.shipped", &StatusModel::default()).unwrap();
    let letter = own("en", "status.shipped", spec).unwrap().write(&name, "en", &values(&shop(), "en", &name));
    assert!(letter.html.contains(">1 &lt; 2</p>"), "{}", letter.html);
    assert!(letter.html.contains(">Barrel &amp; &lt;Deck&gt;<br>second line</p>"), "{}", letter.html);
    assert!(letter.text.contains("1 < 2\n\nBarrel & <Deck>\nsecond line"));
    let html = WordingSpec { html: Some("<i>{{product}}</i>".to_owned()), ..WordingSpec::default() };
    let letter = own("en", "status.shipped", html).unwrap().write(&name, "en", &values(&shop(), "en", &name));
    assert_eq!(letter.html, "<i>Barrel &amp; &lt;Deck&gt;</i>");
}

#[test]
fn without_a_name_an_address_and_a_shop_nothing_is_left_open() {
    let name = MessageName::parse("status.shipped", &StatusModel::default()).unwrap();
    let nobody = order("");
    let sample = Sample { order: &nobody, status: "", progress: None, milestone: None, installation: None };
    let letter = Templates::default().write(&name, "en", &Values::new(&Shop::default(), "en", sample));
    assert!(letter.text.starts_with("Hello,\n\nYour Barrel"), "{}", letter.text);
    assert_eq!(letter.sms, "Your order #1042 is on its way to you.");
    assert!(!letter.html.contains("href") && !letter.html.contains("%  %"), "{}", letter.html);
}

#[test]
fn a_message_can_be_switched_off() {
    let off = own("en", "milestone.25", WordingSpec { off: true, ..WordingSpec::default() }).unwrap();
    let of = |text: &str| MessageName::parse(text, &StatusModel::default()).unwrap();
    assert!(!off.is_on(&of("milestone.25"), "en") && !off.is_on(&of("milestone.25"), "fi"));
    assert!(off.is_on(&of("milestone.50"), "en"));
}

#[test]
fn what_is_wrong_in_a_template_is_named() {
    let text = |text: &str| WordingSpec { html: Some(text.to_owned()), ..WordingSpec::default() };
    for (language, name, spec, field) in [
        ("en", "status.shipped", text("{{first}}"), "templates.en.status.shipped.html"),
        ("en", "status.nowhere", text(""), "templates.en.status.nowhere"),
        ("e n", "status.shipped", text(""), "templates"),
    ] {
        let error = own(language, name, spec).unwrap_err();
        assert_eq!((error.code(), error.field()), (crate::Code::Config, Some(field)), "{error}");
        assert!(!error.message().contains(": message:"), "{error}");
    }
    let error = Templates::new(Some(""), BTreeMap::new(), &StatusModel::default()).unwrap_err();
    assert_eq!(error.field(), Some("locale"));
}
