//! E-mails to customers through a mail server.

use std::{fmt, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, MultiPart},
};

use crate::{
    config::SmtpOptions,
    error::{Code, Delivery, Error, Result},
    ports::{BoxFuture, Message, MessageSender},
};

/// How long the server may take for one command.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends messages through a mail server, over TLS as the URL says. A server that does not answer in time may have taken the
/// message: it is tried again under the same `Message-ID`.
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The transport knows the password.
        f.debug_struct("SmtpSender").field("from", &self.from).finish_non_exhaustive()
    }
}

impl SmtpSender {
    /// # Errors
    /// `config`, field `notifications.smtp.url` or `notifications.smtp.from`.
    pub fn new(options: &SmtpOptions) -> Result<Self> {
        // What the parser says of the URL may show its password.
        let url = || {
            let expected = "expected smtps://USER:PASSWORD@HOST:PORT, or smtp://…?tls=required";
            Error::config("notifications.smtp.url", expected)
        };
        let from = || {
            let expected = "expected an address such as `Ilio Sauna <shop@example.com>`";
            Error::config("notifications.smtp.from", expected)
        };
        if !is_private(options.url.expose()) {
            return Err(url());
        }
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(options.url.expose()).map_err(|_| url())?;
        Ok(Self {
            transport: builder.timeout(Some(TIMEOUT)).build(),
            from: options.from.parse().map_err(|_| from())?,
        })
    }

    fn compose(&self, message: &Message) -> Result<lettre::Message> {
        let refused = |what: &str| Error::new(Code::Refused, format!("the e-mail could not be made: {what}"));
        let address = message.email.as_deref().ok_or_else(|| refused("the customer has no address"))?;
        let address = address.parse().map_err(|_| refused("the customer's address is malformed"))?;
        let name = format!("{} {}", message.first_name, message.last_name);
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        // The same with every try, for mail servers that know it again.
        let id = format!("<ghlkit.{}.{}@{}>", message.location, message.id, self.from.email.domain());
        lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(&message.subject)
            .message_id(Some(id))
            .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()))
            .map_err(|error| refused(&error.to_string()))
    }
}

/// Whether it is the shop that was refused, and not the message: that passes once the password is right again.
fn is_about_login(error: &lettre::transport::smtp::Error) -> bool {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    ["530", "534", "535", "538"].contains(&code.as_str())
}

/// Whether a password and messages do not travel in the open: with TLS, or on this machine.
fn is_private(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("smtp://") else { return true };
    let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let local = ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local).is_some_and(|port| port.is_empty() || port.starts_with([':', '/']))
    });
    local || query.split('&').any(|part| part == "tls=required")
}

impl MessageSender for SmtpSender {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            let mail = self.compose(message)?;
            match self.transport.send(mail).await {
                Ok(_) => Ok(None),
                // What the server says may repeat the address.
                Err(error) if error.is_permanent() && !is_about_login(&error) => {
                    let status = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
                    Err(Error::new(Code::Refused, format!("the mail server refused the message{status}")))
                }
                Err(error) => {
                    let what = match error {
                        _ if is_about_login(&error) => "refused user and password",
                        _ if error.is_timeout() => "did not answer in time",
                        _ => "could not take the message",
                    };
                    let error =
                        Error::new(Code::Network, format!("the mail server {what}")).with_source(error);
                    Err(error.with_delivery(Delivery::Unknown))
                }
            }
        })
    }

    fn patience(&self) -> Duration {
        6 * TIMEOUT
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
        task::JoinHandle,
    };

    use super::*;
    use crate::{
        ids::{LocationId, OrderId},
        secret::Secret,
    };

    fn options(url: &str, from: &str) -> SmtpOptions {
        SmtpOptions { url: Secret::new(url), from: from.to_owned() }
    }

    fn message() -> Message {
        Message {
            id: 7,
            location: LocationId::new("loc1"),
            order: OrderId::new("5d2c"),
            order_number: "1042".to_owned(),
            name: "status.shipped".to_owned(),
            locale: "en".to_owned(),
            first_name: "Žofie".to_owned(),
            last_name: "Nováková".to_owned(),
            email: Some("zofie@example.com".to_owned()),
            phone: None,
            subject: "On its way".to_owned(),
            text: "plain words".to_owned(),
            html: "<p>words in HTML</p>".to_owned(),
            sms: "short words".to_owned(),
        }
    }

    /// A mail server for one conversation, which answers DATA like this. What it heard.
    async fn server(verdict: &'static str) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let heard = tokio::spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let (read, mut write) = socket.into_split();
            let (mut lines, mut heard, mut in_data) = (BufReader::new(read).lines(), Vec::new(), false);
            write.write_all(b"220 mail.example ready\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.as_str() {
                    "." => {
                        in_data = false;
                        verdict
                    }
                    _ if in_data => "",
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                heard.push(line);
                if !answer.is_empty() {
                    write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                }
            }
            heard
        });
        (url, heard)
    }

    async fn send(url: &str) -> Result<Option<String>> {
        let sender = SmtpSender::new(&options(url, "Ilio Sauna <shop@example.com>")).unwrap();
        sender.send(&message()).await
    }

    #[tokio::test]
    async fn a_message_is_handed_over_in_both_forms() {
        let (url, heard) = server("250 queued").await;
        assert_eq!(send(&url).await.unwrap(), None);
        let heard = heard.await.unwrap();
        for line in [
            "MAIL FROM:<shop@example.com>",
            "RCPT TO:<zofie@example.com>",
            "Subject: On its way",
            "Message-ID: <ghlkit.loc1.7@example.com>",
            "plain words",
            "<p>words in HTML</p>",
        ] {
            assert!(heard.iter().any(|one| one.starts_with(line)), "{line}: {heard:?}");
        }
    }

    #[tokio::test]
    async fn what_may_pass_is_tried_again_and_a_refusal_is_final() {
        for (verdict, code) in
            [("451 later", Code::Network), ("530 who are you", Code::Network), ("554 no", Code::Refused)]
        {
            let (url, heard) = server(verdict).await;
            let error = send(&url).await.unwrap_err();
            assert_eq!((error.code(), error.retryable()), (code, code == Code::Network), "{error}");
            assert!(!error.message().contains("zofie"), "{error}");
            heard.await.unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://127.0.0.1:{}", listener.local_addr().unwrap().port());
        drop(listener);
        assert_eq!(send(&url).await.unwrap_err().code(), Code::Network);
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_and_no_password_shown() {
        let good = "smtps://u:5ecret@mail.example";
        for (url, from, field) in [
            ("smtps://u:5ecret@", "a@b.example", "notifications.smtp.url"),
            ("smtp://u:5ecret@127.0.0.1:x", "a@b.example", "notifications.smtp.url"),
            ("smtp://u:5ecret@mail.example", "a@b.example", "notifications.smtp.url"),
            ("smtp://u:5ecret@mail.example?tls=opportunistic", "a@b.example", "notifications.smtp.url"),
            ("smtp://u:127.0.0.1@mail.example", "a@b.example", "notifications.smtp.url"),
            (good, "nobody", "notifications.smtp.from"),
        ] {
            let error = SmtpSender::new(&options(url, from)).unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::Config, Some(field)));
            assert!(!format!("{error:?}").contains("5ecret"), "{error:?}");
        }
        assert!(SmtpSender::new(&options("smtp://u:p@mail.example?tls=required", "a@b.example")).is_ok());
        let sender = SmtpSender::new(&options(good, "a@b.example")).unwrap();
        assert!(!format!("{sender:?}").contains("5ecret"));
        let nowhere = Message { email: None, ..message() };
        assert_eq!(sender.send(&nowhere).await.unwrap_err().code(), Code::Refused);
    }
}
