use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;

use super::template::Placeholder;
use crate::order::Order;

/// What is the same in all messages of a shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shop {
    /// Its name, 1 to 100 characters.
    pub name: Option<String>,
    /// The address of an order's page, in which `{{orderId}}` and `{{orderNumber}}` stand for the order's.
    pub order_url: Option<String>,
}

/// What stands for the placeholders of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    texts: BTreeMap<Placeholder, String>,
    language: Language,
}

/// The languages that dates and the default texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// By a tag such as `de-AT`; English where it is another.
    pub(super) fn of(locale: &str) -> Self {
        let language = locale.split('-').next().unwrap_or_default();
        if language.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }
}

/// An order to show a message with.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The order.
    pub order: &'a Order,
    /// The label of its status.
    pub status: &'a str,
    /// Its overall progress in percent.
    pub progress: Option<u8>,
    /// The milestone, in a message of one.
    pub milestone: Option<u8>,
    /// Beginning and end of its installation in epoch milliseconds, and the zone that they are told in.
    pub installation: Option<(i64, i64, Tz)>,
}

impl Values {
    /// The values of an order, in the language of a locale such as `en` or `de-AT`.
    pub fn new(shop: &Shop, locale: &str, of: Sample<'_>) -> Self {
        let language = Language::of(locale);
        let Sample { order, .. } = of;
        let first = order.customer.first_name.as_str();
        let mut values = Self { texts: BTreeMap::new(), language };
        let number = |percent: Option<u8>| percent.map(|percent| percent.to_string()).unwrap_or_default();
        let url = shop.order_url.as_ref().map(|url| {
            url.replace("{{orderId}}", &encoded(order.id.as_str()))
                .replace("{{orderNumber}}", &encoded(&order.number))
        });
        for (placeholder, text) in [
            (Placeholder::Greeting, greeting(language, first)),
            (Placeholder::FirstName, first.to_owned()),
            (Placeholder::LastName, order.customer.last_name.clone()),
            (Placeholder::OrderNumber, order.number.clone()),
            (Placeholder::Product, order.product.name.clone()),
            (Placeholder::Status, of.status.to_owned()),
            (Placeholder::Progress, number(of.progress)),
            (Placeholder::Milestone, number(of.milestone)),
            (Placeholder::ShopName, shop.name.clone().unwrap_or_default()),
            (Placeholder::OrderUrl, url.unwrap_or_default()),
        ] {
            values.texts.insert(placeholder, text);
        }
        if let Some((from, to, zone)) = of.installation
            && let (Some(from), Some(to)) = (at(from, zone), at(to, zone))
        {
            values.texts.insert(Placeholder::InstallationDate, day(language, &from));
            values.texts.insert(Placeholder::InstallationStart, time(&from));
            values.texts.insert(Placeholder::InstallationEnd, time(&to));
        }
        values
    }

    pub(super) fn get(&self, placeholder: Placeholder) -> std::borrow::Cow<'_, str> {
        self.texts.get(&placeholder).map(String::as_str).unwrap_or_default().into()
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    #[cfg(test)]
    pub(super) fn of<const N: usize>(texts: [(Placeholder, &str); N]) -> Self {
        let texts = texts.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
        Self { texts, language: Language::English }
    }
}

/// As one segment of a path, or one value of a query.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn greeting(language: Language, first: &str) -> String {
    match (language, first) {
        (Language::English, "") => "Hello,".to_owned(),
        (Language::English, name) => format!("Hello {name},"),
        (Language::German, "") => "Guten Tag,".to_owned(),
        (Language::German, name) => format!("Guten Tag {name},"),
    }
}

fn at(ms: i64, zone: Tz) -> Option<DateTime<Tz>> {
    Some(DateTime::from_timestamp_millis(ms)?.with_timezone(&zone))
}

fn day(language: Language, at: &DateTime<Tz>) -> String {
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const GERMAN: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let (months, dot) = match language {
        Language::English => (ENGLISH, ""),
        Language::German => (GERMAN, "."),
    };
    let month = usize::try_from(at.month0()).ok().and_then(|month| months.get(month)).unwrap_or(&"");
    format!("{}{dot} {month} {}", at.day(), at.year())
}

fn time(at: &DateTime<Tz>) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OrderData, OrderRules};

    fn order() -> Order {
        let json = r#"{"id":"a&b","orderNumber":"10 42","customer":{"firstName":"Žofie","email":"z@example.com"},
            "product":{"name":"Barrel"},"total":{"amount":"1.00","currency":"EUR"},
            "shippingAddress":{"line1":"x","city":"Praha","postalCode":"1","country":"CZ"}}"#;
        OrderData::from_json(json, &OrderRules::default()).unwrap()
    }

    #[test]
    fn an_order_gives_the_values() {
        let order = order();
        let shop = Shop {
            name: Some("Ilio".to_owned()),
            order_url: Some("https://shop.example/o/{{orderId}}?n={{orderNumber}}".to_owned()),
        };
        let zone: Tz = "Europe/Prague".parse().unwrap();
        // 2027-03-28, the day clocks go forward at 01:00 UTC.
        let from = 1_806_192_000_000 + 1_800_000;
        let sample = Sample {
            order: &order,
            status: "Shipped",
            progress: Some(75),
            milestone: None,
            installation: Some((from, from + 3_600_000, zone)),
        };
        let values = Values::new(&shop, "de-AT", sample);
        for (placeholder, text) in [
            (Placeholder::Greeting, "Guten Tag Žofie,"),
            (Placeholder::LastName, ""),
            (Placeholder::Progress, "75"),
            (Placeholder::Milestone, ""),
            (Placeholder::OrderUrl, "https://shop.example/o/a%26b?n=10%2042"),
            (Placeholder::InstallationDate, "28. März 2027"),
            (Placeholder::InstallationStart, "01:30"),
            (Placeholder::InstallationEnd, "03:30"),
        ] {
            assert_eq!(values.get(placeholder), text, "{placeholder:?}");
        }
        let english = Values::new(&shop, "fi", sample);
        assert_eq!(english.get(Placeholder::InstallationDate), "28 March 2027");
    }
}
