//! Events told to pages by Pusher Channels.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::post::complaint;
use crate::{
    client::Posted,
    config::Pusher,
    error::{Code, Error, Result},
    ids::{LocationId, OrderId},
    ports::store::{DeliveryOutcome, DeliveryRow},
    pusher::{ChannelAuth, PusherApp, Signed, Trigger, channel_of},
    sync::{Engine, core::Core, event_kind, events},
};

/// How long Pusher may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of what it says is kept, in characters.
const MAX_SAID: usize = 200;

impl Core {
    pub(super) async fn tell_pages(&self, row: &DeliveryRow) -> Result<DeliveryOutcome> {
        let Some(pusher) = &self.config.notifications.pusher else {
            return Ok(DeliveryOutcome::Skipped("off".to_owned()));
        };
        if row.failures > 0 && self.is_overtaken(row).await? {
            return Ok(DeliveryOutcome::Skipped("overtaken".to_owned()));
        }
        let trigger = trigger(pusher, row)?;
        self.post_to_pusher(pusher.app.trigger(&trigger, self.clock.now_ms())?).await?;
        Ok(DeliveryOutcome::Done(None))
    }

    /// Whether an event that comes late tells of a status or a progress that is the order's no more: a page would go back to it.
    async fn is_overtaken(&self, row: &DeliveryRow) -> Result<bool> {
        if ![event_kind::STATUS_CHANGED, event_kind::PROGRESS_CHANGED].contains(&row.message.as_str()) {
            return Ok(false);
        }
        let Some(order) = self.store.order(&row.location, &row.order).await? else { return Ok(true) };
        let told: Value = serde_json::from_str(&row.payload).unwrap_or(Value::Null);
        let made = told.get("manufacturingProgress").and_then(Value::as_i64);
        let progressed = made.is_some_and(|made| order.manufacturing_progress != Some(made));
        Ok(told.get("status").and_then(Value::as_str) != Some(&order.status) || progressed)
    }

    async fn post_to_pusher(&self, request: Signed) -> Result<()> {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let reply = self.client.post_elsewhere(&request.url, &headers, request.body, TIMEOUT).await?;
        verdict(&reply)
    }

    fn pusher(&self) -> Result<&PusherApp> {
        let missing = || {
            let expected = "expected the app, here or in PUSHER_APP_ID, PUSHER_KEY and PUSHER_SECRET";
            Error::config("notifications.pusher", expected)
        };
        self.config.notifications.pusher.as_ref().map(|pusher| &pusher.app).ok_or_else(missing)
    }
}

impl Engine {
    /// Sends an event of the shop's own by Pusher Channels, once and at once. What happens to orders is sent by itself.
    ///
    /// # Errors
    /// `invalid_argument`, field `event`, `channels`, `channel`, `data` or `socketId`; `config`, field `notifications.pusher`;
    /// `refused`; `server`; `network`; `timeout`.
    pub async fn trigger_pusher(&self, trigger: &Trigger) -> Result<()> {
        let core = &self.core;
        core.post_to_pusher(core.pusher()?.trigger(trigger, core.clock.now_ms())?).await
    }

    /// Sends up to ten events in one request, each to one channel.
    ///
    /// # Errors
    /// As [`Engine::trigger_pusher`], and field `batch`.
    pub async fn trigger_pusher_batch(&self, triggers: &[Trigger]) -> Result<()> {
        let core = &self.core;
        core.post_to_pusher(core.pusher()?.trigger_batch(triggers, core.clock.now_ms())?).await
    }

    /// Lets a connection join an order's private channel, for whoever has a token of [`Engine::order_token`].
    /// [`PusherApp::authorize`] lets it join any other.
    ///
    /// # Errors
    /// `unauthorized`; `invalid_argument`, field `socketId` or `channel`; `config`, field `notifications.pusher` or
    /// `events.secrets`.
    pub fn authorize_pusher(
        &self,
        location: Option<&LocationId>,
        socket_id: &str,
        channel: &str,
        token: &str,
    ) -> Result<ChannelAuth> {
        let app = self.core.pusher()?;
        let order = channel.strip_prefix("private-order-").and_then(|id| OrderId::parse(id).ok());
        let not_ours = || {
            Error::new(Code::Unauthorized, "channel: expected that of the token's order")
                .with_field("channel")
        };
        self.check_order_token(location, &order.ok_or_else(not_ours)?, token)?;
        app.authorize(socket_id, channel, None)
    }

    /// The app of Pusher Channels: for its signatures and webhooks.
    ///
    /// # Errors
    /// `config`, field `notifications.pusher`, where none is set.
    pub fn pusher(&self) -> Result<&PusherApp> {
        self.core.pusher()
    }
}

/// The event of a row: `status-changed` of `{ status, timestamp, … }` on the order's channel.
fn trigger(pusher: &Pusher, row: &DeliveryRow) -> Result<Trigger> {
    let unreadable = || Error::new(Code::Store, "an event of the log is no JSON object");
    let mut data = events::for_customers(&row.payload).ok_or_else(unreadable)?;
    // The same with every try: of a lost reply it is not known whether pages had it.
    data.insert("id".to_owned(), row.id.into());
    let event = match row.message.as_str() {
        event_kind::STATUS_CHANGED => "status-changed",
        event_kind::PROGRESS_CHANGED => "progress-changed",
        event_kind::MILESTONE => "milestone",
        _ => "installation-changed",
    };
    Ok(Trigger {
        event: event.to_owned(),
        channels: vec![channel_of(&row.order, pusher.private)?],
        data: Value::Object(data).to_string(),
        except: None,
    })
}

/// What a refusal looks like with servers that answer it with a success.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    code: Option<u16>,
}

fn verdict(reply: &Posted) -> Result<()> {
    let refusal: Option<Refusal> = serde_json::from_slice(&reply.body).ok();
    let status = match (complaint(reply.status), &refusal) {
        // soketi says 200, and in the body what it means.
        (None, Some(refusal)) => refusal.code.filter(|code| complaint(*code).is_some()).unwrap_or(400),
        _ => reply.status,
    };
    let Some(code) = complaint(status) else { return Ok(()) };
    // It says what is wrong with the app's id, key or clock, and nothing secret.
    let said =
        refusal.map_or_else(|| String::from_utf8_lossy(&reply.body).into_owned(), |refusal| refusal.error);
    let said: String = said.chars().filter(|c| !c.is_control()).take(MAX_SAID).collect();
    Err(Error::new(code, format!("Pusher answered {status}: {said}")).with_status(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_whatever_the_status_says() {
        let code = |status, body: &str| {
            let reply = Posted { status, duration_ms: 0, body: body.as_bytes().to_vec() };
            verdict(&reply).err().map(|error| (error.code(), error.status()))
        };
        assert_eq!(code(200, "{}"), None);
        assert_eq!(code(200, r#"{"ok":true}"#), None);
        assert_eq!(
            code(200, r#"{"error":"The secret authentication failed","code":401}"#),
            Some((Code::Refused, Some(401)))
        );
        assert_eq!(code(200, r#"{"error":"?","code":200}"#), Some((Code::Refused, Some(400))));
        assert_eq!(code(200, r#"{"error":"over quota","code":503}"#), Some((Code::Server, Some(503))));
        assert_eq!(code(401, "Unknown auth_key"), Some((Code::Refused, Some(401))));
        assert_eq!(code(502, "<html>"), Some((Code::Server, Some(502))));
    }
}
