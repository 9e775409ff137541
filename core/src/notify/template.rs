use super::values::Values;
use crate::error::{Error, Result};

/// Longest text of a template, in bytes.
const MAX_TEMPLATE_BYTES: usize = 64 * 1024;

macro_rules! placeholders {
    ($($variant:ident $name:literal $meaning:literal,)+) => {
        /// What a template can hold in double braces, e.g. `{{orderNumber}}`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Placeholder { $(#[doc = $meaning] $variant,)+ }

        impl Placeholder {
            /// Every placeholder.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What stands for it.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

placeholders! {
    Greeting "greeting" "A greeting in the customer's language, with the name where there is one.",
    FirstName "firstName" "The customer's first name; nothing where it is not known.",
    LastName "lastName" "The customer's last name; nothing where it is not known.",
    OrderNumber "orderNumber" "The order's number.",
    Product "product" "The product's name.",
    Status "status" "The label of the order's status.",
    Progress "progress" "The overall progress in percent; nothing beside the path.",
    Milestone "milestone" "The milestone of manufacturing in percent; nothing in other messages.",
    ShopName "shopName" "The shop's name, as configured.",
    OrderUrl "orderUrl" "The page of the order, as configured.",
    InstallationDate "installationDate" "The day of the installation, e.g. 12 March 2027.",
    InstallationStart "installationStart" "When it begins, e.g. 09:00.",
    InstallationEnd "installationEnd" "When it ends.",
}

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(Placeholder),
}

/// Where values are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    /// One line: what would begin another is a blank.
    Line,
    Html,
}

impl Template {
    /// # Errors
    /// `invalid_argument` with the field: an unknown placeholder, braces that are not closed, more than 64 kB.
    pub(super) fn parse(field: &str, text: &str) -> Result<Self> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return Err(Error::invalid(field, format_args!("expected at most {MAX_TEMPLATE_BYTES} bytes")));
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, behind)) = after.split_once("}}") else {
                return Err(Error::invalid(field, "expected }} after each {{"));
            };
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Value(placeholder(field, name.trim())?));
            rest = behind;
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    pub(super) fn render(&self, values: &Values, into: Place) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(given) => text.push_str(given),
                Part::Value(placeholder) => match (into, values.get(*placeholder)) {
                    (Place::Html, value) => text.push_str(&escape(&value)),
                    (Place::Text | Place::Line, value) => text.push_str(&value),
                },
            }
        }
        if into == Place::Line { one_line(&text) } else { text }
    }
}

fn placeholder(field: &str, name: &str) -> Result<Placeholder> {
    Placeholder::ALL.iter().copied().find(|known| known.as_str() == name).ok_or_else(|| {
        let known: Vec<&str> = Placeholder::ALL.iter().map(|known| known.as_str()).collect();
        let expected =
            format_args!("expected a placeholder of {}, got {name:?}", known.join(", ")).to_string();
        Error::invalid(field, expected)
    })
}

/// A text as it stands in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn one_line(text: &str) -> String {
    let blanks = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    blanks.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values::of([
            (Placeholder::FirstName, "<b>Žofie\r\nBcc: x</b>"),
            (Placeholder::OrderUrl, "https://shop.example/?a=1&b='\""),
        ])
    }

    #[test]
    fn values_are_escaped_for_where_they_stand() {
        let template = Template::parse("t", "a {{ firstName }} {{orderUrl}}{{product}}.").unwrap();
        assert_eq!(
            template.render(&values(), Place::Text),
            "a <b>Žofie\r\nBcc: x</b> https://shop.example/?a=1&b='\"."
        );
        assert_eq!(
            template.render(&values(), Place::Html),
            "a &lt;b&gt;Žofie\r\nBcc: x&lt;/b&gt; https://shop.example/?a=1&amp;b=&#39;&quot;."
        );
        assert_eq!(
            template.render(&values(), Place::Line),
            "a <b>Žofie Bcc: x</b> https://shop.example/?a=1&b='\"."
        );
    }

    #[test]
    fn what_is_no_placeholder_is_refused_by_name() {
        for (text, said) in [
            ("{{nmae}}", "got \"nmae\""),
            ("{{}}", "got \"\""),
            ("{{firstName", "}}"),
            ("{{ first{{Name }}", "got"),
        ] {
            let error = Template::parse("templates.en.status.shipped.text", text).unwrap_err();
            assert_eq!(error.field(), Some("templates.en.status.shipped.text"));
            assert!(error.message().contains(said), "{error}");
        }
        assert!(Template::parse("t", &"x".repeat(MAX_TEMPLATE_BYTES + 1)).is_err());
        let braces = Template::parse("t", "a { b } }} c").unwrap();
        assert_eq!(braces.render(&values(), Place::Text), "a { b } }} c");
    }
}
