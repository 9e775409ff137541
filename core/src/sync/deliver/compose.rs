//! A delivery as a message in words.

use serde::Deserialize;

use crate::{
    config::Config,
    error::Result,
    notify::{Letter, MessageName, Sample, Values},
    order::Order,
    ports::{
        Message,
        store::{DeliveryRow, OrderRow},
    },
    sync::desired,
};

/// What of an event's payload goes into words.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    status: Option<String>,
    progress: Option<u8>,
    milestone: Option<u8>,
    installation: Option<Installation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Installation {
    starts_at: String,
    ends_at: String,
    time_zone: Option<String>,
}

/// The message of a delivery about an order; `None` where the shop has switched it off.
pub(super) fn compose(config: &Config, order: &OrderRow, row: &DeliveryRow) -> Result<Option<Message>> {
    let name = MessageName::parse(&row.message, &config.model)?;
    let data = desired::snapshot(order)?;
    let templates = &config.notifications.templates;
    let locale = templates.locale_of(data.customer.locale.as_deref()).to_owned();
    if !templates.is_on(&name, &locale) {
        return Ok(None);
    }
    let letter = write(config, &data, &name, &locale, &row.payload, &order.status);
    let Letter { subject, text, html, sms } = letter;
    Ok(Some(Message {
        id: row.id,
        location: row.location.clone(),
        order: row.order.clone(),
        order_number: data.number,
        name: name.to_string(),
        locale,
        first_name: data.customer.first_name,
        last_name: data.customer.last_name,
        email: data.customer.email,
        phone: data.customer.phone,
        subject,
        text,
        html,
        sms,
    }))
}

/// A message about an order in words. `payload` is JSON of what it tells of; what that does not say is as `status` has it.
pub(super) fn write(
    config: &Config,
    order: &Order,
    name: &MessageName,
    locale: &str,
    payload: &str,
    status: &str,
) -> Letter {
    let model = &config.model;
    let told: Payload = serde_json::from_str(payload).unwrap_or_default();
    let text = match name {
        MessageName::Status(status) => status.as_str(),
        _ => told.status.as_deref().unwrap_or(status),
    };
    let status = model.status(text).ok();
    let milestone = if let MessageName::Milestone(percent) = name { Some(*percent) } else { told.milestone };
    let notifications = &config.notifications;
    let installation = told.installation.as_ref().and_then(|installation| {
        let zone = installation.time_zone.as_deref().and_then(|zone| zone.parse().ok());
        let ms = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok().map(|at| at.timestamp_millis());
        let (from, to) = (ms(&installation.starts_at)?, ms(&installation.ends_at)?);
        Some((from, to, zone.unwrap_or(notifications.time_zone)))
    });
    let sample = Sample {
        order,
        status: status.as_ref().map_or(text, |status| model.label(status)),
        progress: told.progress.or_else(|| model.progress(status.as_ref()?)),
        milestone,
        installation,
    };
    let values = Values::new(&notifications.shop, locale, sample);
    notifications.templates.write(name, locale, &values)
}
