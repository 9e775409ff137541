//! The demo against the real GHL: it says what it will write, and asks first.

use std::{
    io::{BufRead, IsTerminal, Write, stderr, stdin},
    time::{SystemTime, UNIX_EPOCH},
};

use ghlkit::{
    config::Config,
    ids::OrderId,
    native::{OpenOptions, open},
    order::Order,
    sync::{Engine, SyncState, UpdateOptions},
};

use crate::{
    args::Args,
    orders,
    report::{Report, Row},
    shop::Failure,
};

/// Creates the sample orders under a number of their own, takes them through every status from the shop's
/// side, and reads back what GHL shows.
pub(crate) async fn run(args: &Args, report: &mut Report) -> Result<(Vec<Row>, Vec<String>), Failure> {
    let mut config = Config::from_env()?;
    if let Some(url) = &args.database_url {
        config.database_url = ghlkit::secret::Secret::new(url.clone());
    }
    let rules = config.order_rules();
    let mut samples = orders::read(&rules).map_err(|error| error.to_string())?;
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    for order in &mut samples {
        order.number = format!("DEMO-{run}-{}", order.number);
        order.id = OrderId::parse(&order.number)?;
    }
    confirm(args, &config, &samples)?;
    let engine = open(config, OpenOptions::default()).await?;
    report.note(format!("provisioned: {:?}", engine.provision(None).await?));
    let worker = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    let (mut rows, mut differing) = (Vec::new(), Vec::new());
    for order in &samples {
        walk(&engine, order, report).await?;
        let (row, found) = check(&engine, order).await?;
        rows.push(row);
        differing.extend(found);
    }
    engine.stop();
    worker.await??;
    Ok((rows, differing))
}

fn confirm(args: &Args, config: &Config, samples: &[Order]) -> Result<(), Failure> {
    let location = config.location(None)?;
    let mut out = stderr();
    writeln!(out, "This writes to {}:", config.base_url)?;
    writeln!(out, "  location {}, pipeline {}", location.id, location.pipeline)?;
    writeln!(
        out,
        "  custom fields that are missing; and for each of these orders a contact and an opportunity:"
    )?;
    for order in samples {
        let by = order.customer.email.as_deref().or(order.customer.phone.as_deref()).unwrap_or_default();
        writeln!(out, "  {} for {by}", order.opportunity_name())?;
    }
    if args.yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err("nothing was written: there is nobody to ask; repeat with --yes".into());
    }
    write!(out, "Go on? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err("nothing was written".into()),
    }
}

async fn walk(engine: &Engine, order: &Order, report: &mut Report) -> Result<(), Failure> {
    let model = &engine.config().model;
    let mut outcome = engine.create_order(order, UpdateOptions::default()).await?;
    for status in model.path().skip(1) {
        report.step(&order.number, 0, format!("{:?} {}", outcome.state, outcome.job));
        if outcome.state == SyncState::Dead {
            return Err(format!("#{}: {:?}", order.number, outcome.error).into());
        }
        outcome = engine.update_status(None, &order.id, status.as_str(), UpdateOptions::default()).await?;
        report.step(&order.number, model.progress(status).unwrap_or(0), model.label(status).to_owned());
    }
    Ok(())
}

/// What GHL shows of an order, read back by id.
async fn check(engine: &Engine, order: &Order) -> Result<(Row, Vec<String>), Failure> {
    let location = engine.config().location(None)?.id.clone();
    let row = engine.status(None, &order.id).await?;
    let (Some(contact), Some(opportunity)) = (&row.contact, &row.opportunity) else {
        return Err(format!("#{}: it has no contact or no opportunity yet", row.number).into());
    };
    let client = engine.client();
    let shown = client.opportunities(&location).get(opportunity).await?;
    let tags = client.contacts(&location).get(contact).await?.tags;
    let mut found = Vec::new();
    let tag = format!("status_{}", row.status);
    if !tags.contains(&tag) {
        found.push(format!("#{}: the contact lacks the tag {tag}", row.number));
    }
    if shown.contact_id.as_ref() != Some(contact) {
        found.push(format!("#{}: the opportunity belongs to {:?}", row.number, shown.contact_id));
    }
    if row.pushed_version != row.version {
        found.push(format!("#{}: its last change is not pushed yet", row.number));
    }
    let model = &engine.config().model;
    let progress = model.status(&row.status).ok().and_then(|status| model.progress(&status)).unwrap_or(0);
    let stage = shown.stage_id.map(|stage| stage.to_string()).unwrap_or_default();
    Ok((Row { order: row.number, status: row.status, progress, stage, calls: 0, retries: 0 }, found))
}
