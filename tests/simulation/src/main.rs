//! Replays seeds: `cargo xtask simulate --orders 2 --seed 17`, or a range: `--seeds 0..500`.

use std::{env, ops::Range, process::ExitCode};

use simulation::simulate;

const USAGE: &str = "usage: simulate [--orders 1|2] [--seed N | --seeds A..B]";

struct Arguments {
    orders: usize,
    seeds: Range<u64>,
}

fn arguments() -> Option<Arguments> {
    let mut parsed = Arguments { orders: 1, seeds: 0..500 };
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--orders" => parsed.orders = value.parse().ok().filter(|n| (1..=4).contains(n))?,
            "--seed" => {
                let seed = value.parse().ok()?;
                parsed.seeds = seed..seed + 1;
            }
            "--seeds" => {
                let (from, to) = value.split_once("..")?;
                parsed.seeds = from.parse().ok()?..to.parse().ok()?;
            }
            _ => return None,
        }
    }
    Some(parsed)
}

fn main() -> ExitCode {
    let Some(Arguments { orders, seeds }) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let (mut failed, mut gaps, mut edits, mut requests) = (0_u64, 0, 0, 0);
    let total = seeds.end.saturating_sub(seeds.start);
    let traced = total == 1;
    for seed in seeds {
        let report = simulate(seed, orders);
        if traced {
            report.trace.iter().for_each(|line| println!("{line}"));
        }
        (gaps, edits, requests) = (gaps + report.gaps, edits + report.edits, requests + report.requests);
        if !report.violations.is_empty() {
            failed += 1;
            println!(
                "seed {seed} fails; replay it with: cargo xtask simulate --orders {orders} --seed {seed}"
            );
            for violation in &report.violations {
                println!("  {violation}");
            }
        }
    }
    println!(
        "{total} seeds of {orders} orders: {failed} failed; {edits} edits by people, {gaps} in a gap, {requests} requests"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
