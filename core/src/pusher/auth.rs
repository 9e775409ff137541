use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PusherApp, check_channel};
use crate::error::{Error, Result};

/// What a client of Pusher's is answered that asks to join a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "PusherAuth"))]
pub struct ChannelAuth {
    /// The app's key and a signature.
    pub auth: String,
    /// Who joins, on a presence channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_data: Option<String>,
}

/// Who joins a presence channel, as its other members see it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields, rename = "PusherMember"))]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Who it is: of one person's connections it is the same.
    #[serde(rename(deserialize = "userId", serialize = "user_id"))]
    #[cfg_attr(feature = "ts", ts(rename = "userId"))]
    pub user_id: String,
    /// What the others are told.
    #[serde(
        rename(deserialize = "userInfo", serialize = "user_info"),
        skip_serializing_if = "Option::is_none",
        default
    )]
    #[cfg_attr(feature = "ts", ts(rename = "userInfo", type = "unknown"))]
    pub user_info: Option<Value>,
}

impl PusherApp {
    /// Lets a connection join a private channel, or, as this member, a presence channel. Whether it may is for the caller to
    /// decide before.
    ///
    /// # Errors
    /// `invalid_argument`, field `socketId`, `channel` (one that is neither), or `member`, which presence channels need and
    /// others do not take.
    pub fn authorize(&self, socket_id: &str, channel: &str, member: Option<&Member>) -> Result<ChannelAuth> {
        check_socket(socket_id)?;
        check_channel(channel)?;
        let channel_data = match (channel.starts_with("presence-"), member) {
            (true, Some(member)) => Some(written(member)?),
            (true, None) => {
                return Err(Error::invalid("member", "expected who joins, for a presence channel"));
            }
            (false, Some(_)) => {
                return Err(Error::invalid("member", "expected none, as this is no presence channel"));
            }
            (false, None) if channel.starts_with("private-encrypted-") => {
                return Err(Error::invalid("channel", "expected one that is not encrypted"));
            }
            (false, None) if channel.starts_with("private-") => None,
            (false, None) => {
                let expected =
                    "expected one that begins with `private-` or `presence-`; others are open to all";
                return Err(Error::invalid("channel", expected));
            }
        };
        let signed = match &channel_data {
            Some(data) => format!("{socket_id}:{channel}:{data}"),
            None => format!("{socket_id}:{channel}"),
        };
        Ok(ChannelAuth { auth: format!("{}:{}", self.key(), self.sign(signed.as_bytes())), channel_data })
    }
}

fn written(member: &Member) -> Result<String> {
    if member.user_id.is_empty() || member.user_id.len() > 128 {
        return Err(Error::invalid("member.userId", "expected 1 to 128 bytes"));
    }
    serde_json::to_string(member)
        .map_err(|error| Error::invalid("member", "cannot be written as JSON").with_source(error))
}

/// Checks the id of a connection: two numbers with a dot between. Anything else could make a signature say something else.
///
/// # Errors
/// `invalid_argument`, field `socketId`.
pub(super) fn check_socket(id: &str) -> Result<()> {
    let number =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if id.split_once('.').is_some_and(|(one, two)| number(one) && number(two)) {
        return Ok(());
    }
    Err(Error::invalid("socketId", "expected two numbers with a dot between, as the client sends it"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::app::tests::documented, *};

    #[test]
    fn channels_are_signed_as_documented() {
        let private = documented().authorize("1234.1234", "private-foobar", None).unwrap();
        let auth = "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";
        assert_eq!(private, ChannelAuth { auth: auth.to_owned(), channel_data: None });
        assert_eq!(serde_json::to_value(&private).unwrap(), json!({ "auth": auth }));
    }

    #[test]
    fn a_member_is_signed_with_the_channel() {
        let member: Member =
            serde_json::from_value(json!({"userId": "10", "userInfo": {"name": "Mr. Channels"}})).unwrap();
        let joined = documented().authorize("1234.1234", "presence-foobar", Some(&member)).unwrap();
        let data = r#"{"user_id":"10","user_info":{"name":"Mr. Channels"}}"#;
        assert_eq!(joined.channel_data.as_deref(), Some(data));
        let signed = documented().sign(format!("1234.1234:presence-foobar:{data}").as_bytes());
        assert_eq!(joined.auth, format!("278d425bdf160c739803:{signed}"));
    }

    #[test]
    fn the_documented_member_has_the_documented_signature() {
        let data = r#"{"user_id":10,"user_info":{"name":"Mr. Channels"}}"#;
        let signed = documented().sign(format!("1234.1234:presence-foobar:{data}").as_bytes());
        assert_eq!(signed, "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80");
    }

    #[test]
    fn nothing_else_is_signed() {
        let app = documented();
        let member = Member { user_id: "10".to_owned(), user_info: None };
        let nobody = Member { user_id: String::new(), user_info: None };
        for (socket, channel, member, field) in [
            ("1234", "private-a", None, "socketId"),
            ("1.2:private-b", "private-a", None, "socketId"),
            ("1.2\n", "private-a", None, "socketId"),
            ("", "private-a", None, "socketId"),
            ("1.2", "order-1", None, "channel"),
            ("1.2", "private-a:b", None, "channel"),
            ("1.2", "private-encrypted-a", None, "channel"),
            ("1.2", "private-a", Some(&member), "member"),
            ("1.2", "presence-a", None, "member"),
            ("1.2", "presence-a", Some(&nobody), "member.userId"),
        ] {
            let error = app.authorize(socket, channel, member).unwrap_err();
            assert_eq!(error.field(), Some(field), "{socket} {channel}");
        }
    }
}
