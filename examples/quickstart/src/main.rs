//! The demo: orders go to GoHighLevel and back, and both sides are compared.

mod args;
mod compare;
mod known;
mod live;
mod orders;
mod receiver;
mod report;
mod shop;
mod shown;
mod walk;

use std::{env, process::ExitCode};

use crate::{
    args::{Args, USAGE},
    report::{Outcome, Report, say},
    shop::{Failure, Shop},
};

#[tokio::main]
async fn main() -> ExitCode {
    let args = match Args::parse(env::args_os().skip(1)) {
        Ok(args) => args,
        Err(None) => {
            say(USAGE);
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
    let ok = match outcome {
        Ok(outcome) => report.finish(&outcome),
        Err(failure) => report.fail(&failure.to_string()),
    };
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn demo(args: &Args, report: &mut Report) -> Result<Outcome, Failure> {
    let shop = Shop::open(args).await?;
    report.note(format!("stand-in for GHL at {}, {} calls in 10 s", shop.ghl.base_url(), args.limit));
    known::seed(&shop.ghl)?;
    let orders = orders::read(&shop.engine.config().order_rules())?;
    walk::walk(&shop, &orders, report).await?;
    shop.ghl.webhooks_settled().await;
    walk::tell(&shop, &orders, report)?;
    let outcome = walk::compare(&shop, &orders).await?;
    shop.close().await?.stop().await;
    Ok(outcome)
}
