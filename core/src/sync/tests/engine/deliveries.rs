//! Deliveries: what customers and others are told, once on each channel, whatever fails.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use serde_json::{Value, json};

use super::host::*;
use crate::{
    client::DEFAULT_BASE_URL,
    config::Channel,
    error::{Code, Error, Result},
    ports::{
        BoxFuture, Clock, Message, MessageSender, TransportErrorKind, iso,
        store::{DeliveryFilter, DeliveryState},
    },
    sync::UpdateOptions,
    testing::Step,
};

const BACK: UpdateOptions = UpdateOptions { allow_backward: true, wait_ms: Some(0) };

/// Order A-1 in step, of whose placing the customer has been told.
pub(super) fn telling(notifications: &str) -> Host {
    let host = Host::telling(notifications);
    host.transport.otherwise(agreeable());
    let host = host.with_order_in_step();
    host.clock.advance(1);
    host
}

/// GHL does everything, and shows Aino, who may be written to.
pub(super) fn agreeable() -> Step {
    Step::reply(
        200,
        r#"{"contact":{"id":"con1","email":"aino@example.com","phone":"+358401234567","dnd":false},
        "opportunity":{"id":"opp1"},"tags":[],"succeded":true,"messageId":"msg1","conversationId":"cnv1"}"#,
    )
}

fn contact(more: &str) -> Step {
    Step::reply(200, format!(r#"{{"contact":{{"id":"con1","email":"aino@example.com"{more}}}}}"#))
}

/// The messages that GHL was given since: kind and subject or text.
pub(super) fn sent(host: &Host) -> Vec<String> {
    let url = format!("{DEFAULT_BASE_URL}/conversations/messages");
    let of = |body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        let words = if body["type"] == "SMS" { &body["message"] } else { &body["subject"] };
        format!("{} {}", body["type"].as_str().unwrap(), words.as_str().unwrap())
    };
    let sent = host.transport.sent();
    sent.iter().filter(|sent| sent.request.url == url).map(|sent| of(&sent.request.body)).collect()
}

/// Channel, message, state and what was said of it.
pub(super) fn deliveries(host: &Host) -> Vec<String> {
    let rows = host.run(host.engine.deliveries(DeliveryFilter::default())).unwrap();
    let said = |row: &crate::ports::store::DeliveryRow| {
        row.error_code.clone().or_else(|| row.reference.clone()).unwrap_or_default()
    };
    rows.iter()
        .map(|row| format!("{} {} {} {}", row.channel, row.message, row.state.as_str(), said(row)))
        .collect()
}

#[test]
fn a_change_is_told_once_on_each_channel_after_it_is_pushed() {
    let host = telling(r#"{"email":{"from":"shop@example.com"},"sms":{},"shopName":"Ilio"}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    host.drain();
    host.drain();
    host.set("processing", BACK).unwrap();
    host.set("shipped", WAIT_NOT).unwrap();
    host.drain();
    let placed =
        ["Email Thank you for your order #A-1", "SMS Ilio: Thank you! We have received your order #A-1."];
    let shipped = ["Email Your order #A-1 is on its way", "SMS Ilio: Your order #A-1 is on its way to you."];
    assert_eq!(sent(&host), [placed, shipped].concat());
    assert_eq!(
        deliveries(&host),
        [
            "email status.order_placed done msg1",
            "sms status.order_placed done msg1",
            "email status.shipped done msg1",
            "sms status.shipped done msg1",
        ]
    );
    let requests = host.transport.sent();
    let email = requests.iter().find(|sent| sent.request.url.ends_with("/conversations/messages")).unwrap();
    let body: Value = serde_json::from_slice(&email.request.body).unwrap();
    assert_eq!((&body["contactId"], &body["emailFrom"]), (&json!("con1"), &json!("shop@example.com")));
    assert!(body["html"].as_str().unwrap().starts_with("<!doctype html>"), "{body}");
    assert!(body["message"].as_str().unwrap().starts_with("Hello Aino,"), "{body}");
    assert_eq!(email.request.header("version"), Some("2021-04-15"));
}

#[test]
fn two_processes_tell_it_once() {
    let host = telling(r#"{"email":{},"sms":{}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    let other = host.another();
    let both = futures::future::join(
        Box::pin(host.engine.drain(Default::default())),
        Box::pin(other.drain(Default::default())),
    );
    let (one, two) = host.run(both);
    assert!(!one.unwrap().more && !two.unwrap().more);
    assert_eq!(sent(&host).len(), 4);
}

#[test]
fn who_wants_none_or_has_no_address_is_left_alone() {
    for (more, reason) in [
        (r#","dnd":true"#, "do_not_disturb"),
        (r#","dndSettings":{"Email":{"status":"active"}}"#, "do_not_disturb"),
        (r#","dndSettings":{"Email":{"status":"permanent"}}"#, "do_not_disturb"),
        (r#","email":null"#, "no_address"),
    ] {
        let host = telling(r#"{"email":{}}"#);
        host.set("shipped", WAIT_NOT).unwrap();
        host.transport.otherwise(contact(more));
        host.drain();
        assert_eq!(deliveries(&host)[1], format!("email status.shipped skipped {reason}"));
        assert_eq!(sent(&host).len(), 1, "{more}");
    }
    let host = telling(r#"{"sms":{}}"#);
    host.transport
        .otherwise(contact(r#","phone":"+358401234567","dndSettings":{"Email":{"status":"active"}}"#));
    host.set("shipped", WAIT_NOT).unwrap();
    host.drain();
    assert_eq!(sent(&host).len(), 2, "a text message is another matter");
}

/// Order A-1, in step, whose customer is told that it is shipped; the reply is lost.
fn lost() -> Host {
    let host = telling(r#"{"email":{},"sms":{}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    // Another process, which tells nobody, pushes it.
    host.run(host.another_telling("{}").drain(Default::default())).unwrap();
    let gone = || Step::error(TransportErrorKind::Broken);
    host.ghl([agreeable(), gone(), agreeable(), gone()]);
    host.drain();
    host.requests();
    host
}

#[test]
fn a_message_whose_reply_was_lost_is_looked_for_and_not_sent_again_where_it_is_shown() {
    let host = lost();
    assert_eq!(
        deliveries(&host)[2..],
        ["email status.shipped waiting outcome_unknown", "sms status.shipped waiting outcome_unknown"]
    );
    let before = sent(&host).len();
    host.clock.advance(30_000);
    let shown = json!({
        "contact": { "id": "con1", "email": "aino@example.com", "phone": "+358401234567" },
        "conversations": [{ "id": "cnv1" }],
        "id": "e2", "subject": "Your order #A-1 is on its way",
        "messages": { "messages": [
            { "id": "m1", "direction": "inbound", "body": "Your order #A-1 is on its way to you." },
            { "id": "m2", "direction": "outbound", "messageType": "TYPE_SMS",
              "body": "Your order #A-1 is on its way to you.", "dateAdded": iso(0) },
            { "id": "m3", "direction": "outbound", "messageType": "TYPE_SMS",
              "body": "Your order #A-1 is on its way to you." },
            { "id": "m4", "direction": "outbound", "messageType": "TYPE_EMAIL",
              "meta": { "email": { "messageIds": ["e1", "e2"] } } },
        ] },
    });
    host.transport.otherwise(Step::reply(200, shown.to_string()));
    host.drain();
    assert_eq!(deliveries(&host)[2..], ["email status.shipped done e2", "sms status.shipped done m3"]);
    assert_eq!(sent(&host).len(), before);
}

#[test]
fn a_message_that_did_not_arrive_is_sent_again_once_it_would_be_shown() {
    let host = lost();
    let before = sent(&host).len();
    host.clock.advance(30_000);
    let nothing = json!({
        "contact": { "id": "con1", "email": "aino@example.com", "phone": "+358401234567" },
        "conversations": [], "messageId": "msg2",
    });
    host.transport.otherwise(Step::reply(200, nothing.to_string()));
    host.drain();
    assert_eq!(sent(&host).len(), before, "the list may lag");
    host.clock.advance(10_000);
    host.drain();
    assert_eq!(sent(&host).len(), before + 2);
    assert_eq!(deliveries(&host)[2..], ["email status.shipped done msg2", "sms status.shipped done msg2"]);
}

#[test]
fn a_channel_that_fails_is_repeated_alone_and_holds_up_neither_the_others_nor_the_sync() {
    let host = telling(r#"{"email":{},"hook":true}"#);
    let hook = Hook::default();
    host.engine.carry_messages(Channel::Hook, Arc::new(hook.clone()));
    hook.fails.lock().unwrap().replace(Code::Network);
    host.set("shipped", WAIT_NOT).unwrap();
    host.drain();
    assert_eq!(host.row("A-1").pushed_version, 2);
    assert_eq!(
        deliveries(&host),
        [
            "email status.order_placed done msg1",
            "hook status.order_placed waiting network",
            "email status.shipped done msg1",
            "hook status.shipped waiting network",
        ]
    );
    hook.fails.lock().unwrap().take();
    host.clock.advance(29_999);
    host.drain();
    assert!(hook.heard.lock().unwrap().is_empty(), "30 s after the first failure");
    host.clock.advance(1);
    host.drain();
    let heard = hook.heard.lock().unwrap().clone();
    assert_eq!(heard, ["status.order_placed aino@example.com", "status.shipped aino@example.com"]);
    assert_eq!(sent(&host).len(), 2);
}

#[test]
fn what_cannot_succeed_is_given_up_and_replayed_by_hand() {
    let (host, hook) = (Host::telling(r#"{"hook":true}"#), Hook::default());
    host.engine.carry_messages(Channel::Hook, Arc::new(hook.clone()));
    hook.fails.lock().unwrap().replace(Code::Refused);
    host.transport.otherwise(agreeable());
    let host = host.with_order_in_step();
    assert_eq!(deliveries(&host), ["hook status.order_placed dead refused"]);
    hook.fails.lock().unwrap().take();
    let dead = DeliveryFilter { state: Some(DeliveryState::Dead), ..DeliveryFilter::default() };
    let row = host.run(host.engine.deliveries(dead)).unwrap().remove(0);
    assert!(host.run(host.engine.replay_delivery(row.id)).unwrap());
    assert!(!host.run(host.engine.replay_delivery(row.id)).unwrap());
    host.drain();
    assert_eq!(deliveries(&host), ["hook status.order_placed done 7"]);
}

#[test]
fn a_host_that_goes_and_one_that_never_answers_leave_the_message_to_the_next() {
    let (host, hook) = (Host::telling(r#"{"hook":true}"#), Hook::default());
    host.engine.carry_messages(Channel::Hook, Arc::new(hook.clone()));
    hook.fails.lock().unwrap().replace(Code::LeaseLost);
    host.transport.otherwise(agreeable());
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    host.run(host.engine.create_order(&order("A-1"), UpdateOptions::default())).unwrap();
    let soon = crate::sync::DrainLimits { deadline_ms: 5, ..Default::default() };
    host.run(host.engine.drain(soon)).unwrap();
    let rows = host.run(host.engine.deliveries(DeliveryFilter::default())).unwrap();
    assert_eq!((rows[0].state, rows[0].failures), (DeliveryState::Waiting, 0));
    hook.fails.lock().unwrap().take();
    hook.silent.store(true, Ordering::Relaxed);
    host.drain();
    assert_eq!(deliveries(&host), ["hook status.order_placed waiting timeout"]);
    let rows = host.run(host.engine.deliveries(DeliveryFilter::default())).unwrap();
    assert_eq!(rows[0].failures, 1, "it is counted, before the lease ends");
    hook.silent.store(false, Ordering::Relaxed);
    host.clock.advance(30_000);
    host.drain();
    assert_eq!(hook.heard.lock().unwrap().len(), 1);
}

#[test]
fn what_is_due_on_a_channel_that_is_off_is_no_work() {
    let host = telling(r#"{"email":{}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    host.run(host.another_telling("{}").drain(Default::default())).unwrap();
    host.transport.otherwise(Step::reply(500, "{}"));
    host.drain();
    host.clock.advance(3_600_000);
    let other = host.another_telling(r#"{"sms":{}}"#);
    let drained = host.run(other.drain(Default::default())).unwrap();
    assert!(!drained.more, "{:?}", deliveries(&host));
    let begun = host.clock.now_ms();
    let stop = async {
        host.clock.sleep(std::time::Duration::from_secs(60)).await;
        other.stop();
    };
    // The store counts how often it is asked.
    host.run(futures::future::join(Box::pin(other.run()), Box::pin(stop))).0.unwrap();
    assert!(host.clock.now_ms() - begun >= 60_000);
}

#[test]
fn what_happened_before_anybody_was_to_be_told_is_not() {
    let host = Host::with_synced_order();
    host.transport.otherwise(agreeable());
    let told = host.another_telling(r#"{"email":{}}"#);
    host.run(told.drain(Default::default())).unwrap();
    assert!(deliveries(&host).is_empty(), "{:?}", deliveries(&host));
    host.set("shipped", WAIT_NOT).unwrap();
    host.run(told.drain(Default::default())).unwrap();
    assert_eq!(deliveries(&host), ["email status.shipped done msg1"]);
    host.set("delivered", WAIT_NOT).unwrap();
    host.clock.advance(25 * 3_600_000);
    host.run(told.drain(Default::default())).unwrap();
    assert_eq!(deliveries(&host).len(), 1, "a day later nobody wants to know");
}

#[test]
fn the_contact_is_waited_for() {
    let host = Host::telling(r#"{"email":{}}"#);
    host.transport.otherwise(Step::reply(500, "{}"));
    host.run(host.engine.create_order(&order("A-1"), WAIT_NOT)).unwrap();
    host.drain();
    assert_eq!(deliveries(&host), ["email status.order_placed waiting "]);
    host.ghl([made_contact("con1"), made_opportunity("opp1")]);
    host.transport.otherwise(agreeable());
    host.clock.advance(3_600_000);
    host.drain();
    host.clock.advance(600_000);
    host.drain();
    assert_eq!(deliveries(&host), ["email status.order_placed done msg1"]);
}

#[test]
fn while_the_engine_stops_nothing_more_is_sent_and_nothing_is_counted() {
    let host = telling(r#"{"email":{}}"#);
    host.set("shipped", WAIT_NOT).unwrap();
    host.engine.core.stopping.store(true, Ordering::Relaxed);
    host.drain();
    assert_eq!(sent(&host).len(), 1);
    host.engine.resume();
    host.drain();
    let rows = host.run(host.engine.deliveries(DeliveryFilter::default())).unwrap();
    assert_eq!((sent(&host).len(), rows[1].failures), (2, 0));
}

/// The shop's own code.
#[derive(Clone, Default)]
struct Hook {
    silent: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<String>>>,
    fails: Arc<Mutex<Option<Code>>>,
}

impl MessageSender for Hook {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            if let Some(code) = *self.fails.lock().unwrap() {
                return Err(Error::new(code, "no mail today"));
            }
            if self.silent.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            let line = format!("{} {}", message.name, message.email.as_deref().unwrap_or_default());
            self.heard.lock().unwrap().push(line);
            Ok(Some("7".to_owned()))
        })
    }

    /// Longer than a lease.
    fn patience(&self) -> std::time::Duration {
        std::time::Duration::from_secs(600)
    }
}
