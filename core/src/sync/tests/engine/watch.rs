//! Streams of what happens to orders: nothing missing, nothing twice.

use futures::future::{Either, select};
use std::pin::pin;

use super::host::*;
use crate::{
    error::Code,
    ports::Clock,
    sync::{Engine, UpdateOptions, Watch, WatchOptions},
};

fn watching(order: Option<&str>, last_event_id: Option<&str>) -> WatchOptions {
    WatchOptions { order: order.map(id), location: None, last_event_id: last_event_id.map(str::to_owned) }
}

impl Host {
    /// Beside the one reader of the log.
    fn beside<T>(&self, engine: &Engine, future: impl Future<Output = T>) -> T {
        self.run(async {
            match select(pin!(future), pin!(engine.keep_watch())).await {
                Either::Left((output, _)) => output,
                Either::Right(_) => panic!("the reader ended"),
            }
        })
    }

    fn watch(&self, options: WatchOptions) -> Watch {
        self.beside(&self.engine, self.engine.watch(options)).unwrap()
    }

    fn next(&self, watch: &mut Watch) -> Option<String> {
        self.beside(&self.engine, watch.next())
    }

    fn change(&self, number: &str, status: &str) {
        self.run(self.engine.update_status(None, &id(number), status, WAIT_NOT)).unwrap();
    }
}

/// The statuses that frames tell of, and the last id.
fn told(text: &str) -> (Vec<String>, String) {
    let statuses = text.lines().filter_map(|line| line.strip_prefix("data: ")).map(|data| {
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let current = if data["current"] == true { "now " } else { "" };
        format!("{current}{} {}", data["status"].as_str().unwrap(), data["progress"])
    });
    let last = text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back();
    (statuses.collect(), last.unwrap_or_default().to_owned())
}

#[test]
fn an_order_is_told_as_it_is_and_then_as_it_changes() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    let first = host.next(&mut watch).unwrap();
    assert!(first.starts_with("retry: "), "{first}");
    assert_eq!(told(&first).0, ["now order_placed 10"]);
    host.change("A-1", "processing");
    let text = host.next(&mut watch).unwrap();
    let row = host.events().pop().unwrap();
    assert_eq!(told(&text), (vec!["processing 25".to_owned()], row.position.to_string()));
    assert!(text.ends_with("}\n\n") && !text.contains("\"by\""), "{text}");
    for status in ["manufacturing", "quality_check"] {
        host.change("A-1", status);
    }
    let mut statuses = Vec::new();
    while statuses.len() < 2 {
        statuses.extend(told(&host.next(&mut watch).unwrap()).0);
    }
    assert_eq!(statuses, ["manufacturing 50", "quality_check 65"]);
}

#[test]
fn what_follows_closely_on_what_many_were_told_is_told_together() {
    let host = Host::with_synced_order();
    let mut watches: Vec<Watch> = (0..50).map(|_| host.watch(watching(Some("A-1"), None))).collect();
    let change = async |status| host.engine.update_status(None, &id("A-1"), status, WAIT_NOT).await.unwrap();
    host.beside(&host.engine, async {
        for watch in &mut watches {
            watch.next().await;
        }
        let begin = host.clock.now_ms();
        change("processing").await;
        for watch in &mut watches {
            assert_eq!(told(&watch.next().await.unwrap()).0, ["processing 25"]);
        }
        assert_eq!(host.clock.now_ms(), begin, "what comes alone does not wait");
        for status in ["manufacturing", "quality_check"] {
            change(status).await;
        }
        for watch in &mut watches {
            assert_eq!(told(&watch.next().await.unwrap()).0, ["manufacturing 50", "quality_check 65"]);
        }
        assert_eq!(host.clock.now_ms(), begin + 10);
    });
}

#[test]
fn a_cut_stream_goes_on_where_it_was_in_any_process() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    host.change("A-1", "processing");
    let (_, last) = told(&host.next(&mut watch).unwrap());
    drop(watch);
    for status in ["manufacturing", "quality_check", "shipped"] {
        host.change("A-1", status);
    }
    let other = host.another();
    let options = watching(Some("A-1"), Some(&last));
    let mut watch = host.beside(&other, other.watch(options)).unwrap();
    let first = host.beside(&other, watch.next()).unwrap();
    assert_eq!(told(&first).0, [""; 0], "only how to come back");
    let rest = host.beside(&other, watch.next()).unwrap();
    let expected = ["manufacturing 50", "quality_check 65", "shipped 75"];
    assert_eq!(told(&rest).0, expected);
    // And once more: nothing of it comes again.
    let (_, last) = told(&rest);
    let mut again = host.watch(watching(Some("A-1"), Some(&last)));
    host.next(&mut again);
    host.change("A-1", "delivered");
    assert_eq!(told(&host.next(&mut again).unwrap()).0, ["delivered 85"]);
}

#[test]
fn an_id_that_is_not_of_this_log_is_ignored() {
    let host = Host::with_synced_order();
    for id in ["99999", "0.99999", "-1", "abc", "", "1\n2", &"9".repeat(5_000)] {
        let mut watch = host.watch(watching(Some("A-1"), Some(id)));
        assert_eq!(told(&host.next(&mut watch).unwrap()).0, ["now order_placed 10"], "{id}");
    }
}

#[test]
fn nobody_is_told_of_an_order_that_they_do_not_watch() {
    let host = Host::with_synced_order();
    host.run(host.engine.create_order(&order_of("B-2", "bea", "+358401234599"), WAIT_NOT)).unwrap();
    let mut ours = host.watch(watching(Some("A-1"), None));
    let mut all = host.watch(watching(None, None));
    host.next(&mut ours);
    assert_eq!(told(&host.next(&mut all).unwrap()).0, [""; 0]);
    host.change("B-2", "processing");
    host.change("A-1", "manufacturing");
    assert_eq!(told(&host.next(&mut ours).unwrap()).0, ["manufacturing 50"]);
    let mut both = Vec::new();
    while both.len() < 2 {
        both.extend(told(&host.next(&mut all).unwrap()).0);
    }
    assert_eq!(both, ["processing 25", "manufacturing 50"]);
    let unknown = host.beside(&host.engine, host.engine.watch(watching(Some("C-3"), None)));
    assert_eq!(unknown.unwrap_err().code(), Code::OrderNotFound);
}

#[test]
fn who_was_left_behind_reads_the_store_and_misses_nothing() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    // The reader is driven meanwhile, and keeps only the last.
    let back = UpdateOptions { allow_backward: true, ..WAIT_NOT };
    let mut expected = 0;
    for round in 0..1_300 {
        let status = if round % 2 == 0 { "processing" } else { "manufacturing" };
        host.beside(&host.engine, host.engine.update_status(None, &id("A-1"), status, back)).unwrap();
        expected += 1;
    }
    let mut seen = Vec::new();
    while seen.len() < expected {
        seen.extend(told(&host.next(&mut watch).unwrap()).0);
    }
    assert_eq!(seen.len(), expected);
    assert!(seen.chunks(2).all(|pair| pair[0] == "processing 25" && pair[1] == "manufacturing 50"));
}

#[test]
fn an_idle_stream_says_that_it_lives_and_ends_in_time() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    let began = host.clock.now_ms();
    let mut pings = 0;
    while let Some(text) = host.next(&mut watch) {
        assert_eq!(text, ": ping\n\n");
        pings += 1;
        assert_eq!(host.clock.now_ms() - began, pings * 15_000);
    }
    let lasted = host.clock.now_ms() - began;
    assert!((240_000..=300_000).contains(&lasted) && pings == lasted / 15_000, "{lasted} ms, {pings} pings");
}

#[test]
fn who_takes_too_long_is_let_go() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    host.clock.advance(60_001);
    assert_eq!(host.next(&mut watch), None);
}

#[test]
fn a_stop_ends_every_stream_and_a_fresh_one_works_after_it() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    host.engine.stop();
    assert_eq!(host.next(&mut watch), None);
    host.engine.resume();
    let mut watch = host.watch(watching(Some("A-1"), None));
    assert_eq!(told(&host.next(&mut watch).unwrap()).0, ["now order_placed 10"]);
}

#[test]
fn an_engine_that_ends_lets_no_stream_begin() {
    let host = Host::with_synced_order();
    let mut watch = host.watch(watching(Some("A-1"), None));
    host.next(&mut watch);
    host.engine.end_streams();
    assert_eq!(host.next(&mut watch), None);
    let refused = host.run(host.engine.watch(watching(Some("A-1"), None)));
    assert_eq!(refused.unwrap_err().code(), Code::Aborted);
    let later = host.engine.come_back_later();
    assert!(later.starts_with("retry: ") && later.ends_with("\n\n"), "{later}");
}

#[test]
fn a_reader_ends_with_its_engine() {
    let host = Host::with_synced_order();
    let other = host.another();
    let reader = other.keep_watch();
    let watch = host.beside(&other, other.watch(watching(Some("A-1"), None))).unwrap();
    drop((other, watch));
    host.run(reader);
}

#[test]
fn a_token_is_for_one_order() {
    let host = Host::with_synced_order();
    let issue = |order: &str| host.run(host.engine.order_token(None, &id(order), 60_000));
    let token = issue("A-1").unwrap();
    host.engine.check_order_token(None, &id("A-1"), &token).unwrap();
    let other = host.engine.check_order_token(None, &id("B-2"), &token);
    assert_eq!(other.unwrap_err().code(), Code::Unauthorized);
    assert_eq!(issue("B-2").unwrap_err().code(), Code::OrderNotFound);
}

#[test]
fn no_more_streams_are_open_than_are_allowed() {
    let host = Host::with_synced_order();
    let begin = || host.beside(&host.engine, host.engine.watch(watching(Some("A-1"), None)));
    let mut open: Vec<Watch> = (0..100).map(|_| begin().unwrap()).collect();
    assert_eq!(begin().unwrap_err().code(), Code::Busy);
    open.pop();
    open.push(begin().unwrap());
    assert_eq!(host.engine.core.hub.watchers(), 100, "one that is refused is not counted");
}
