//! The demo against the real GHL: it says what it will write, and asks first.

use std::{
    io::{BufRead, IsTerminal, Write, stderr, stdin},
    time::{SystemTime, UNIX_EPOCH},
};

use ghlkit::{
    config::{Config, DatabaseUrl},
    ids::OrderId,
    native::{OpenOptions, open},
    order::Order,
    sync::{Engine, SyncState, UpdateOptions},
};

use crate::{
    args::Args,
    compare::{STAGE, differences, expected},
    orders,
    report::{Outcome, Report, Row},
    shop::{Database, Failure, at_rest, when},
    shown::{Reader, STAGE_NAME},
};

/// Creates the sample orders under numbers of their own, takes them through every status from the shop's
/// side, and reads back what GHL shows.
pub(crate) async fn run(args: &Args, report: &mut Report) -> Result<Outcome, Failure> {
    let mut config = Config::from_env()?;
    let mut orders = orders::read(&config.order_rules())?;
    disguise(&mut orders, SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    // The shop's own database stays out of it: its waiting jobs are not the demo's to do.
    let database = Database::open(args)?;
    config.database_url = DatabaseUrl::new(database.url.clone());
    confirm(args, &config, &orders)?;
    let engine = open(config, OpenOptions::default()).await?;
    database.check_new(&engine).await?;
    write(&engine, &orders, report).await
}

/// Gives the orders numbers that nobody else uses, and customers whom no workflow can reach: example.com
/// takes no mail, and the sample numbers might be somebody's.
fn disguise(orders: &mut [Order], run: u64) -> ghlkit::Result<()> {
    for order in orders {
        order.number = format!("DEMO-{run}-{}", order.number);
        order.id = OrderId::parse(&order.number)?;
        order.customer.email = Some(format!("{}@example.com", order.number.to_lowercase()));
        order.customer.phone = None;
    }
    Ok(())
}

fn confirm(args: &Args, config: &Config, orders: &[Order]) -> Result<(), Failure> {
    let mut out = stderr();
    writeln!(out, "{}", announcement(config, orders)?)?;
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
    if agreed(&answer) { Ok(()) } else { Err("nothing was written".into()) }
}

fn agreed(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

/// Everything that will be written.
fn announcement(config: &Config, orders: &[Order]) -> ghlkit::Result<String> {
    let location = config.location(None)?;
    let mut lines = vec![
        format!("This writes to {}, location {}:", config.base_url, location.id),
        "  - custom fields, where they are missing. Of contacts: order_number, order_total, sauna_model,"
            .to_owned(),
        "    order_status, last_updated, progress_percentage, manufacturing_progress; of opportunities:"
            .to_owned(),
        "    stripe_payment_id, delivery_address".to_owned(),
        "  - one new contact for each of these orders, with name, address and the fields above, and one"
            .to_owned(),
        format!("    opportunity in pipeline {}:", location.pipeline),
    ];
    for order in orders {
        let email = order.customer.email.as_deref().unwrap_or_default();
        let Order { total, product, .. } = order;
        let (amount, currency) = (total.to_decimal(), total.currency());
        lines.push(format!(
            "      {}, {amount} {currency}, {}, {email}",
            order.opportunity_name(),
            product.name
        ));
    }
    let path: Vec<&str> = config.model.path().map(|status| status.as_str()).collect();
    lines.extend([
        format!("  - for each of them, one after the other, {}:", path.join(", ")),
        "    the stage, the fields, and the tag status_… in place of the one before".to_owned(),
        "Workflows of the location that wait for such changes will run. Nothing is deleted: to tidy up,"
            .to_owned(),
        "delete these contacts, and their opportunities with them.".to_owned(),
    ]);
    Ok(lines.join("\n"))
}

async fn write(engine: &Engine, orders: &[Order], report: &mut Report) -> Result<Outcome, Failure> {
    let provisioned = engine.provision(None, Default::default()).await?;
    report.note(format!("custom fields created: {}", list(&provisioned.created_fields)));
    report.note(format!("statuses without a stage: {}", list(&provisioned.unmapped_statuses)));
    let worker = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run().await }
    });
    for order in orders {
        walk(engine, order, report).await?;
    }
    let outcome = compare(engine, orders).await?;
    engine.stop();
    worker.await??;
    Ok(outcome)
}

fn list(names: &[impl ToString]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

async fn walk(engine: &Engine, order: &Order, report: &mut Report) -> Result<(), Failure> {
    let (model, options) = (&engine.config().model, UpdateOptions::default());
    for status in model.path() {
        let outcome = if status == model.first() {
            engine.create_order(order, options).await?
        } else {
            engine.update_status(None, &order.id, status.as_str(), options).await?
        };
        if outcome.state == SyncState::Dead {
            let why = outcome.error.map(|error| error.to_string()).unwrap_or_default();
            return Err(format!("#{}: GHL refused {status}: {why}", order.number).into());
        }
        let text = format!("{}: {}", model.label(status), outcome.state.as_str());
        report.step(&order.number, model.progress(status).unwrap_or(0), text);
    }
    Ok(())
}

/// Compares each order with what GHL shows of it, read back by id.
async fn compare(engine: &Engine, orders: &[Order]) -> Result<Outcome, Failure> {
    let (model, reader) = (&engine.config().model, Reader::new(engine).await?);
    let mut outcome = Outcome::default();
    for order in orders {
        let row = when(engine, &order.id, "rest", at_rest).await?;
        let status = model.status(&row.status)?;
        let mut expected = expected(model, order, &row)?;
        if reader.stages.stage_of(&status).is_none() {
            // The pipeline has no such stage, so the opportunity stays where it is.
            expected.remove(STAGE);
        }
        let shown = reader.read(&row).await?;
        outcome.differences.extend(differences(&row.number, &expected, &shown));
        outcome.rows.push(Row {
            order: row.number,
            status: row.status,
            progress: model.progress(&status).unwrap_or(0),
            stage: shown.get(STAGE_NAME).cloned().unwrap_or_default(),
            calls: None,
            retries: None,
        });
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use mock_ghl::{MockGhl, Settings};

    use super::*;
    use crate::shop::config;

    /// Against the stand-in in the real GHL's place.
    #[tokio::test]
    async fn it_writes_only_what_it_said_and_finds_what_was_tampered_with() {
        let ghl = MockGhl::start(Settings::unlimited()).await.unwrap();
        let database = Database::open(&Args::parse([]).unwrap()).unwrap();
        let config = config(&ghl, &database.url).unwrap();
        let mut orders = orders::read(&config.order_rules()).unwrap();
        orders.truncate(2);
        disguise(&mut orders, 7).unwrap();
        let said = announcement(&config, &orders).unwrap();

        let engine = open(config, OpenOptions::default()).await.unwrap();
        let told = write(&engine, &orders, &mut Report::new(true)).await.unwrap();
        assert_eq!(told.differences, []);
        assert!(told.rows.iter().all(|row| row.status == "completed" && row.stage == "Completed"));
        assert!(told.rows.iter().all(|row| row.calls.is_none()), "they are not counted, so none are told");

        ghl.with(|ghl| {
            assert_eq!((ghl.contacts().count(), ghl.opportunities().count()), (2, 2));
            for contact in ghl.contacts() {
                assert!(said.contains(contact.text("email").unwrap()), "{said}");
                assert_eq!(contact.text("phone"), None, "a sample number may be somebody's");
            }
            for opportunity in ghl.opportunities() {
                assert!(opportunity.name.starts_with("Order #DEMO-7-10"), "{}", opportunity.name);
                assert!(said.contains(&opportunity.name), "{said}");
            }
        });

        let id = engine.status(None, &orders[1].id).await.unwrap().opportunity.unwrap();
        ghl.with(|standin| standin.move_stage(ghl.now(), id.as_str(), "Shipped")).unwrap();
        let found = compare(&engine, &orders).await.unwrap().differences;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].what.as_str(), found[0].ghl.as_str()), (STAGE, "stage_shipped"));
        assert_eq!(found[0].order.as_deref(), Some("DEMO-7-1042"));
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in ["y\n", "Y", " yes \r\n"] {
            assert!(agreed(yes), "{yes:?}");
        }
        for no in ["", "\n", "n", "no", "yn", "ja"] {
            assert!(!agreed(no), "{no:?}");
        }
    }
}
