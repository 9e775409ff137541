//! Messages that the shop sends again, or looks at before they are sent.

use super::{deliveries::*, host::*};
use crate::{config::Channel, error::Code};

#[test]
fn a_message_sent_by_hand_goes_out_again_and_bad_ones_are_refused_with_nothing_written() {
    let host = telling(r#"{"email":{},"webhook":{"url":"https://hooks.example/","secret":"s"}}"#);
    let before = deliveries(&host).len();
    let notify = |message: &str, channel| {
        host.run(host.engine.notify(None, &id("A-1"), message, channel))
            .map_err(|error| (error.code(), error.field().unwrap_or_default().to_owned()))
    };
    for (message, channel, field) in [
        ("status.nowhere", Channel::Email, "message"),
        ("installation.scheduled", Channel::Email, "message"),
        ("status.shipped", Channel::Sms, "channel"),
        ("status.shipped", Channel::Webhook, "channel"),
    ] {
        assert_eq!(notify(message, channel), Err((Code::InvalidArgument, field.to_owned())));
    }
    assert_eq!(deliveries(&host).len(), before);
    notify("status.order_placed", Channel::Email).unwrap();
    host.drain();
    assert_eq!(sent(&host), ["Email Thank you for your order #A-1"; 2]);
    let unknown = host.run(host.engine.notify(None, &id("B-1"), "status.shipped", Channel::Email));
    assert_eq!(unknown.unwrap_err().code(), Code::OrderNotFound);
}

#[test]
fn a_preview_is_what_would_be_sent() {
    let host = telling(r#"{"locale":"de"}"#);
    let preview = |message: &str, order: Option<&str>, locale: Option<&str>| {
        host.run(host.engine.preview_message(None, message, order.map(id).as_ref(), locale))
    };
    assert_eq!(
        preview("status.shipped", None, Some("en")).unwrap().subject,
        "Your order #1042 is on its way"
    );
    assert_eq!(
        preview("status.shipped", Some("A-1"), None).unwrap().subject,
        "Ihre Bestellung A-1 ist unterwegs"
    );
    let installation = preview("installation.scheduled", None, Some("en")).unwrap();
    assert!(installation.text.contains("12 March 2027 from 08:00 to about 14:00"), "{}", installation.text);
    for (message, order, locale, field) in [
        ("status.nowhere", None, None, "message"),
        ("status.shipped", None, Some("?"), "locale"),
        ("status.shipped", Some("B-1"), None, "orderId"),
    ] {
        assert_eq!(preview(message, order, locale).unwrap_err().field(), Some(field));
    }
}
