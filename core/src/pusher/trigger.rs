use serde::Serialize;

use super::{PusherApp, check_channel, check_event};
use crate::error::{Error, Result};

/// The most channels an event is sent to at once.
pub const MAX_CHANNELS: usize = 100;
/// The most events of a batch.
pub const MAX_BATCH: usize = 10;
/// The largest data of an event, in bytes.
pub const MAX_DATA_BYTES: usize = 10 * 1024;

/// An event to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What it is called.
    pub event: String,
    /// The channels it is sent to: 1 to 100; in a batch 1.
    pub channels: Vec<String>,
    /// Its data, as a rule JSON: up to 10 kB.
    pub data: String,
    /// The connection that does not get it, as it has caused it.
    pub except: Option<String>,
}

/// A request to the API, ready to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Serialize)]
struct Body<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    data: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    socket_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Batch<'a> {
    batch: Vec<Body<'a>>,
}

impl PusherApp {
    /// The request that sends an event.
    ///
    /// # Errors
    /// `invalid_argument`, field `event`, `channels`, `channel`, `data` or `socketId`: nothing is sent that Pusher would refuse.
    pub(crate) fn trigger(&self, trigger: &Trigger, now_ms: i64) -> Result<Signed> {
        trigger.check(MAX_CHANNELS)?;
        let channels = Some(trigger.channels.as_slice());
        self.signed("events", &Body { channels, ..trigger.body() }, now_ms)
    }

    /// The request that sends several events.
    ///
    /// # Errors
    /// As [`PusherApp::trigger`], and field `batch`.
    pub(crate) fn trigger_batch(&self, triggers: &[Trigger], now_ms: i64) -> Result<Signed> {
        if !(1..=MAX_BATCH).contains(&triggers.len()) {
            let expected = format_args!("expected 1 to {MAX_BATCH} events, got {}", triggers.len());
            return Err(Error::invalid("batch", expected));
        }
        for trigger in triggers {
            trigger.check(1)?;
        }
        let batch = triggers
            .iter()
            .map(|trigger| Body { channel: trigger.channels.first().map(String::as_str), ..trigger.body() });
        self.signed("batch_events", &Batch { batch: batch.collect() }, now_ms)
    }

    fn signed(&self, resource: &str, body: &impl Serialize, now_ms: i64) -> Result<Signed> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::invalid("data", "cannot be written as JSON").with_source(error))?;
        Ok(Signed { url: self.post_url(&self.path(resource), &body, now_ms), body })
    }
}

impl Trigger {
    fn check(&self, most: usize) -> Result<()> {
        check_event(&self.event)?;
        if !(1..=most).contains(&self.channels.len()) {
            let expected = format_args!("expected 1 to {most}, got {}", self.channels.len());
            return Err(Error::invalid("channels", expected));
        }
        self.channels.iter().try_for_each(|channel| check_channel(channel))?;
        if self.data.len() > MAX_DATA_BYTES {
            let expected = format_args!("expected at most {MAX_DATA_BYTES} bytes, got {}", self.data.len());
            return Err(Error::invalid("data", expected));
        }
        self.except.as_deref().map_or(Ok(()), super::auth::check_socket)
    }

    /// Without its channels.
    fn body(&self) -> Body<'_> {
        let Self { event, data, except, .. } = self;
        Body { name: event, channels: None, channel: None, data, socket_id: except.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::app::tests::documented, *};

    fn event(channels: &[&str], data: &str) -> Trigger {
        let channels = channels.iter().map(|&channel| channel.to_owned()).collect();
        Trigger { event: "foo".to_owned(), channels, data: data.to_owned(), except: None }
    }

    #[test]
    fn an_event_is_written_as_documented() {
        let request =
            documented().trigger(&event(&["project-3"], r#"{"some":"data"}"#), 1_353_088_179_000).unwrap();
        assert_eq!(
            String::from_utf8(request.body).unwrap(),
            r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#
        );
        assert!(request.url.ends_with("da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"));
        let to_others = Trigger { except: Some("12.34".to_owned()), ..event(&["a"], "1") };
        let batch = documented().trigger_batch(&[event(&["b"], "2"), to_others], 0).unwrap();
        assert_eq!(
            String::from_utf8(batch.body).unwrap(),
            r#"{"batch":[{"name":"foo","channel":"b","data":"2"},{"name":"foo","channel":"a","data":"1","socket_id":"12.34"}]}"#
        );
        assert!(batch.url.contains("/apps/3/batch_events?"), "{}", batch.url);
    }

    #[test]
    fn what_pusher_would_refuse_is_not_sent() {
        let app = documented();
        let names: Vec<String> = (0..101).map(|n| format!("c{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let large = "x".repeat(MAX_DATA_BYTES + 1);
        let refused = |trigger: &Trigger| app.trigger(trigger, 0).unwrap_err().field().map(str::to_owned);
        assert!(app.trigger(&event(&names[..100], &large[1..]), 0).is_ok());
        assert_eq!(refused(&event(&names, "")).as_deref(), Some("channels"));
        assert_eq!(refused(&event(&[], "")).as_deref(), Some("channels"));
        assert_eq!(refused(&event(&["a b"], "")).as_deref(), Some("channel"));
        assert_eq!(refused(&event(&["a"], &large)).as_deref(), Some("data"));
        let odd = Trigger { except: Some("1".to_owned()), ..event(&["a"], "") };
        assert_eq!(refused(&odd).as_deref(), Some("socketId"));
        let many = vec![event(&["a"], ""); MAX_BATCH + 1];
        for batch in [&many[..], &[]] {
            assert_eq!(app.trigger_batch(batch, 0).unwrap_err().field(), Some("batch"));
        }
        let two = [event(&["a", "b"], "")];
        assert_eq!(app.trigger_batch(&two, 0).unwrap_err().field(), Some("channels"));
    }
}
