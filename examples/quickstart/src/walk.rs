//! Walks orders through every status, from both sides, with faults on the way.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use ghlkit::{
    ids::OpportunityId,
    order::{Order, Status, overall_progress},
    ports::store::OrderRow,
    sync::{DrainLimits, SyncState, UpdateOptions},
    webhook::sign,
};
use mock_ghl::{Fault, Received};

use crate::{
    compare::{Difference, differences, expected},
    known,
    report::{Outcome, Report, Row},
    shop::{Failure, Shop, at_rest, when},
    shown::{STAGE_NAME, in_stand_in},
};

/// Takes the orders in, all at once, and walks them along the path: the shop and people in GHL take turns.
pub(crate) async fn walk(shop: &Shop, orders: &[Order], report: &mut Report) -> Result<(), Failure> {
    let model = &shop.engine.config().model;
    let progress = |status| overall_progress(model, status, None, None);

    // Each opportunity is created and its reply is lost: creating it again would make two.
    shop.inject(orders.iter().map(|_| ("POST", "/opportunities/".to_owned(), Fault::ResetAfter)));
    for_each(orders, report, progress(model.first()), |order| create(shop, order)).await?;

    let mut opportunities = Vec::new();
    for order in orders {
        opportunities.push(opportunity(shop, order).await?);
    }
    // The first push of each order is answered 500.
    let paths = opportunities.iter().map(|id| format!("/opportunities/{id}"));
    shop.inject(paths.map(|path| ("PUT", path, Fault::Status(500))));

    for (turn, status) in model.path().skip(1).enumerate() {
        let percent = progress(status);
        if turn % 2 == 0 {
            let remark = if turn == 0 { "; answered 500 at first" } else { "" };
            for_each(orders, report, percent, |order| push(shop, order, status, remark)).await?;
        } else {
            for_each(orders, report, percent, |order| drag(shop, order, status)).await?;
        }
        if turn == 1 {
            // Genuine webhooks that are still under way are no part of what the forged ones do.
            shop.ghl.webhooks_settled().await;
            for order in orders {
                let answer = forge(shop, order).await?;
                report.step(&order.number, percent, format!("forged webhooks refused: {answer}"));
            }
        }
    }
    Ok(())
}

/// Does the same with all orders at once, and tells of them in their order.
async fn for_each<'a, F: Future<Output = Result<String, Failure>>>(
    orders: &'a [Order],
    report: &mut Report,
    percent: u8,
    step: impl Fn(&'a Order) -> F,
) -> Result<(), Failure> {
    let mut texts = stream::iter(orders.iter().map(step)).buffered(orders.len().max(1)).enumerate();
    while let Some((i, text)) = texts.next().await {
        let number = orders.get(i).map(|order| order.number.as_str()).unwrap_or_default();
        report.step(number, percent, text?);
    }
    Ok(())
}

async fn create(shop: &Shop, order: &Order) -> Result<String, Failure> {
    let created = shop.engine.create_order(order, UpdateOptions::default()).await?;
    if created.state == SyncState::Dead {
        return Err(format!("#{}: {:?}", order.number, created.error).into());
    }
    let row = when(&shop.engine, &order.id, "contact and opportunity", at_rest).await?;
    let (Some(contact), Some(opportunity)) = (&row.contact, &row.opportunity) else {
        return Err(format!("#{}: it is pushed, but its ids are not stored", row.number).into());
    };
    let name = format!("{} {}", order.customer.first_name, order.customer.last_name);
    Ok(format!("{name}: contact {contact}, opportunity {opportunity}; reply lost, found again"))
}

/// The shop changes the status.
async fn push(shop: &Shop, order: &Order, status: &Status, remark: &str) -> Result<String, Failure> {
    let options = UpdateOptions::default();
    let outcome = shop.engine.update_status(None, &order.id, status.as_str(), options).await?;
    if outcome.state == SyncState::Dead {
        return Err(format!("#{}: {:?}", order.number, outcome.error).into());
    }
    arrived(shop, order, status).await?;
    Ok(format!("shop → GHL  {}{remark}", shop.engine.config().model.label(status)))
}

/// Somebody drags the card to another stage; GHL's signed webhooks tell of it.
async fn drag(shop: &Shop, order: &Order, status: &Status) -> Result<String, Failure> {
    let model = &shop.engine.config().model;
    let id = opportunity(shop, order).await?;
    let stage = model.stage_key(status).ok_or_else(|| format!("{status} has no stage"))?;
    let now = shop.ghl.now();
    shop.ghl.with(|ghl| ghl.move_stage(now, id.as_str(), stage))?;
    arrived(shop, order, status).await?;
    Ok(format!("GHL → shop  {}", model.label(status)))
}

async fn arrived(shop: &Shop, order: &Order, status: &Status) -> Result<OrderRow, Failure> {
    let there = |row: &OrderRow| row.status == status.as_str() && at_rest(row);
    when(&shop.engine, &order.id, status.as_str(), there).await
}

async fn opportunity(shop: &Shop, order: &Order) -> Result<OpportunityId, Failure> {
    let row = shop.engine.status(None, &order.id).await?;
    row.opportunity.ok_or_else(|| format!("#{}: it has no opportunity", row.number).into())
}

/// Posts what would complete the order, under a wrong signature and under none. It is refused, and
/// nothing changes: not even a hint is kept.
async fn forge(shop: &Shop, order: &Order) -> Result<String, Failure> {
    shop.engine.drain(DrainLimits::default()).await?;
    let before = when(&shop.engine, &order.id, "rest", at_rest).await?;
    let contact = before.contact.as_ref().map(ToString::to_string).unwrap_or_default();
    let body = format!(
        r#"{{"contactId":"{contact}","pipelineStage":"stage_completed","customFields":[{{"id":"order_status","value":"completed"}}]}}"#
    );
    let mut told = String::new();
    for signature in [Some(sign::hmac("not the secret", body.as_bytes())), None] {
        let request = reqwest::Client::new().post(&shop.webhook_url).body(body.clone());
        let request = match signature {
            Some(signature) => request.header("x-ghl-signature", signature),
            None => request,
        };
        let response = request.send().await?;
        let (status, answer) = (response.status().as_u16(), response.text().await?);
        if status != 401 {
            return Err(format!("a forged webhook was answered {status}: {answer}").into());
        }
        told = format!("{status} {answer}");
    }
    shop.engine.drain(DrainLimits::default()).await?;
    if shop.engine.status(None, &order.id).await? != before {
        return Err(format!("#{}: a forged webhook changed it", order.number).into());
    }
    Ok(told)
}

/// Tells what the stand-in saw, and that every fault that was to happen did.
pub(crate) fn tell(shop: &Shop, orders: &[Order], report: &mut Report) -> Result<(), Failure> {
    let faults = |fault| shop.ghl.with(|ghl| ghl.received().filter(|r| r.fault == Some(fault)).count());
    let (failed, lost) = (faults(Fault::Status(500)), faults(Fault::ResetAfter));
    if failed != orders.len() || lost != orders.len() {
        return Err(format!("of {} faults of each kind there were {failed} and {lost}", orders.len()).into());
    }
    report.note(format!("survived {failed} answers 500 and {lost} replies lost after GHL had acted"));
    let (counters, most) = shop.ghl.with(|ghl| (ghl.counters(), ghl.max_in_window()));
    report.note(format!(
        "{} calls, at most {most} in any 10 s, {} refused as too many",
        counters.requests, counters.too_many
    ));
    let webhooks = shop.ghl.deliveries();
    let taken = webhooks.iter().filter(|delivery| delivery.status == Some(200)).count();
    report.note(format!("{} webhooks posted, {taken} taken", webhooks.len()));
    Ok(())
}

/// Compares each order with what GHL shows, and counts what GHL received for it.
pub(crate) async fn compare(shop: &Shop, orders: &[Order]) -> Result<Outcome, Failure> {
    let model = &shop.engine.config().model;
    let (mut outcome, mut contacts) = (Outcome::default(), BTreeSet::new());
    for order in orders {
        let row = when(&shop.engine, &order.id, "rest", at_rest).await?;
        let mut expected = expected(model, order, &row)?;
        known::keep(order, &mut expected);
        let shown = shop.ghl.with(|ghl| in_stand_in(ghl, &row));
        outcome.differences.extend(differences(&row.number, &expected, &shown));
        let (calls, retries) = shop.ghl.with(|ghl| {
            let own = || ghl.received().filter(|received| concerns(received, order, &row));
            (own().count(), own().filter(|r| r.fault.is_some() || r.status == 429).count())
        });
        outcome.rows.push(Row {
            order: row.number,
            progress: overall_progress(model, &model.status(&row.status)?, None, None),
            status: row.status,
            stage: shown.get(STAGE_NAME).cloned().unwrap_or_default(),
            calls: Some(calls),
            retries: Some(retries),
        });
        contacts.extend(row.contact);
    }
    let there = shop.ghl.with(|ghl| (ghl.contacts().count(), ghl.opportunities().count()));
    for (what, shop, ghl) in [("contacts", contacts.len(), there.0), ("opportunities", orders.len(), there.1)]
    {
        if shop != ghl {
            let (shop, ghl) = (shop.to_string(), ghl.to_string());
            outcome.differences.push(Difference { order: None, what: what.to_owned(), shop, ghl });
        }
    }
    Ok(outcome)
}

/// Whether a request is about an order: it names its contact, its opportunity or its customer.
fn concerns(received: &Received, order: &Order, row: &OrderRow) -> bool {
    let body = String::from_utf8_lossy(&received.body);
    let named = |text: &str| {
        received.path.contains(text)
            || body.contains(text)
            || received.query.iter().any(|(_, value)| value == text)
    };
    row.contact.as_ref().is_some_and(|id| named(id.as_str()))
        || row.opportunity.as_ref().is_some_and(|id| named(id.as_str()))
        || order.customer.email.as_deref().is_some_and(named)
        || order.customer.phone.as_deref().is_some_and(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{args::Args, compare::Values, orders};

    /// Each kind of value that is compared, tampered with on its own, is found; and nothing else is.
    #[tokio::test]
    async fn what_was_tampered_with_is_found() {
        let shop = Shop::open(&Args::parse([]).unwrap()).await.unwrap();
        known::seed(&shop.ghl).unwrap();
        let orders = orders::read(&shop.engine.config().order_rules()).unwrap();
        for order in &orders {
            shop.engine.create_order(order, UpdateOptions::default()).await.unwrap();
            when(&shop.engine, &order.id, "rest", at_rest).await.unwrap();
        }
        let told = compare(&shop, &orders).await.unwrap();
        assert_eq!(told.differences, []);
        assert!(told.rows.iter().all(|row| row.calls >= Some(2) && row.retries == Some(0)), "{told:?}");
        // The known customer: refused create, look, fields, tag, opportunity.
        assert_eq!(told.rows[1].calls, Some(5));

        // Nothing mends what is done from here on.
        shop.engine.stop();
        let row = shop.engine.status(None, &orders[1].id).await.unwrap();
        let (contact, opportunity) = (row.contact.unwrap(), row.opportunity.unwrap());
        let now = shop.ghl.now();
        shop.ghl.with(|ghl| {
            let contact = contact.as_str();
            ghl.set_contact_field(now, contact, "sauna_model", "another".into()).unwrap();
            ghl.set_contact_standard_field(now, contact, "source", "web").unwrap();
            ghl.set_contact_standard_field(now, contact, "phone", "").unwrap();
            ghl.remove_contact_tag(now, contact, "status_order_placed").unwrap();
            ghl.remove_contact_tag(now, contact, "vip").unwrap();
            ghl.move_stage(now, opportunity.as_str(), "Shipped").unwrap();
            ghl.set_opportunity_status(now, opportunity.as_str(), "lost").unwrap();
            ghl.seed_contact(now, mock_ghl::LOCATION_ID, &[("email", "double@example.com")], &[]).unwrap();
        });
        let found = compare(&shop, &orders).await.unwrap().differences;
        let seen: Values =
            found.iter().map(|d| (d.what.clone(), format!("{} / {}", d.shop, d.ghl))).collect();
        let wanted = [
            ("contact.otherTags", "newsletter, vip / newsletter"),
            ("contact.phone", "+358401234567 / "),
            ("contact.sauna_model", "Kelo log sauna 4 × 3 m / another"),
            ("contact.source", "trade fair / web"),
            ("contact.statusTags", "status_order_placed / "),
            ("contacts", "5 / 6"),
            ("opportunity.stage", "stage_new_order / stage_shipped"),
            ("opportunity.status", "open / lost"),
        ];
        let wanted: Values = wanted.map(|(what, how)| (what.to_owned(), how.to_owned())).into();
        assert_eq!(seen, wanted);
        assert!(found.iter().all(|d| d.order.as_deref().is_none_or(|order| order == "1042")), "{found:?}");
    }

    /// An opportunity that is gone is not taken for one that agrees.
    #[tokio::test]
    async fn what_is_gone_is_found() {
        let shop = Shop::open(&Args::parse([]).unwrap()).await.unwrap();
        let orders = orders::read(&shop.engine.config().order_rules()).unwrap();
        let order = &orders[..1];
        shop.engine.create_order(&order[0], UpdateOptions::default()).await.unwrap();
        let row = when(&shop.engine, &order[0].id, "rest", at_rest).await.unwrap();
        shop.engine.stop();
        let now = shop.ghl.now();
        shop.ghl.with(|ghl| ghl.delete_opportunity(now, row.opportunity.unwrap().as_str())).unwrap();
        let found = compare(&shop, order).await.unwrap().differences;
        let about: Vec<&str> = found.iter().map(|d| d.what.as_str()).collect();
        assert!(about.contains(&"opportunity.id") && about.contains(&"opportunities"), "{about:?}");
        assert!(about.iter().all(|what| what.starts_with("opportunit")), "{about:?}");
    }
}
