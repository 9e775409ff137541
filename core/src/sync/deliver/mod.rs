//! Deliveries: what customers and others are told of the log, each message once on each channel.
//!
//! An event is the intent, so it is decided after its commit who is told; each delivery then waits, fails and is repeated by
//! itself, beside the passes over orders.

mod compose;
mod ghl;
mod plan;
mod post;
mod pusher;
mod run;

use std::sync::Arc;

use crate::{
    config::Channel,
    error::{Error, Result},
    ids::{LocationId, OrderId},
    notify::{Letter, MessageName},
    order::{Order, OrderData, OrderRules, normalize_locale},
    ports::{
        MessageSender,
        store::{DeliveryFilter, DeliveryRow, NewDelivery},
    },
};

use super::{
    core::lock,
    desired,
    engine::{Engine, not_found},
};

/// The order of a preview where none is named.
const SAMPLE: &str = r#"{"id":"sample","orderNumber":"1042","customer":{"firstName":"Žofie","lastName":"Nováková",
    "email":"zofie@example.com","phone":"+420601123456"},"product":{"name":"Barrel sauna"},
    "total":{"amount":"4999.00","currency":"EUR"},
    "shippingAddress":{"line1":"Dlouhá 12","city":"Praha","postalCode":"110 00","country":"CZ"}}"#;

/// What an installation of a preview looks like.
const SAMPLE_PAYLOAD: &str =
    r#"{"installation":{"startsAt":"2027-03-12T08:00:00Z","endsAt":"2027-03-12T14:00:00Z"}}"#;

impl Engine {
    /// Notes that customers and others are told from now on, where no process has done so before: for an engine that takes orders
    /// in long before anybody delivers. `native::open` does this.
    ///
    /// # Errors
    /// `store`.
    pub async fn begin_telling(&self) -> Result<()> {
        if self.core.config.notifications.channels().is_empty() {
            return Ok(());
        }
        self.core.told_since(self.core.clock.now_ms()).await.map(|_| ())
    }

    /// From now on this carries the messages of a channel, [`Channel::Hook`] or [`Channel::Smtp`], for this process. To be
    /// called before [`Engine::run`].
    pub fn carry_messages(&self, channel: Channel, sender: Arc<dyn MessageSender>) {
        lock(&self.core.senders).insert(channel, sender);
    }

    /// Messages on their channels, by id: for example those that were given up.
    ///
    /// # Errors
    /// `store`.
    pub async fn deliveries(&self, filter: DeliveryFilter) -> Result<Vec<DeliveryRow>> {
        self.core.store.deliveries(filter).await
    }

    /// Makes a message that was given up or skipped due now with a fresh schedule; `false` if it is neither.
    ///
    /// # Errors
    /// `store`.
    pub async fn replay_delivery(&self, id: i64) -> Result<bool> {
        let replayed = self.core.store.replay_delivery(id, self.core.clock.now_ms()).await?;
        self.core.bell.notify(usize::MAX);
        Ok(replayed)
    }

    /// A message in words, as it would be sent: about an order, or else about a made-up one. `locale` is that of the order's
    /// customer, or the shop's, where none is given.
    ///
    /// # Errors
    /// `invalid_argument`, field `message` or `locale`; `order_not_found`; `store`.
    pub async fn preview_message(
        &self,
        location: Option<&LocationId>,
        message: &str,
        order: Option<&OrderId>,
        locale: Option<&str>,
    ) -> Result<Letter> {
        let config = &self.core.config;
        let name = MessageName::parse(message, &config.model)?;
        let (data, status) = match order {
            Some(id) => {
                let location = &config.location(location)?.id;
                let row = self.core.store.order(location, id).await?.ok_or_else(|| not_found(id))?;
                (desired::snapshot(&row)?, row.status)
            }
            None => (sample()?, config.model.first().to_string()),
        };
        let locale = locale.map(normalize_locale).transpose()?;
        let templates = &config.notifications.templates;
        let locale = templates.locale_of(locale.as_deref().or(data.customer.locale.as_deref()));
        Ok(compose::write(config, &data, &name, locale, SAMPLE_PAYLOAD, &status))
    }

    /// Tells a customer something by hand, also again: on one channel. It is due now, as any other message.
    ///
    /// # Errors
    /// Nothing was written: `invalid_argument`, field `message` (also where there was no such change of an installation),
    /// `channel` where that is not on or carries events, `customer.email` or `customer.phone` where the order has none;
    /// `order_not_found`; `store`.
    pub async fn notify(
        &self,
        location: Option<&LocationId>,
        order: &OrderId,
        message: &str,
        channel: Channel,
    ) -> Result<()> {
        let core = &self.core;
        let location = core.config.location(location)?.id.clone();
        let name = MessageName::parse(message, &core.config.model)?;
        if channel.carries_events() || !core.config.notifications.channels().contains(&channel) {
            let expected = "expected a channel for customers that is on, among the `notifications`";
            return Err(Error::invalid("channel", expected));
        }
        let row = core.store.order(&location, order).await?.ok_or_else(|| not_found(order))?;
        let data = desired::snapshot(&row)?;
        let (field, address) = match channel {
            Channel::Sms => ("customer.phone", &data.customer.phone),
            _ => ("customer.email", &data.customer.email),
        };
        if address.is_none() && channel != Channel::Hook {
            return Err(Error::invalid(
                field,
                "expected one, as the message is to go there; the order has none",
            ));
        }
        let payload = self.last_payload(&location, order, &name).await?;
        let now = core.clock.now_ms();
        let delivery = NewDelivery {
            location,
            order: order.clone(),
            channel: channel.as_str().to_owned(),
            key: format!("{name}:{}", core.entropy.hex_id()),
            message: name.to_string(),
            payload,
            at: now,
        };
        core.store.insert_delivery(delivery, now).await?;
        core.bell.notify(usize::MAX);
        Ok(())
    }

    /// What a message told of when it was told last.
    async fn last_payload(
        &self,
        location: &LocationId,
        order: &OrderId,
        name: &MessageName,
    ) -> Result<String> {
        let filter = DeliveryFilter {
            location: Some(location.clone()),
            order: Some(order.clone()),
            limit: 1_000,
            ..DeliveryFilter::default()
        };
        let told = self.core.store.deliveries(filter).await?;
        let last = told.into_iter().rev().find(|row| row.message == name.to_string());
        match (last, name) {
            (Some(row), _) => Ok(row.payload),
            (None, MessageName::Installation(_)) => Err(Error::invalid(
                "message",
                "expected one of what has happened to the order's installation",
            )),
            (None, _) => Ok("{}".to_owned()),
        }
    }
}

fn sample() -> Result<Order> {
    OrderData::from_json(SAMPLE, &OrderRules::default())
}
