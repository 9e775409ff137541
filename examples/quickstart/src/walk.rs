//! Walks orders through every status, from both sides.

use ghlkit::{
    ids::OrderId,
    order::{Order, Status, StatusModel, overall_progress},
    sync::{SyncState, UpdateOptions},
    webhook::sign,
};
use mock_ghl::{LOCATION_ID, Received};

use crate::{
    compare::differences,
    report::{Report, Row},
    shop::{Failure, Shop, at_rest},
};

/// The tags the known customer had before.
const FOREIGN_TAGS: [&str; 2] = ["newsletter", "vip"];

/// The customer who is in GHL before the order arrives.
const KNOWN_EMAIL: &str = "aino@example.com";

/// Puts one customer into GHL, with tags of the shop's own.
pub(crate) fn know_a_customer(shop: &Shop) -> Result<(), Failure> {
    let details = [("firstName", "Aino"), ("email", KNOWN_EMAIL), ("source", "trade fair")];
    let now = shop.ghl.now();
    shop.ghl.with(|ghl| ghl.seed_contact(now, LOCATION_ID, &details, &FOREIGN_TAGS))?;
    Ok(())
}

/// Takes an order in and walks it along the path: the shop and people in GHL take turns.
pub(crate) async fn walk(shop: &Shop, order: &Order, report: &mut Report) -> Result<(), Failure> {
    let model = &shop.engine.config().model;
    let created = shop.engine.create_order(order, UpdateOptions::default()).await?;
    let row = shop.when(&order.id, "contact and opportunity", at_rest).await?;
    let (contact, opportunity) = match (&row.contact, &row.opportunity) {
        (Some(contact), Some(opportunity)) => (contact.clone(), opportunity.clone()),
        _ => return Err(format!("#{}: {:?}, {:?}", order.number, created.state, created.error).into()),
    };
    let who = format!("{} {}", order.customer.first_name, order.customer.last_name);
    report.step(
        &order.number,
        progress(model, model.first()),
        format!("{who}: contact {contact}, opportunity {opportunity}"),
    );

    for (turn, status) in model.path().skip(1).enumerate() {
        let text = if turn % 2 == 0 {
            let options = UpdateOptions::default();
            let outcome = shop.engine.update_status(None, &order.id, status.as_str(), options).await?;
            if outcome.state == SyncState::Dead {
                return Err(format!("#{}: {:?}", order.number, outcome.error).into());
            }
            format!("shop → GHL   {}", model.label(status))
        } else {
            let key = model.stage_key(status).unwrap_or_default();
            let now = shop.ghl.now();
            shop.ghl.with(|ghl| ghl.move_stage(now, opportunity.as_str(), key))?;
            format!("GHL → shop   {}   (stage moved by a person, signed webhook)", model.label(status))
        };
        shop.when(&order.id, status.as_str(), |row| row.status == status.as_str() && at_rest(row)).await?;
        report.step(&order.number, progress(model, status), text);
    }
    Ok(())
}

/// Posts a webhook with a wrong signature. It must be refused and must change nothing.
pub(crate) async fn forge(shop: &Shop, order: &OrderId, report: &mut Report) -> Result<(), Failure> {
    let before = shop.engine.status(None, order).await?;
    let contact = before.contact.as_ref().map(ToString::to_string).unwrap_or_default();
    let body = format!(
        r#"{{"contactId":"{contact}","pipelineStage":"stage_new_order","customFields":[{{"id":"order_status","value":"order_placed"}}]}}"#
    );
    let response = reqwest::Client::new()
        .post(&shop.webhook_url)
        .header("content-type", "application/json")
        .header("x-ghl-signature", sign::hmac("not the secret", body.as_bytes()))
        .body(body)
        .send()
        .await?;
    let (status, answer) = (response.status().as_u16(), response.text().await?);
    let after = shop.engine.status(None, order).await?;
    if status != 401 || after != before {
        return Err(format!("a forged webhook was answered {status}: {answer}").into());
    }
    report.note(format!("forged webhook refused: {status} {answer}"));
    Ok(())
}

/// Compares each order with what GHL shows, and counts what GHL received for it.
pub(crate) async fn compare(shop: &Shop, orders: &[Order]) -> Result<(Vec<Row>, Vec<String>), Failure> {
    let model = &shop.engine.config().model;
    let (mut rows, mut differing) = (Vec::new(), Vec::new());
    for order in orders {
        let row = shop.when(&order.id, "rest", at_rest).await?;
        let known = order.customer.email.as_deref() == Some(KNOWN_EMAIL);
        let foreign: &[&str] = if known { &FOREIGN_TAGS } else { &[] };
        shop.ghl.with(|ghl| {
            differing.extend(differences(model, order, &row, ghl, foreign));
            let ids: Vec<String> = [
                row.contact.as_ref().map(ToString::to_string),
                row.opportunity.as_ref().map(ToString::to_string),
            ]
            .into_iter()
            .flatten()
            .collect();
            let own: Vec<&Received> = ghl.received().filter(|r| concerns(r, order, &ids)).collect();
            let stage = row.opportunity.as_ref().and_then(|id| ghl.opportunity(id.as_str()));
            let stage = stage.and_then(|opportunity| ghl.stage(&opportunity.stage_id));
            rows.push(Row {
                order: row.number.clone(),
                progress: model.status(&row.status).map_or(0, |status| progress(model, &status)),
                status: row.status.clone(),
                stage: stage.map(|stage| stage.name.clone()).unwrap_or_default(),
                calls: own.len(),
                retries: own.iter().filter(|r| r.fault.is_some() || r.status == 429).count(),
            });
        });
    }
    Ok((rows, differing))
}

/// Whether a request is about an order: it names its contact, its opportunity or its customer.
fn concerns(received: &Received, order: &Order, ids: &[String]) -> bool {
    let body = String::from_utf8_lossy(&received.body);
    let named = |text: &str| body.contains(text) || received.query.iter().any(|(_, value)| value == text);
    ids.iter().any(|id| received.path.contains(id.as_str()) || named(id))
        || order.customer.email.as_deref().is_some_and(named)
        || order.customer.phone.as_deref().is_some_and(named)
}

fn progress(model: &StatusModel, status: &Status) -> u8 {
    overall_progress(model, status, None, None)
}
