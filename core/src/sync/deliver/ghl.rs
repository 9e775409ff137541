//! E-mails and text messages through GHL's conversations.

use std::time::Duration;

use serde_json::Value;

use crate::{
    api::{
        contacts::{self, Contact},
        conversations::{self, Conversation, ConversationQuery, Message as Kept, MessageType, NewMessage},
    },
    client::{ApiRequest, CallOptions, Priority},
    config::Channel,
    error::{Code, Delivery, Error, Result},
    ids::{ContactId, LocationId, MessageId},
    ports::{
        Message,
        store::{DeliveryOutcome, DeliveryRow, OrderRow},
    },
    sync::{core::Core, gate::LeaseGate, run::MAX_WAIT},
};

use super::{plan::STALE_MS, run::Attempt};

/// How many messages of a conversation are looked through for one whose reply was lost, and how many e-mails.
const LOOKED_AT: u32 = 20;
const EMAILS_LOOKED_AT: usize = 5;

/// How far GHL's times of messages may be off.
const SLACK_MS: i64 = 5_000;

impl Core {
    /// Why a customer is not to be told on a channel, if so: one call.
    pub(super) async fn objection(
        &self,
        row: &DeliveryRow,
        contact: &ContactId,
        channel: Channel,
    ) -> Result<Option<&'static str>> {
        match self.ask_under(row, &contacts::get(contact)).await {
            Ok(seen) => Ok(objection(&seen, channel)),
            Err(error) if error.code() == Code::NotFound => Ok(Some("contact_gone")),
            Err(error) => Err(error),
        }
    }

    /// Sends a message through GHL, once: one whose reply was lost is looked for before it is sent again.
    pub(super) async fn send_by_ghl(
        &self,
        attempt: &mut Attempt<'_>,
        order: &OrderRow,
        message: &Message,
        channel: Channel,
    ) -> Result<DeliveryOutcome> {
        let row = attempt.row;
        let Some(contact) = &order.contact else { return Ok(self.without_contact(row, order)) };
        if let Some(reason) = self.objection(row, contact, channel).await? {
            return Ok(DeliveryOutcome::Skipped(reason.to_owned()));
        }
        if let Some(sent_at) = row.sent_at {
            if let Some(found) = self.sent_already(row, contact, message, channel, sent_at).await? {
                return Ok(DeliveryOutcome::Done(Some(found)));
            }
            let sync = &self.config.sync;
            let shown_by = sent_at.saturating_add(sync.call_timeout_ms).saturating_add(sync.search_lag_ms);
            if self.clock.now_ms() < shown_by {
                let (counted, unknown) = (false, true);
                return Ok(DeliveryOutcome::Wait { due_at: shown_by, counted, unknown, error: None });
            }
        }
        attempt.leaves(self).await?;
        match self.ask_under(row, &conversations::send(&self.new_message(contact, message, channel))).await {
            Ok(sent) => Ok(DeliveryOutcome::Done(sent.message_id.map(|id| id.to_string()))),
            Err(error) => {
                let lost = error.code() == Code::OutcomeUnknown || error.delivery() == Delivery::Unknown;
                attempt.unknown = lost;
                Err(error)
            }
        }
    }

    fn new_message(&self, contact: &ContactId, message: &Message, channel: Channel) -> NewMessage {
        let notifications = &self.config.notifications;
        let is_email = channel == Channel::Email;
        let text = |text: &String, wanted: bool| wanted.then(|| text.clone());
        NewMessage {
            kind: if is_email { MessageType::Email } else { MessageType::Sms },
            contact_id: contact.clone(),
            message: text(if is_email { &message.text } else { &message.sms }, true),
            html: text(&message.html, is_email),
            subject: text(&message.subject, is_email),
            from_number: notifications.sms.as_ref().and_then(|sms| sms.from.clone()).filter(|_| !is_email),
            to_number: None,
            email_from: notifications
                .email
                .as_ref()
                .and_then(|email| email.from.clone())
                .filter(|_| is_email),
            email_to: None,
            email_cc: Vec::new(),
            email_bcc: Vec::new(),
            attachments: Vec::new(),
            reply_message_id: None,
            thread_id: None,
            template_id: None,
            appointment_id: None,
            scheduled_timestamp: None,
            conversation_provider_id: None,
        }
    }

    /// The contact becomes known with the order's first push, which may take as long as GHL is away.
    pub(super) fn without_contact(&self, row: &DeliveryRow, order: &OrderRow) -> DeliveryOutcome {
        let now = self.clock.now_ms();
        let waited = now.saturating_sub(row.at);
        if order.detached || waited > STALE_MS {
            return DeliveryOutcome::Skipped("no_contact".to_owned());
        }
        let due_at = now.saturating_add((waited / 4).clamp(1_000, 600_000));
        DeliveryOutcome::Wait { due_at, counted: false, unknown: row.sent_at.is_some(), error: None }
    }

    /// What GHL calls a message that may have been sent before, if it shows one.
    async fn sent_already(
        &self,
        row: &DeliveryRow,
        contact: &ContactId,
        message: &Message,
        channel: Channel,
        sent_at: i64,
    ) -> Result<Option<String>> {
        let since = self.now().to_ghl(sent_at).saturating_sub(SLACK_MS);
        let query = ConversationQuery { contact_id: Some(contact.clone()), ..ConversationQuery::default() };
        let search = conversations::search(&row.location, &query);
        for Conversation { id, .. } in self.ask_under(row, &search).await? {
            let listed = self.ask_under(row, &conversations::messages(&id, LOOKED_AT)).await?;
            let ours =
                listed.into_messages().into_iter().filter(|kept| is_outbound(kept.direction.as_deref()));
            if channel == Channel::Sms {
                let mut ours = ours;
                if let Some(found) = ours.find(|kept| is_same_text(kept, &message.sms, since)) {
                    return Ok(Some(found.id.to_string()));
                }
                continue;
            }
            let emails: Vec<MessageId> = ours.flat_map(|kept| emails_of(&kept)).collect();
            for id in emails.into_iter().take(EMAILS_LOOKED_AT) {
                let kept = self.ask_under(row, &conversations::email(&id)).await?;
                let same = kept.subject.as_deref().map(str::trim) == Some(message.subject.trim());
                if same && kept.date_added_ms.is_none_or(|at| at >= since) {
                    return Ok(Some(id.to_string()));
                }
            }
        }
        Ok(None)
    }

    /// A call under the delivery's lease.
    async fn ask_under<T: serde::de::DeserializeOwned>(
        &self,
        row: &DeliveryRow,
        request: &ApiRequest<T>,
    ) -> Result<T> {
        let gate = LeaseGate::new(row.due_at, None, &self.stopping);
        let options = CallOptions {
            gate: Some(&gate),
            timeout: Some(Duration::from_millis(self.config.sync.call_timeout_ms.unsigned_abs())),
            max_wait: Some(MAX_WAIT),
            priority: Priority::Bulk,
            leave_unknown: true,
            ..CallOptions::default()
        };
        let location: &LocationId = &row.location;
        self.client.call(location, request, &options).await.result
    }
}

/// Why a contact is not to be told on a channel: `do_not_disturb`, `no_address`.
fn objection(contact: &Contact, channel: Channel) -> Option<&'static str> {
    let active = |status: &Option<String>| matches!(status.as_deref(), Some("active" | "permanent"));
    let settings = contact.dnd_settings.as_ref();
    let by_email = matches!(channel, Channel::Email | Channel::Smtp);
    let setting = settings.and_then(|all| match channel {
        Channel::Sms => all.sms.as_ref(),
        _ if by_email => all.email.as_ref(),
        _ => None,
    });
    if contact.extra.get("dnd") == Some(&Value::Bool(true)) || setting.is_some_and(|one| active(&one.status))
    {
        return Some("do_not_disturb");
    }
    let address = match channel {
        Channel::Email => contact.email.as_deref(),
        Channel::Sms => contact.phone.as_deref(),
        _ => return None,
    };
    address.is_none_or(|address| address.trim().is_empty()).then_some("no_address")
}

fn is_outbound(direction: Option<&str>) -> bool {
    direction == Some("outbound")
}

fn is_same_text(kept: &Kept, text: &str, since: i64) -> bool {
    kept.body.as_deref().map(str::trim) == Some(text.trim())
        && kept.date_added_ms.is_none_or(|at| at >= since)
}

/// The e-mails of a message's thread, the newest first.
fn emails_of(kept: &Kept) -> Vec<MessageId> {
    let ids = kept.extra.get("meta").and_then(|meta| meta.pointer("/email/messageIds"));
    let ids = ids.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ids.iter().rev().filter_map(Value::as_str).map(MessageId::new).collect()
}

impl Attempt<'_> {
    /// From here on the message may arrive.
    async fn leaves(&mut self, core: &Core) -> Result<()> {
        let (row, token) = (self.row, self.token);
        if core.store.delivery_leaves(row.id, token, core.clock.now_ms()).await? {
            self.unknown = true;
            return Ok(());
        }
        Err(Error::new(Code::LeaseLost, "another worker has the delivery now"))
    }
}
