//! The look at what GHL lists after a gap.

use std::{pin::pin, time::Duration};

use futures::future::{join, select};

use super::host::*;
use crate::{error::Code, ports::Clock, sync::realtime::Gap, testing::Step};

const WALK: [&str; 2] = ["GET /opportunities/search", "POST /contacts/search"];

/// GHL lists the order's card, which somebody moved.
fn lists_a_move() -> [Step; 2] {
    let card = shown("opp1", "shipped", "2027-01-15T08:30:00.000Z");
    let card = card.strip_prefix("{\"opportunity\":").unwrap().strip_suffix('}').unwrap();
    let cards = format!(r#"{{"opportunities":[{card}],"meta":{{"total":1}}}}"#);
    [Step::reply(200, cards), Step::reply(200, r#"{"contacts":[],"total":0}"#)]
}

/// The requests since this was last asked, without their queries.
fn paths(host: &Host) -> Vec<String> {
    host.requests().iter().map(|line| line.split('?').next().unwrap().to_owned()).collect()
}

#[test]
fn a_look_that_failed_is_none() {
    let host = Host::with_synced_order();
    let since = host.clock.now_ms();
    let look = || host.run(host.engine.core.reconcile_since(&here(), since));
    host.ghl([Step::reply(400, "{}")]);
    assert_eq!(look().unwrap_err().code(), Code::Validation);
    assert_eq!(paths(&host), WALK[..1]);

    host.ghl(lists_a_move());
    look().unwrap();
    assert_eq!(paths(&host), WALK);
    host.ghl([shows("shipped", "2027-01-15T08:30:00.000Z"), done(), done(), done()]);
    host.drain();
    assert_eq!(host.row("A-1").status, "shipped");
    host.requests();
    look().unwrap();
    assert_eq!(host.requests(), [""; 0], "all was seen");
}

#[test]
fn a_host_that_stops_asks_for_no_page() {
    let host = Host::with_synced_order();
    let since = host.clock.now_ms();
    host.engine.stop();
    let script = async {
        host.clock.sleep(Duration::from_secs(10)).await;
        assert_eq!(host.requests(), [""; 0]);
        host.ghl(lists_a_move());
        host.engine.resume();
    };
    let (looked, ()) = host.run(join(pin!(host.engine.core.reconcile_since(&here(), since)), pin!(script)));
    looked.unwrap();
    assert_eq!(paths(&host), WALK);
}

/// A server that cannot be stayed with: its connections come and go each second.
#[test]
fn many_gaps_are_mended_together_by_looks_that_leave_time_between_them() {
    let host = Host::with_synced_order();
    host.transport
        .otherwise(Step::reply(200, r#"{"opportunities":[],"contacts":[],"total":0}"#).after_ms(5_000));
    let (core, gap) = (&host.engine.core, Gap::default());
    let flaps = async {
        for _ in 0..600 {
            gap.open(host.clock.now_ms());
            host.clock.sleep(Duration::from_secs(1)).await;
        }
    };
    host.run(select(pin!(gap.mend(core, &core.config.locations[0])), pin!(flaps)));
    let walks = paths(&host).iter().filter(|path| **path == WALK[0]).count();
    // Each takes 10 s, and 90 s pass after it.
    assert!((5..=7).contains(&walks), "{walks} walks in ten minutes");
}
