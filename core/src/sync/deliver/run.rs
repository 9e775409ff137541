//! The loop that delivers what is due.

use std::{pin::pin, sync::Arc, time::Duration};

use futures::{
    FutureExt, StreamExt,
    future::{Either, Fuse, FusedFuture, select},
    select_biased,
    stream::FuturesUnordered,
};

use tracing::{Instrument as _, Span, field};

use crate::{
    config::Channel,
    error::{Code, Error, Result},
    ports::{
        Message, MessageSender,
        store::{DeliveryLease, DeliveryOutcome, DeliveryRow, OrderRow},
    },
    sync::{
        core::{Core, lock},
        schedule::{self, Next},
    },
    trace,
};

use super::compose::compose;

/// How many deliveries are under way at a time.
const AT_ONCE: usize = 4;

/// How often an idle loop looks by itself.
const LOOK_AGAIN_MS: i64 = 2_000;

/// How long before its lease's end a try is given up.
const SETTLING_MS: i64 = 1_000;

/// A database that failed is left alone for this long.
const BLIND_MS: i64 = 1_000;

/// A try at a delivery.
pub(super) struct Attempt<'a> {
    pub(super) row: &'a DeliveryRow,
    pub(super) token: &'a str,
    /// Whether the message may have arrived.
    pub(super) unknown: bool,
}

/// What a look at the store gave.
struct Found {
    rows: Vec<DeliveryRow>,
    next_due: Option<i64>,
    more: bool,
}

impl Core {
    /// Delivers what is due: until the engine is to stop, or, if `idle`, until nothing is due or it is `until`. What is under
    /// way is finished. Whether something that is due is left.
    pub(crate) async fn deliver(&self, until: i64, idle: bool) -> Result<bool> {
        let channels = self.channels();
        if channels.is_empty() {
            return Ok(false);
        }
        let mut under_way = FuturesUnordered::new();
        let mut looking = pin!(Fuse::terminated());
        let (mut due, mut next_due, mut blind_until) = (true, None, i64::MIN);
        loop {
            let rung = self.bell.listen();
            let now = self.clock.now_ms();
            let open = !self.is_stopping() && now < until;
            let free = AT_ONCE - under_way.len();
            if due && open && free > 0 && now >= blind_until && looking.is_terminated() {
                looking.set(self.next_deliveries(&channels, free).fuse());
                due = false;
            }
            if looking.is_terminated() && under_way.is_empty() && (!open || idle && !due) {
                let next = if idle { self.store.next_delivery(&channels).await? } else { None };
                return Ok(next.is_some_and(|due| due <= self.clock.now_ms()));
            }
            let wake = if now < blind_until {
                Some(blind_until)
            } else {
                // Else something else wakes the loop.
                next_due.filter(|_| open && free > 0 && looking.is_terminated())
            };
            let nap = wake.unwrap_or(i64::MAX).saturating_sub(now).clamp(1, LOOK_AGAIN_MS).unsigned_abs();
            select_biased! {
                () = under_way.select_next_some() => due = true,
                found = looking => match found {
                    Ok(Found { rows, next_due: next, more }) => {
                        due |= more || !rows.is_empty();
                        next_due = next;
                        under_way.extend(rows.into_iter().map(|row| self.carry(row)));
                    }
                    Err(error) if idle => return Err(error),
                    Err(error) => {
                        tracing::warn!(code = %error.code(), %error, "the database failed; deliveries go on in a second");
                        blind_until = self.clock.now_ms().saturating_add(BLIND_MS);
                        due = true;
                    }
                },
                () = rung.fuse() => due = true,
                () = self.clock.sleep(Duration::from_millis(nap)).fuse() => due = true,
            }
        }
    }

    /// The channels that are on and that this process can carry messages on.
    fn channels(&self) -> Vec<String> {
        let carries = |channel: &Channel| match channel {
            Channel::Smtp | Channel::Hook => lock(&self.senders).contains_key(channel),
            Channel::Email | Channel::Sms | Channel::Webhook | Channel::Pusher => true,
        };
        let on = self.config.notifications.channels().into_iter().filter(carries);
        on.map(|channel| channel.as_str().to_owned()).collect()
    }

    async fn next_deliveries(&self, channels: &[String], max: usize) -> Result<Found> {
        let more = self.plan_deliveries().await?;
        let now = self.clock.now_ms();
        let rows = self
            .store
            .lease_deliveries(DeliveryLease {
                token: self.entropy.hex_id(),
                now,
                until: now.saturating_add(self.config.sync.lease_ms),
                max,
                channels: channels.to_vec(),
            })
            .await?;
        Ok(Found { rows, next_due: self.store.next_delivery(channels).await?, more })
    }

    /// Makes one try, and writes down how it ended.
    async fn carry(&self, row: DeliveryRow) {
        let span = tracing::info_span!(
            "deliver_message",
            otel.status_code = field::Empty,
            ghlkit.location = %row.location,
            ghlkit.order = %row.order,
            ghlkit.channel = row.channel,
            ghlkit.attempt = row.failures.saturating_add(1),
            ghlkit.outcome = field::Empty,
            error.type = field::Empty,
        );
        self.carry_leased(row, &span).instrument(span.clone()).await;
    }

    async fn carry_leased(&self, row: DeliveryRow, span: &Span) {
        let token = row.lease_token.clone().unwrap_or_default();
        let mut attempt = Attempt { row: &row, token: &token, unknown: row.sent_at.is_some() };
        let outcome = self.attempt(&mut attempt).await;
        let now = self.clock.now_ms();
        let channel = Channel::parse(&row.channel).map_or("", Channel::as_str);
        match &outcome {
            Ok(DeliveryOutcome::Done(_)) => self.metrics.notified(channel, true),
            Err(error) if error.code() != Code::LeaseLost => self.metrics.notified(channel, false),
            Ok(_) | Err(_) => {}
        }
        if let Err(error) = &outcome {
            trace::failed(span, error.code());
        }
        let outcome = outcome.unwrap_or_else(|error| failed(&attempt, &error, now));
        span.record(
            "ghlkit.outcome",
            match &outcome {
                DeliveryOutcome::Done(_) => "done",
                DeliveryOutcome::Skipped(_) => "skipped",
                DeliveryOutcome::Wait { .. } => "waits",
                DeliveryOutcome::Dead { .. } => "given_up",
            },
        );
        if let Err(error) = self.store.settle_delivery(row.id, &token, outcome, now).await {
            tracing::warn!(delivery = row.id, code = %error.code(), %error, "a delivery could not be settled; its lease will end");
        }
    }

    async fn attempt(&self, attempt: &mut Attempt<'_>) -> Result<DeliveryOutcome> {
        let row = attempt.row;
        let skipped = |reason: &str| Ok(DeliveryOutcome::Skipped(reason.to_owned()));
        let Some(channel) = Channel::parse(&row.channel) else { return skipped("off") };
        match channel {
            Channel::Webhook => return self.post(row).await,
            Channel::Pusher => return self.tell_pages(row).await,
            Channel::Email | Channel::Sms | Channel::Smtp | Channel::Hook => {}
        }
        let Some(order) = self.store.order(&row.location, &row.order).await? else {
            return skipped("order_gone");
        };
        let Some(message) = compose(&self.config, &order, row)? else { return skipped("off") };
        match channel {
            Channel::Email | Channel::Sms => self.send_by_ghl(attempt, &order, &message, channel).await,
            Channel::Smtp | Channel::Hook | Channel::Webhook | Channel::Pusher => {
                self.hand_over(row, &order, &message, channel).await
            }
        }
    }

    /// Gives a message to a sender of the shop's.
    async fn hand_over(
        &self,
        row: &DeliveryRow,
        order: &OrderRow,
        message: &Message,
        channel: Channel,
    ) -> Result<DeliveryOutcome> {
        let gone =
            || Error::new(Code::Config, "this process has nothing that carries messages on the channel");
        let sender: Arc<dyn MessageSender> = lock(&self.senders).get(&channel).cloned().ok_or_else(gone)?;
        if channel == Channel::Smtp && message.email.is_none() {
            return Ok(DeliveryOutcome::Skipped("no_address".to_owned()));
        }
        // It may want no messages.
        let Some(contact) = &order.contact else { return Ok(self.without_contact(row, order)) };
        if let Some(reason) = self.objection(row, contact, channel).await?
            && reason != "contact_gone"
        {
            return Ok(DeliveryOutcome::Skipped(reason.to_owned()));
        }
        // Nobody else has the message meanwhile, and there is time to write down how it ended.
        let left = row.due_at.saturating_sub(self.clock.now_ms()).saturating_sub(SETTLING_MS);
        if left <= 0 {
            return Err(Error::new(Code::LeaseLost, "the lease ends before the message could be sent"));
        }
        let patience = sender.patience().min(Duration::from_millis(left.unsigned_abs()));
        let sent = pin!(sender.send(message));
        match select(sent, self.clock.sleep(patience)).await {
            Either::Left((sent, _)) => sent.map(DeliveryOutcome::Done),
            Either::Right(_) => Err(Error::new(Code::Timeout, "the channel took too long over a message")),
        }
    }
}

/// How a try ends that failed with this error.
fn failed(attempt: &Attempt<'_>, error: &Error, now: i64) -> DeliveryOutcome {
    let Attempt { row, unknown, .. } = *attempt;
    let told = (error.code().as_str().to_owned(), error.message().to_owned());
    if error.code() == Code::LeaseLost {
        return DeliveryOutcome::Wait { due_at: now, counted: false, unknown, error: None };
    }
    match schedule::after(error, row.failures, row.first_failed_at, now) {
        Next::Wait { due_at, counted } => {
            DeliveryOutcome::Wait { due_at, counted, unknown, error: Some(told) }
        }
        Next::GiveUp => {
            let (channel, order) = (&row.channel, &row.order);
            tracing::error!(delivery = row.id, channel, %order, code = %error.code(), %error, "a message was given up");
            DeliveryOutcome::Dead { error: told }
        }
    }
}
