//! Events by Pusher Channels, and who may hear them.

use serde_json::{Value, value::RawValue};

use super::{Run, rows::run};
use crate::{
    error::{Error, Result},
    ids::LocationId,
    ops::table::ops,
    pusher::{ChannelAuth, Member, PusherWebhook, Trigger},
};

ops! {
    pub(super) const OPS: Run;

    /// Sends an event of the shop's own to channels, once and at once.
    "pusherTrigger" "function" {
        /// What it is called.
        event: String,
        /// Where it is sent: 1 to 100 channels.
        channels: Vec<String>,
        /// Its data: JSON of up to 10 kB.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        data: Box<RawValue>,
        /// The connection that does not get it, as it has caused it.
        except: Option<String>,
    } -> () = run(|engine, args| Box::pin(async move {
        let data = args.data.get().to_owned();
        engine.trigger_pusher(&Trigger { event: args.event, channels: args.channels, data, except: args.except }).await
    }));

    /// Sends up to ten events in one request.
    "pusherTriggerBatch" "function" {
        /// The events: each `{ event, channel, data }`.
        #[cfg_attr(feature = "ts", ts(type = "Array<{ event: string, channel: string, data: unknown }>"))]
        batch: Vec<Value>,
    } -> () = run(|engine, args| Box::pin(async move {
        let triggers = args.batch.into_iter().map(one).collect::<Result<Vec<_>>>()?;
        engine.trigger_pusher_batch(&triggers).await
    }));

    /// Lets a connection join a private or presence channel.
    "pusherAuthorize" "function" {
        /// What the client sends as `socket_id`.
        socket_id: String,
        /// What the client sends as `channel_name`.
        channel: String,
        /// Who joins, on a presence channel.
        member: Option<Member>,
        /// The customer's token for the order whose channel it is.
        token: Option<String>,
        /// Whether the caller was let in: then no token is needed.
        allowed: Option<bool>,
        /// The order's location, where several are configured.
        location_id: Option<LocationId>,
    } -> ChannelAuth = run(|engine, args| Box::pin(async move {
        if args.allowed == Some(true) {
            return engine.pusher()?.authorize(&args.socket_id, &args.channel, args.member.as_ref());
        }
        let token = args.token.as_deref().unwrap_or_default();
        engine.authorize_pusher(args.location_id.as_ref(), &args.socket_id, &args.channel, token)
    }));

    /// Verifies and reads a webhook of Pusher's own.
    "pusherWebhook" "function" {
        /// The body as it was received.
        body: String,
        /// Lines of `name:value`: `X-Pusher-Key` and `X-Pusher-Signature`.
        headers: String,
    } -> PusherWebhook = run(|engine, args| Box::pin(async move {
        let (key, signature) = (only(&args.headers, "x-pusher-key"), only(&args.headers, "x-pusher-signature"));
        engine.pusher()?.webhook(args.body.as_bytes(), key, signature)
    }));
}

/// The value of a header that was sent once.
fn only<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    let mut found = lines.lines().filter_map(|line| line.split_once(':'));
    let mut found = found.by_ref().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let (_, value) = found.next()?;
    found.next().is_none().then(|| value.trim())
}

/// An event of a batch.
fn one(event: Value) -> Result<Trigger> {
    let Value::Object(mut event) = event else {
        return Err(Error::invalid("batch", "expected events as `{ event, channel, data }`"));
    };
    let mut text = |name: &'static str| match event.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(Error::invalid(name, "expected text")),
    };
    let (name, channel) = (text("event")?, text("channel")?);
    let data = event.remove("data").unwrap_or(Value::Null).to_string();
    if let Some(unknown) = event.keys().next() {
        let expected = "is not known here; expected `event`, `channel` and `data`";
        return Err(Error::invalid(format!("batch.{unknown}"), expected));
    }
    Ok(Trigger { event: name, channels: vec![channel], data, except: None })
}
