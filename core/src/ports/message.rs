use std::time::Duration;

use super::{BoxFuture, Shared};
use crate::{
    error::Result,
    ids::{LocationId, OrderId},
};

/// A message to a customer, for a channel that carries it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The same with every try: by it a channel can tell that it has the message already.
    pub id: i64,
    /// The location.
    pub location: LocationId,
    /// The order.
    pub order: OrderId,
    /// Its number.
    pub order_number: String,
    /// What is told, e.g. `status.shipped`.
    pub name: String,
    /// In which language, e.g. `en`.
    pub locale: String,
    /// The customer's first name; may be empty.
    pub first_name: String,
    /// The customer's last name; may be empty.
    pub last_name: String,
    /// The customer's e-mail.
    pub email: Option<String>,
    /// The customer's phone in E.164.
    pub phone: Option<String>,
    /// The subject of an e-mail, of one line.
    pub subject: String,
    /// An e-mail as plain text.
    pub text: String,
    /// The same as HTML: a whole document.
    pub html: String,
    /// A text message, of one line.
    pub sms: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The rest is about the customer, and belongs in no log.
        let Self { id, order, name, .. } = self;
        f.debug_struct("Message")
            .field("id", id)
            .field("order", order)
            .field("name", name)
            .finish_non_exhaustive()
    }
}

/// Carries messages to customers: a mail server, a mail service, the shop's own code.
pub trait MessageSender: Shared {
    /// Hands a message over; resolves to what the channel calls it, if it calls it anything.
    ///
    /// # Errors
    /// One that is retryable ([`crate::Error::retryable`]) is tried again, later and later for three days; any other is final.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Option<String>>>;

    /// How long it may take over one message. Default: 30 s.
    fn patience(&self) -> Duration {
        Duration::from_secs(30)
    }
}
