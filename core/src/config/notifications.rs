use std::{collections::BTreeMap, fmt};

use chrono_tz::Tz;
use serde::Deserialize;

use super::{Pusher, PusherOptions, vars::as_setting};
use crate::{
    client,
    error::{Error, Result},
    json::within,
    notify::{Shop, Templates, WordingSpec},
    order::{StatusModel, normalize_email},
    secret::Secret,
};

/// Longest name of a shop.
const MAX_NAME_CHARS: usize = 100;
/// Longest address of an order's page or of a webhook.
const MAX_URL_BYTES: usize = 2_048;

/// Who is told what happens to orders, and how. Each channel that is given is on.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NotificationOptions {
    /// E-mails to customers through GHL's conversations.
    pub email: Option<EmailOptions>,
    /// Text messages to customers through GHL's conversations.
    pub sms: Option<SmsOptions>,
    /// E-mails to customers through a mail server.
    pub smtp: Option<SmtpOptions>,
    /// Messages to customers through the shop's own code.
    #[cfg_attr(feature = "ts", ts(skip))]
    pub hook: Option<bool>,
    /// Every event, posted to a URL.
    pub webhook: Option<WebhookOptions>,
    /// What customers may see, told to their pages by Pusher Channels.
    pub pusher: Option<PusherOptions>,
    /// The shop's name, which messages end with; up to 100 characters.
    pub shop_name: Option<String>,
    /// The page of an order, e.g. `https://shop.example/orders/{{orderId}}`; also with `{{orderNumber}}`.
    pub order_url: Option<String>,
    /// The language of customers whose order names none, e.g. `en` or `de-AT`; default `en`.
    pub locale: Option<String>,
    /// The time zone of installations whose appointment names none; default `UTC`.
    pub time_zone: Option<String>,
    /// The shop's own words: by language, then by message, e.g. `de` and `status.shipped`.
    pub templates: Option<BTreeMap<String, BTreeMap<String, WordingSpec>>>,
}

/// E-mails through GHL's conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "EmailChannelOptions"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EmailOptions {
    /// The address they come from. Default: the location's own.
    pub from: Option<String>,
}

/// Text messages through GHL's conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "SmsChannelOptions"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SmsOptions {
    /// The number they come from. Default: the location's own.
    pub from: Option<String>,
}

/// A mail server.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "SmtpChannelOptions"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SmtpOptions {
    /// `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://…?tls=required` for STARTTLS; without TLS on this machine only.
    pub url: Secret,
    /// The address they come from, e.g. `Ilio Sauna <shop@example.com>`.
    pub from: String,
}

/// Where every event is posted to.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "WebhookChannelOptions"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookOptions {
    /// An https URL.
    pub url: String,
    /// Signs the body: `x-ghlkit-signature` is its HMAC-SHA256 in lower-case hex.
    pub secret: Secret,
}

impl fmt::Debug for WebhookOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Path and query of such an address are often all that keeps others out.
        let origin: String = self.url.split_inclusive('/').take(3).collect();
        let origin = origin.split('?').next();
        f.debug_struct("WebhookOptions").field("url", &origin).field("secret", &self.secret).finish()
    }
}

/// A way to tell somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// E-mails through GHL.
    Email,
    /// Text messages through GHL.
    Sms,
    /// E-mails through a mail server.
    Smtp,
    /// The shop's own code.
    Hook,
    /// Events posted to a URL.
    Webhook,
    /// Events told to pages by Pusher Channels.
    Pusher,
}

impl Channel {
    const ALL: [Self; 6] = [Self::Email, Self::Sms, Self::Smtp, Self::Hook, Self::Webhook, Self::Pusher];

    /// Whether it carries events as they are, rather than messages in words to a customer.
    pub fn carries_events(self) -> bool {
        matches!(self, Self::Webhook | Self::Pusher)
    }

    /// `email`, `sms`, `smtp`, `hook`, `webhook` or `pusher`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Smtp => "smtp",
            Self::Hook => "hook",
            Self::Webhook => "webhook",
            Self::Pusher => "pusher",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == text)
    }
}

/// Who is told what happens to orders, checked. Default: nobody.
#[derive(Debug, Clone, Default)]
pub struct Notifications {
    /// E-mails through GHL.
    pub email: Option<EmailOptions>,
    /// Text messages through GHL.
    pub sms: Option<SmsOptions>,
    /// E-mails through a mail server.
    pub smtp: Option<SmtpOptions>,
    /// Whether the shop's own code is handed messages.
    pub hook: bool,
    /// Where every event is posted to.
    pub webhook: Option<WebhookOptions>,
    /// The app of Pusher Channels.
    pub pusher: Option<Pusher>,
    /// What is the same in all messages.
    pub shop: Shop,
    /// The zone of installations whose appointment names none.
    pub time_zone: Tz,
    /// The words.
    pub templates: Templates,
}

impl Notifications {
    /// Checks the options.
    ///
    /// # Errors
    /// `config`, field e.g. `notifications.webhook.url`.
    pub fn new(options: NotificationOptions, model: &StatusModel) -> Result<Self> {
        within("notifications", Self::checked(options, model)).map_err(as_setting)
    }

    fn checked(options: NotificationOptions, model: &StatusModel) -> Result<Self> {
        if let Some(from) = options.email.as_ref().and_then(|email| email.from.as_ref()) {
            normalize_email(from).map_err(|_| expected("email.from", "an e-mail address"))?;
        }
        if let Some(from) = options.sms.as_ref().and_then(|sms| sms.from.as_ref()) {
            one_line("sms.from", from, 50)?;
        }
        if let Some(smtp) = &options.smtp {
            let url = smtp.url.expose();
            if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
                return Err(expected("smtp.url", "a URL such as smtps://USER:PASSWORD@HOST"));
            }
            one_line("smtp.from", &smtp.from, 320)?;
        }
        if let Some(webhook) = &options.webhook {
            target("webhook.url", &webhook.url)?;
            if webhook.secret.expose().is_empty() {
                return Err(expected("webhook.secret", "a secret of at least one character"));
            }
        }
        if let Some(name) = &options.shop_name {
            one_line("shopName", name, MAX_NAME_CHARS)?;
        }
        if let Some(url) = &options.order_url {
            target("orderUrl", &url.replace("{{orderId}}", "1").replace("{{orderNumber}}", "1"))?;
        }
        let zone = options.time_zone.as_deref().unwrap_or("UTC");
        Ok(Self {
            time_zone: zone.parse().map_err(|_| {
                expected("timeZone", format_args!("a time zone such as `Europe/Helsinki`, got {zone:?}"))
            })?,
            templates: Templates::new(
                options.locale.as_deref(),
                options.templates.unwrap_or_default(),
                model,
            )?,
            email: options.email,
            sms: options.sms,
            smtp: options.smtp,
            hook: options.hook.unwrap_or(false),
            webhook: options.webhook,
            pusher: options.pusher.map(PusherOptions::check).transpose()?,
            shop: Shop { name: options.shop_name, order_url: options.order_url },
        })
    }

    /// The channels that are on.
    pub fn channels(&self) -> Vec<Channel> {
        let on = |channel: &Channel| match channel {
            Channel::Email => self.email.is_some(),
            Channel::Sms => self.sms.is_some(),
            Channel::Smtp => self.smtp.is_some(),
            Channel::Hook => self.hook,
            Channel::Webhook => self.webhook.is_some(),
            Channel::Pusher => self.pusher.is_some(),
        };
        Channel::ALL.into_iter().filter(on).collect()
    }
}

fn expected(field: &str, what: impl std::fmt::Display) -> Error {
    Error::config(field, format_args!("expected {what}"))
}

fn one_line(field: &str, text: &str, most: usize) -> Result<()> {
    let count = text.chars().count();
    if (1..=most).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(expected(field, format_args!("one line of 1 to {most} characters")))
}

/// A URL that leads over https or to this machine.
fn target(field: &str, url: &str) -> Result<()> {
    let wrong = || expected(field, "a URL that begins with https://, without credentials and white space");
    let path = url.split(['?', '#']).next().unwrap_or_default();
    client::base_url(path).map_err(|_| wrong())?;
    if url.len() > MAX_URL_BYTES || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Notifications> {
        let options: NotificationOptions = serde_json::from_str(json).unwrap();
        Notifications::new(options, &StatusModel::default())
    }

    #[test]
    fn channels_that_are_given_are_on() {
        assert_eq!(read("{}").unwrap().channels(), []);
        let all = read(
            r#"{"email":{},"sms":{"from":"+358401234567"},"hook":true,
            "smtp":{"url":"smtps://u:5ecret@mail.example","from":"Ilio <shop@example.com>"},
            "webhook":{"url":"https://hooks.example/a?b=1","secret":"5ecret"},
            "pusher":{"appId":"3","key":"k","secret":"5ecret"}}"#,
        )
        .unwrap();
        assert_eq!(all.channels(), Channel::ALL);
        assert!(!format!("{all:?}").contains("5ecret"));
        for channel in Channel::ALL {
            assert_eq!(Channel::parse(channel.as_str()), Some(channel));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (json, field) in [
            (r#"{"email":{"from":"nobody"}}"#, "notifications.email.from"),
            (r#"{"sms":{"from":""}}"#, "notifications.sms.from"),
            (r#"{"smtp":{"url":"https://mail.example","from":"a@b.example"}}"#, "notifications.smtp.url"),
            (r#"{"smtp":{"url":"smtp://h","from":"a\r\nBcc: b"}}"#, "notifications.smtp.from"),
            (r#"{"webhook":{"url":"http://hooks.example","secret":"x"}}"#, "notifications.webhook.url"),
            (r#"{"webhook":{"url":"https://a b","secret":"x"}}"#, "notifications.webhook.url"),
            (r#"{"webhook":{"url":"https://a","secret":""}}"#, "notifications.webhook.secret"),
            (r#"{"pusher":{"appId":"3","secret":"s"}}"#, "notifications.pusher.key"),
            (r#"{"shopName":""}"#, "notifications.shopName"),
            (r#"{"orderUrl":"javascript:alert(1)"}"#, "notifications.orderUrl"),
            (r#"{"locale":"english please"}"#, "notifications.locale"),
            (r#"{"timeZone":"Mars/Base"}"#, "notifications.timeZone"),
            (
                r#"{"templates":{"en":{"status.shipped":{"sms":"{{nmae}}"}}}}"#,
                "notifications.templates.en.status.shipped.sms",
            ),
        ] {
            let error = read(json).unwrap_err();
            assert_eq!((error.code(), error.field()), (crate::Code::Config, Some(field)), "{error}");
        }
    }
}
