//! `serve [LIMIT]`: a GHL that always answers with the same contact; with a limit, and as GHL counts, with 429 beyond it.
//! `ghlkit | reqwest | hyper URL`: for each number on a line of its input, makes so many calls, 64 at a time, and prints
//! the CPU time of one in nanoseconds.

mod clients;
mod server;

use std::{error::Error, io::stdin};

use cpu_time::ProcessTime;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Calls that are under way at a time.
const IN_FLIGHT: usize = 64;

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => server::serve(None).await,
        ["serve", limit] => server::serve(Some(limit.parse()?)).await,
        ["ghlkit", url] => measure(clients::Ghlkit::new(url)?).await,
        ["reqwest", url] => measure(clients::Reqwest::new(url)?).await,
        ["hyper", url] => measure(clients::Hyper::new(url)?).await,
        _ => Err("expected `serve [LIMIT]`, or `ghlkit`, `reqwest` or `hyper` and a URL".into()),
    }
}

async fn measure<C: clients::Calls>(client: C) -> Outcome<()> {
    for line in stdin().lines() {
        let rounds: usize = line?.trim().parse()?;
        let before = ProcessTime::now();
        let each = |_| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    client.call().await;
                }
            })
        };
        futures::future::try_join_all((0..IN_FLIGHT).map(each)).await?;
        println!("{}", before.elapsed().as_nanos() as f64 / (rounds * IN_FLIGHT) as f64);
    }
    Ok(())
}
