use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    Letter, MessageName, Values,
    defaults::{self, Words},
    layout,
    template::{Place, Template, escape},
};
use crate::{
    error::{Error, Result},
    order::{StatusModel, normalize_locale},
};

/// The shop's own words of one message in one language; what is left out is as it would be without them. All may hold
/// placeholders such as `{{orderNumber}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WordingSpec {
    /// Whether the message is not sent at all; default false.
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub off: bool,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// The paragraphs of an e-mail, blank lines between them; greeting, link and the shop's name are put around them.
    pub body: Option<String>,
    /// The whole e-mail as plain text, in place of what is made of `body`.
    pub text: Option<String>,
    /// The whole e-mail as HTML, in place of what is made of `body`. Values are escaped.
    pub html: Option<String>,
    /// The whole text message.
    pub sms: Option<String>,
}

/// The words of all messages, by language: the shop's own over the defaults, which are English and German.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates {
    locale: String,
    own: BTreeMap<String, BTreeMap<MessageName, Wording>>,
}

impl Default for Templates {
    fn default() -> Self {
        Self { locale: "en".to_owned(), own: BTreeMap::new() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Wording {
    off: bool,
    subject: Option<Template>,
    body: Option<Template>,
    text: Option<Template>,
    html: Option<Template>,
    sms: Option<Template>,
}

impl Templates {
    /// Checks a shop's own words: by language, then by message, e.g. `de` and `status.shipped`. `locale` is the language of
    /// customers who told none.
    ///
    /// # Errors
    /// `config`, field `locale` or e.g. `templates.de.status.shipped.html`: no tag of a language, an unknown message or
    /// placeholder.
    pub fn new(
        locale: Option<&str>,
        own: BTreeMap<String, BTreeMap<String, WordingSpec>>,
        model: &StatusModel,
    ) -> Result<Self> {
        let locale = checked_locale("locale", locale.unwrap_or("en"))?;
        let mut templates = Self { locale, own: BTreeMap::new() };
        for (language, messages) in own {
            let language = checked_locale("templates", &language)?;
            let known = templates.own.entry(language.clone()).or_default();
            for (name, spec) in messages {
                let field = format!("templates.{language}.{name}");
                let name = MessageName::parse(&name, model).map_err(|error| setting(&field, &error))?;
                known.insert(name, Wording::new(&field, &spec)?);
            }
        }
        Ok(templates)
    }

    /// The language of customers who told none.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The language of a message to a customer: their own, if any.
    pub fn locale_of<'a>(&'a self, customers: Option<&'a str>) -> &'a str {
        customers.unwrap_or(&self.locale)
    }

    /// Whether a message is sent, in any language.
    pub fn is_on(&self, name: &MessageName, locale: &str) -> bool {
        self.wording(name, locale).is_none_or(|wording| !wording.off)
    }

    /// A message in words, in the language of a normalised tag.
    pub fn write(&self, name: &MessageName, locale: &str, values: &Values) -> Letter {
        let none = Wording::default();
        let own = self.wording(name, locale).unwrap_or(&none);
        let Words { subject, body, sms } = defaults::of(values.language(), name);
        let words = |own: &Option<Template>, default: &str, place| match own {
            Some(template) => template.render(values, place),
            None => default_words(default, values, place),
        };
        let subject = words(&own.subject, subject, Place::Line);
        let text = match &own.text {
            Some(text) => text.render(values, Place::Text),
            None => layout::text(&words(&own.body, body, Place::Text), values),
        };
        let html = match &own.html {
            Some(html) => html.render(values, Place::Html),
            None => layout::html(&subject, &paragraphs(&words(&own.body, body, Place::Text)), values),
        };
        let sms = match &own.sms {
            Some(sms) => sms.render(values, Place::Line),
            None => layout::sms(&default_words(sms, values, Place::Line), values),
        };
        Letter { subject, text, html, sms }
    }

    /// The shop's own words: those of the language and region, of the language, of the shop's language.
    fn wording(&self, name: &MessageName, locale: &str) -> Option<&Wording> {
        let language = locale.split('-').next().unwrap_or_default();
        let of = |tag: &str| self.own.get(tag)?.get(name);
        of(locale).or_else(|| of(language)).or_else(|| of(&self.locale))
    }
}

impl Wording {
    fn new(field: &str, spec: &WordingSpec) -> Result<Self> {
        let part = |name: &str, text: &Option<String>| {
            let field = format!("{field}.{name}");
            let parse =
                |text: &String| Template::parse(&field, text).map_err(|error| setting(&field, &error));
            text.as_ref().map(parse).transpose()
        };
        Ok(Self {
            off: spec.off,
            subject: part("subject", &spec.subject)?,
            body: part("body", &spec.body)?,
            text: part("text", &spec.text)?,
            html: part("html", &spec.html)?,
            sms: part("sms", &spec.sms)?,
        })
    }
}

/// The paragraphs of a text, as HTML.
fn paragraphs(text: &str) -> Vec<String> {
    let text = escape(&text.replace("\r\n", "\n"));
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(|block| block.replace('\n', "<br>")).collect()
}

/// The defaults hold known placeholders only, which a test sees to.
fn default_words(text: &str, values: &Values, place: Place) -> String {
    Template::parse("default", text).map(|template| template.render(values, place)).unwrap_or_default()
}

fn checked_locale(field: &str, tag: &str) -> Result<String> {
    normalize_locale(tag).map_err(|error| setting(field, &error))
}

/// An error of a value, as one of the setting it stands in.
fn setting(field: &str, error: &Error) -> Error {
    let message = error.message();
    let said =
        error.field().and_then(|known| message.strip_prefix(known)).and_then(|rest| rest.strip_prefix(": "));
    Error::config(field, said.unwrap_or(message))
}

#[cfg(test)]
mod tests;
