//! Delivery of webhooks: each on its own, repeated as HighLevel repeats, with the plan's faults.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Shared, lock};
use crate::assumptions::WebhookRetry;
use crate::ids::Rng;
use crate::settings::Settings;
use crate::webhooks::{Webhook, WebhookKind, retry_pause_ms};

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Deliveries at one time.
const CONCURRENT: usize = 32;
/// Deliveries waiting or under way; beyond this webhooks are lost, as behind HighLevel's circuit breaker.
const UNDER_WAY: usize = 20_000;
/// Tries remembered.
const KEPT: usize = 10_000;

/// One try to deliver a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Who sent it.
    pub kind: WebhookKind,
    /// The event's `type`, or `workflow`.
    pub event: String,
    /// The `webhookId`; empty for a workflow.
    pub id: String,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// The receiver's status; `None`: it did not answer.
    pub status: Option<u16>,
}

#[derive(Default)]
pub(super) struct DeliveryLog(VecDeque<Delivery>);

impl DeliveryLog {
    fn note(&mut self, delivery: Delivery) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(delivery);
    }

    pub(super) fn entries(&self) -> Vec<Delivery> {
        self.0.iter().cloned().collect()
    }
}

/// Where webhooks go, and how failures are repeated.
pub(super) struct Targets {
    app: Option<Url>,
    workflow: Option<Url>,
    policy: WebhookRetry,
    refreshes_timestamp: bool,
    base_ms: i64,
    seed: u64,
    client: Client,
}

impl Targets {
    pub(super) fn new(settings: &Settings) -> io::Result<Self> {
        let url = |text: &Option<String>| match text.as_deref().map(Url::parse) {
            None => Ok(None),
            Some(Ok(url)) => Ok(Some(url)),
            Some(Err(error)) => {
                let message = format!("webhook address {text:?}: {error}, expected an absolute URL");
                Err(io::Error::new(io::ErrorKind::InvalidInput, message))
            }
        };
        let client = Client::builder().no_proxy().timeout(ANSWER_WITHIN).retry(reqwest::retry::never());
        Ok(Self {
            app: url(&settings.webhooks.app_url)?,
            workflow: url(&settings.webhooks.workflow_url)?,
            policy: settings.assumptions.webhook_retry,
            refreshes_timestamp: settings.assumptions.retry_refreshes_timestamp,
            base_ms: settings.webhooks.retry_base_ms,
            seed: settings.seed,
            client: client.build().map_err(io::Error::other)?,
        })
    }

    fn of(&self, kind: WebhookKind) -> Option<&Url> {
        match kind {
            WebhookKind::App => self.app.as_ref(),
            WebhookKind::Workflow => self.workflow.as_ref(),
        }
    }
}

/// Delivers for as long as the stand-in runs; aborting it aborts the deliveries under way.
pub(super) async fn run(shared: Arc<Shared>, targets: Targets) {
    let (targets, room) = (Arc::new(targets), Arc::new(Semaphore::new(CONCURRENT)));
    let mut rng = Rng::new(targets.seed);
    let mut tasks = JoinSet::new();
    loop {
        shared.emitted.notified().await;
        while tasks.try_join_next().is_some() {}
        for webhook in take(&shared) {
            let copies = match targets.of(webhook.kind) {
                Some(_) if tasks.len() < UNDER_WAY => lock(&shared.faults).deliveries(),
                _ => Vec::new(),
            };
            shared.under_way.send_modify(|count| *count += copies.len());
            for delay_ms in copies {
                let (shared, targets, room) = (Arc::clone(&shared), Arc::clone(&targets), Arc::clone(&room));
                let (webhook, jitter) = (webhook.clone(), Rng::new(rng.next()));
                tasks.spawn(async move {
                    pause(delay_ms).await;
                    deliver(&shared, &targets, &room, webhook, jitter).await;
                    shared.under_way.send_modify(|count| *count -= 1);
                });
            }
            shared.under_way.send_modify(|count| *count -= 1);
        }
    }
}

/// Takes what was emitted and counts it as under way in one step, so that nobody sees it nowhere.
fn take(shared: &Shared) -> Vec<Webhook> {
    let mut ghl = lock(&shared.ghl);
    let webhooks = ghl.take_webhooks();
    if !webhooks.is_empty() {
        shared.under_way.send_modify(|count| *count += webhooks.len());
    }
    webhooks
}

async fn pause(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

async fn deliver(
    shared: &Shared,
    targets: &Targets,
    room: &Semaphore,
    mut webhook: Webhook,
    mut jitter: Rng,
) {
    for attempt in 1.. {
        let Some(url) = targets.of(webhook.kind) else { return };
        let status = {
            let _place = room.acquire().await;
            post(&targets.client, url, &webhook).await
        };
        lock(&shared.deliveries).note(Delivery {
            kind: webhook.kind,
            event: webhook.event.clone(),
            id: webhook.id.clone(),
            attempt,
            status,
        });
        let stretch = jitter.below(1_000) as f64 / 1_000.0;
        let next = retry_pause_ms(webhook.kind, targets.policy, targets.base_ms, attempt, status, stretch);
        let Some(wait_ms) = next else { return };
        pause(wait_ms.unsigned_abs()).await;
        if targets.refreshes_timestamp {
            webhook = webhook.refreshed(shared.now());
        }
    }
}

async fn post(client: &Client, url: &Url, webhook: &Webhook) -> Option<u16> {
    let mut request = client.post(url.clone()).body(webhook.body.clone());
    for (name, value) in webhook.headers() {
        request = request.header(name, value);
    }
    request.send().await.ok().map(|reply| reply.status().as_u16())
}
