//! A shop that streams what happens to one of its orders: the other end of `sse_fanout`, in a process of its own.

use std::{fs, time::Duration};

use ghlkit::{ids::OrderId, sync::UpdateOptions};
use integration::{Setup, Shop, Streams, order};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

/// Lines in: `tell N` changes the order's status so often; `cpu` says the CPU time so far, in nanoseconds; `memory` the resident
/// bytes; `end` ends all streams. It says its port first.
pub(crate) async fn serve() {
    let shop = Box::pin(Shop::with(Setup::deaf())).await;
    shop.place(&order("b")).await;
    let streams = Streams::of(&shop.engine).await;
    println!("{}", streams.at.port());
    let mut lines = BufReader::new(stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["cpu"] => println!("{}", cpu_ns()),
            ["memory"] => println!("{}", resident()),
            ["end"] => {
                shop.engine.stop();
                shop.engine.resume();
                println!("ended");
            }
            ["tell", times] => {
                for n in 0..times.parse::<usize>().unwrap() {
                    let status = if n % 2 == 0 { "processing" } else { "order_placed" };
                    let options = UpdateOptions { allow_backward: true, wait_ms: Some(0) };
                    shop.engine.update_status(None, &OrderId::new("b"), status, options).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                println!("told");
            }
            _ => panic!("{line}"),
        }
    }
}

/// User and system time, whose ticks are a hundredth of a second.
pub(crate) fn cpu_ns() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    ticks * 10_000_000
}

fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
