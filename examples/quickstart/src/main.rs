//! The demo: orders go to GoHighLevel and back, and both sides are compared.

mod args;
mod compare;
mod live;
mod orders;
mod receiver;
mod report;
mod shop;
mod walk;

use std::{env, process::ExitCode};

use crate::{
    args::{Args, USAGE},
    report::{Report, Row},
    shop::{Failure, Shop},
};

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::parse(env::args().skip(1)) {
        Ok(args) => args,
        Err(None) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(Some(complaint)) => {
            eprintln!("{complaint}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::new(args.json);
    let outcome =
        if args.live { live::run(&args, &mut report).await } else { demo(&args, &mut report).await };
    match outcome {
        Ok((rows, differing)) if report.finish(&rows, &differing) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("demo failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(args: &Args, report: &mut Report) -> Result<(Vec<Row>, Vec<String>), Failure> {
    let shop = Shop::open(args).await?;
    report.note(format!("stand-in for GHL at {}, {} calls in 10 s", shop.ghl.base_url(), args.limit));
    walk::know_a_customer(&shop)?;
    let rules = shop.engine.config().order_rules();
    let samples = orders::read(&rules).map_err(|error| error.to_string())?;
    for order in &samples {
        walk::walk(&shop, order, report).await?;
    }
    if let Some(order) = samples.first() {
        walk::forge(&shop, &order.id, report).await?;
    }
    let faults = shop.ghl.with(|ghl| ghl.received().filter(|r| r.fault.is_some()).count());
    report.note(format!("survived {faults} injected faults: one 500, one reply lost after GHL had acted"));
    shop.ghl.webhooks_settled().await;
    let compared = walk::compare(&shop, &samples).await?;
    shop.close().await?.stop().await;
    if faults != 2 {
        return Err(format!("expected 2 injected faults, saw {faults}").into());
    }
    Ok(compared)
}
