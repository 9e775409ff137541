//! Messages to customers through GHL, by many processes at once, with replies that are lost and processes that die.

use std::{collections::BTreeMap, time::Duration};

use ghlkit::{
    config::{Config, NotificationOptions, Notifications},
    ids::OrderId,
    ports::store::{DeliveryFilter, DeliveryState},
    sync::{DrainLimits, Engine, InstallationTerms, UpdateOptions},
};
use integration::{Setup, Shop, order};
use mock_ghl::{FaultPlan, LOCATION_ID, Settings};
use serde_json::json;

const ORDERS: usize = 12;
const PROCESSES: usize = 4;
const STATUSES: [&str; 3] = ["processing", "shipped", "delivered"];

fn telling(config: &mut Config) {
    let options: NotificationOptions =
        serde_json::from_value(json!({ "email": {}, "sms": {}, "shopName": "Ilio" })).unwrap();
    config.notifications = Notifications::new(options, &config.model).unwrap();
}

/// What the server was given to send: contact, kind and subject or text, with how often.
fn sent(shop: &Shop) -> BTreeMap<(String, String, String), usize> {
    let mut counts = BTreeMap::new();
    shop.ghl.with(|ghl| {
        for message in ghl.messages() {
            let part = if message.kind == "SMS" { "message" } else { "subject" };
            let words = message.body[part].as_str().unwrap().to_owned();
            *counts.entry((message.contact_id.clone(), message.kind.clone(), words)).or_insert(0) += 1;
        }
    });
    counts
}

async fn round(engines: &[Engine], dying: usize) {
    let drains: Vec<_> = engines
        .iter()
        .map(|engine| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.drain(DrainLimits::default()).await })
        })
        .collect();
    for (number, drain) in drains.into_iter().enumerate() {
        if number == dying {
            // A crash: the future is dropped wherever it stands.
            tokio::time::sleep(Duration::from_millis(30)).await;
            drain.abort();
        } else {
            drain.await.unwrap().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_is_sent_once_whoever_dies_and_whatever_reply_is_lost() {
    for nested in [true, false] {
        let mut settings = Settings::unlimited();
        settings.assumptions.messages_nested = nested;
        let shop = Shop::with(Setup { settings, ..Setup::deaf() }).await;
        let mut engines = Vec::new();
        for _ in 0..PROCESSES {
            engines.push(shop.another_engine(telling).await);
        }
        let quietly = UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() };
        for number in 0..ORDERS {
            let order = order(&format!("{number}"));
            shop.engine.create_order(&order, quietly).await.unwrap();
        }
        round(&engines, PROCESSES).await;
        shop.ghl.set_faults(FaultPlan {
            seed: 7,
            method: "POST".to_owned(),
            reset_after: 0.2,
            reset_before: 0.1,
            server_error: 0.1,
            ..FaultPlan::default()
        });
        for (number, status) in STATUSES.into_iter().enumerate() {
            for order in 0..ORDERS {
                shop.change(&format!("{order}"), status, quietly).await.unwrap();
            }
            round(&engines, number).await;
        }
        let open = async || {
            let rows =
                shop.engine.deliveries(DeliveryFilter { limit: 1_000, ..Default::default() }).await.unwrap();
            assert!(rows.iter().all(|row| row.state != DeliveryState::Dead), "{rows:?}");
            let done = rows.iter().filter(|row| row.state == DeliveryState::Done).count();
            done < ORDERS * (1 + STATUSES.len()) * 2
        };
        for number in 0..40 {
            if !open().await {
                break;
            }
            // Leases end, and what failed is due again.
            shop.let_pass(Duration::from_secs(300)).await;
            shop.db
                .execute(
                    "UPDATE ghlkit_deliveries SET due_at = due_at - 300000, sent_at = sent_at - 300000, \
                     first_failed_at = first_failed_at - 300000 WHERE state IN ('waiting', 'leased')",
                )
                .await;
            round(&engines, if number < 4 { number % PROCESSES } else { PROCESSES }).await;
        }
        assert!(!open().await, "{:?}", shop.engine.deliveries(DeliveryFilter::default()).await.unwrap());
        let sent = sent(&shop);
        let twice: Vec<_> = sent.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert_eq!(sent.len(), ORDERS * (1 + STATUSES.len()) * 2);
    }
}

#[tokio::test]
async fn a_customer_who_wants_no_e_mail_gets_text_messages_alone() {
    let shop = Shop::with(Setup::deaf()).await;
    let placed = shop.place(&order("7")).await;
    shop.human(|ghl, now| ghl.set_do_not_disturb(now, &placed.contact, "Email"));
    let engine = shop.another_engine(telling).await;
    shop.change("7", "shipped", UpdateOptions::default()).await.unwrap();
    engine.drain(DrainLimits::default()).await.unwrap();
    let kinds: Vec<String> = sent(&shop).into_keys().map(|(_, kind, _)| kind).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| kind == "SMS"), "{kinds:?}");
}

#[tokio::test]
async fn an_installation_is_confirmed_moved_and_called_off_in_the_customers_words() {
    let calendar = mock_ghl::Ghl::new(Settings::unlimited()).calendar_mut(LOCATION_ID).unwrap().id.clone();
    let vars = vec![("GHL_INSTALLATION_CALENDAR_ID", calendar)];
    let shop = Shop::with(Setup { vars, ..Setup::deaf() }).await;
    let placed = shop.place(&order("7")).await;
    let engine = shop.another_engine(telling).await;
    let day = 24 * 3_600_000;
    // A Monday more than a week ahead: the epoch began on a Thursday.
    let ahead = shop.ghl.now() / day + 8;
    let at = |hour: i64| {
        let ms = (ahead + (4 - ahead).rem_euclid(7)) * day + hour * 3_600_000;
        ghlkit::install::rendered(ms, "UTC".parse().unwrap())
    };
    let (id, terms) = (OrderId::new("7"), InstallationTerms::default());
    engine.schedule_installation(None, &id, &at(8), &terms).await.unwrap();
    engine.reschedule_installation(None, &id, &at(10), &terms).await.unwrap();
    engine.cancel_installation(None, &id).await.unwrap();
    for _ in 0..3 {
        engine.drain(DrainLimits::default()).await.unwrap();
    }
    let rows = engine.deliveries(DeliveryFilter::default()).await.unwrap();
    let emails: Vec<String> = shop.ghl.with(|ghl| {
        let to = ghl.messages().iter().filter(|one| one.contact_id == placed.contact && one.kind == "Email");
        to.map(|one| one.body["subject"].as_str().unwrap().to_owned()).collect()
    });
    let of_installation: Vec<&String> =
        emails.iter().filter(|subject| subject.contains("nstallation")).collect();
    assert_eq!(of_installation.len(), 3, "{rows:?}");
    assert!(of_installation[0].starts_with("The installation of order #IS-7 on "), "{of_installation:?}");
    assert_eq!(of_installation[1], "New date for the installation of order #IS-7");
    assert_eq!(of_installation[2], "The installation of order #IS-7 is cancelled");
}
