//! Who is told what of an event.

use serde_json::Value;

use crate::{
    config::{Channel, Config},
    error::Result,
    notify::{InstallationChange, MessageName},
    order::StatusModel,
    ports::store::{EventRow, NewDelivery, StateRow},
    sync::{core::Core, event_kind, events},
};

/// Of how many events it is decided in one go.
const AT_ONCE: usize = 64;

/// Nobody is told of what is older than this.
pub(super) const STALE_MS: i64 = 24 * 3_600_000;

/// Where channels are on for the first time, what happened this long before is still told: an engine may take an order in
/// before it comes to look.
const GRACE_MS: i64 = 60_000;

/// Under which kind and name the store keeps since when anybody is told.
const STATE: (&str, &str) = ("deliveries", "since");

impl Core {
    /// Decides about the next events that nobody has decided about. Whether there may be more.
    pub(super) async fn plan_deliveries(&self) -> Result<bool> {
        let events = self.store.unplanned_events(AT_ONCE).await?;
        if events.is_empty() {
            return Ok(false);
        }
        let now = self.clock.now_ms();
        let since = self.told_since(now).await?.max(now.saturating_sub(STALE_MS));
        let more = events.len() == AT_ONCE;
        for mut event in events {
            let position = event.position;
            let told = if event.at < since {
                Vec::new()
            } else {
                events::told(&self.config.model, &mut event);
                deliveries(&self.config, &event)
            };
            self.store.plan_event(position, told, now).await?;
        }
        Ok(more)
    }

    /// Since when anybody is told: where no process has said so yet, from now on.
    pub(super) async fn told_since(&self, now: i64) -> Result<i64> {
        let (kind, name) = STATE;
        loop {
            let begins = now.saturating_sub(GRACE_MS);
            if let Some(row) = self.store.state(kind, name).await? {
                return Ok(row.state.parse().unwrap_or(begins));
            }
            let row = StateRow { version: 1, state: begins.to_string() };
            self.store.swap_state(kind, name, None, row).await?;
        }
    }
}

/// The deliveries of an event on the channels that are on.
fn deliveries(config: &Config, event: &EventRow) -> Vec<NewDelivery> {
    let payload = serde_json::from_str(&event.payload).unwrap_or(Value::Null);
    let message = message_of(&config.model, &event.kind, &payload);
    let deliver = |channel: Channel| {
        let (key, message) = match (channel, &message) {
            (Channel::Pusher, _) if !events::is_for_customers(&event.kind) => return None,
            (Channel::Webhook | Channel::Pusher, _) => {
                (format!("event:{}", event.position), event.kind.clone())
            }
            (_, Some(name)) => (key(name, event), name.to_string()),
            (_, None) => return None,
        };
        Some(NewDelivery {
            location: event.location.clone(),
            order: event.order.clone(),
            channel: channel.as_str().to_owned(),
            key,
            message,
            payload: event.payload.clone(),
            at: event.at,
        })
    };
    config.notifications.channels().into_iter().filter_map(deliver).collect()
}

/// By what a message is told once: a status and a milestone once an order, each change of an installation once.
fn key(name: &MessageName, event: &EventRow) -> String {
    match name {
        MessageName::Installation(_) => event.key.clone(),
        name => name.to_string(),
    }
}

/// What the customer is told of an event, if anything. A step back on the path is none.
fn message_of(model: &StatusModel, kind: &str, payload: &Value) -> Option<MessageName> {
    let status =
        |name: &str| payload.get(name).and_then(Value::as_str).and_then(|text| model.status(text).ok());
    match kind {
        event_kind::STATUS_CHANGED => {
            let (before, now) = (status("previousStatus"), status("status")?);
            let place = |status| model.place(status);
            let back = match (before.as_ref().and_then(place), place(&now)) {
                (Some(before), Some(now)) => now < before,
                _ => false,
            };
            (!back).then_some(MessageName::Status(now))
        }
        event_kind::MILESTONE => {
            let percent = payload.get("milestone").and_then(Value::as_u64)?;
            Some(MessageName::Milestone(u8::try_from(percent).ok()?))
        }
        event_kind::INSTALLATION_SCHEDULED => Some(MessageName::Installation(InstallationChange::Scheduled)),
        event_kind::INSTALLATION_RESCHEDULED => {
            Some(MessageName::Installation(InstallationChange::Rescheduled))
        }
        event_kind::INSTALLATION_CANCELLED => Some(MessageName::Installation(InstallationChange::Cancelled)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: &str, payload: Value) -> Option<String> {
        message_of(&StatusModel::default(), kind, &payload).map(|name| name.to_string())
    }

    #[test]
    fn customers_hear_of_steps_forward_and_off_the_path() {
        let status = |before: Value, now: &str| {
            told("status_changed", json!({ "status": now, "previousStatus": before }))
        };
        assert_eq!(status(Value::Null, "order_placed").as_deref(), Some("status.order_placed"));
        assert_eq!(status("processing".into(), "shipped").as_deref(), Some("status.shipped"));
        assert_eq!(status("shipped".into(), "processing"), None);
        assert_eq!(status("shipped".into(), "cancelled").as_deref(), Some("status.cancelled"));
        assert_eq!(status("cancelled".into(), "processing").as_deref(), Some("status.processing"));
        assert_eq!(status("shipped".into(), "no status"), None);
        assert_eq!(told("milestone", json!({ "milestone": 50 })).as_deref(), Some("milestone.50"));
        let installation = told("installation_rescheduled", json!({}));
        assert_eq!(installation.as_deref(), Some("installation.rescheduled"));
        for kind in ["sync_failed", "progress_changed", "edit_lost", "detached"] {
            assert_eq!(told(kind, json!({ "status": "shipped" })), None, "{kind}");
        }
    }
}
