use serde::Serialize;

/// A message in words, for channels of every kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "MessageInWords"))]
pub struct Letter {
    /// The subject of an e-mail, of one line.
    pub subject: String,
    /// An e-mail as plain text.
    pub text: String,
    /// The same as HTML: a whole document.
    pub html: String,
    /// A text message, of one line.
    pub sms: String,
}
