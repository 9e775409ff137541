//! The texts of an appointment.

use crate::{
    error::{Error, Result},
    order::Order,
};

/// The longest title, in characters.
const MAX_TITLE_CHARS: usize = 200;

/// What an appointment is called unless another template is configured.
const USUAL: &str = "Sauna Installation - Order #{orderNumber}";

/// The title of appointments: text in which `{orderNumber}`, `{orderId}`, `{product}` and `{customer}` stand for the order's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Default for Template {
    fn default() -> Self {
        Self(USUAL.to_owned())
    }
}

impl Template {
    /// Checks a template.
    ///
    /// # Errors
    /// `invalid_argument`, field `title`: it is empty, longer than 200 characters, has a control character, or another word in
    /// braces.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let count = text.chars().count();
        if !(1..=MAX_TITLE_CHARS).contains(&count) || text.chars().any(char::is_control) {
            return Err(Error::invalid(
                "title",
                format_args!("expected 1 to {MAX_TITLE_CHARS} characters of one line"),
            ));
        }
        let known = ["{orderNumber}", "{orderId}", "{product}", "{customer}"];
        let rest = known.iter().fold(text.to_owned(), |rest, word| rest.replace(word, ""));
        if rest.contains(['{', '}']) {
            return Err(Error::invalid(
                "title",
                format_args!("expected no other words in braces than {}", known.join(", ")),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The title for an order.
    pub fn of(&self, order: &Order) -> String {
        let customer = format!("{} {}", order.customer.first_name, order.customer.last_name);
        let words = [
            ("{orderNumber}", order.number.as_str()),
            ("{orderId}", order.id.as_str()),
            ("{product}", order.product.name.as_str()),
            ("{customer}", customer.trim()),
        ];
        let mut title = String::new();
        let mut rest = self.0.as_str();
        // From left to right, so that nothing is replaced in what was put in.
        while let Some(at) = rest.find('{') {
            let (before, word) = rest.split_at(at);
            title.push_str(before);
            rest = match words.iter().find_map(|(name, value)| Some((value, word.strip_prefix(name)?))) {
                Some((value, rest)) => {
                    title.push_str(value);
                    rest
                }
                None => word.get(1..).unwrap_or_default(),
            };
        }
        title + rest
    }
}

/// What installers read in the appointment: one `key: value` a line.
pub fn description(order: &Order, instructions: Option<&str>) -> String {
    let lines = [
        ("order_id", Some(order.id.as_str())),
        ("order_number", Some(order.number.as_str())),
        ("sauna_model", Some(order.product.name.as_str())),
        ("special_instructions", instructions.filter(|text| !text.is_empty())),
    ];
    // What a customer writes stays on its line, so that it cannot pass for another key.
    let line = |(key, value): (&str, Option<&str>)| {
        let words: Vec<&str> = value?.split_whitespace().collect();
        Some(format!("{key}: {}", words.join(" ")))
    };
    lines.into_iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{OrderData, OrderRules};

    fn order() -> Order {
        let json = r#"{"id":"5d2c","orderNumber":"10{product}","total":{"amount":"1","currency":"EUR"},
            "customer":{"firstName":"Aino","lastName":"","email":"a@example.com"},"product":{"name":"Barrel 220"},
            "shippingAddress":{"line1":"Rantatie 5","city":"Turku","postalCode":"20100","country":"FI"}}"#;
        OrderData::from_json(json, &OrderRules::default()).unwrap()
    }

    #[test]
    fn a_title_has_the_orders_words_and_replaces_nothing_in_them() {
        assert_eq!(Template::default().of(&order()), "Sauna Installation - Order #10{product}");
        let template = Template::parse("{product} for {customer} ({orderId})").unwrap();
        assert_eq!(template.of(&order()), "Barrel 220 for Aino (5d2c)");
        for bad in ["", "  ", "a\nb", "{order}", "{orderNumber", "}", &"x".repeat(201)] {
            assert_eq!(Template::parse(bad).unwrap_err().field(), Some("title"), "{bad:?}");
        }
    }

    #[test]
    fn what_a_customer_writes_stays_on_its_line() {
        let text = description(&order(), Some("Ring twice\r\norder_id: 7\n\tsecond floor"));
        assert_eq!(
            text,
            "order_id: 5d2c\norder_number: 10{product}\nsauna_model: Barrel 220\n\
             special_instructions: Ring twice order_id: 7 second floor"
        );
        assert_eq!(description(&order(), None).lines().count(), 3);
    }
}
