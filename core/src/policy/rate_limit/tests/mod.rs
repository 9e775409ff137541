mod fleet;

use proptest::prelude::*;

use super::{Limits, RateHeaders, Slot, Take, Window};

const LIMITS: Limits = Limits { burst: 5, interval_ms: 1000, daily: 200_000 };

fn slot(take: Take) -> Slot {
    match take {
        Take::Slot(slot) => slot,
        other => panic!("expected a slot, got {other:?}"),
    }
}

fn take(window: &mut Window, now: i64, count: usize) -> Vec<Slot> {
    (0..count).map(|_| slot(window.take(now, 300))).collect()
}

fn fill(window: &mut Window, now: i64) -> Vec<Slot> {
    take(window, now, LIMITS.burst as usize)
}

/// What becomes of a request, and when, counted from its start.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It arrives and is answered.
    Answered { arrives: i64, replies: i64 },
    /// It arrives by its timeout at the latest; no reply is seen. The caller gives up earlier or then.
    Lost { arrives: i64, dropped: i64 },
    /// It never leaves.
    Unsent,
}

const TIMEOUT: i64 = 3000;

/// A time within the span; often one of its ends, where limits are broken first.
fn within(span: i64) -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(span), 0..=span]
}

fn fate() -> impl Strategy<Value = Fate> {
    let answered = (0..TIMEOUT).prop_flat_map(|replies| {
        within(replies).prop_map(move |arrives| Fate::Answered { arrives, replies })
    });
    let lost =
        (within(TIMEOUT), within(TIMEOUT)).prop_map(|(arrives, dropped)| Fate::Lost { arrives, dropped });
    prop_oneof![6 => answered, 2 => lost, 1 => Just(Fate::Unsent)]
}

enum End {
    Answered(Slot),
    Lost(Slot),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Callers ask as fast as they may and at random times, replies take as long as they like: however the
    /// arrivals at GHL are cut into intervals, none holds more than the limit, and nobody is told to wait
    /// past the time a slot is free.
    #[test]
    fn no_interval_holds_more_than_the_limit(
        burst in 1_u32..8,
        asks in prop::collection::vec((prop_oneof![3 => Just(0_i64), 1 => 0_i64..2500], fate()), 1..120),
    ) {
        let limits = Limits { burst, ..LIMITS };
        let mut window = Window::new(limits);
        let (mut now, mut arrivals) = (0, Vec::new());
        let mut ends: Vec<(i64, End)> = Vec::new();
        for (pause, fate) in asks {
            now += pause;
            let taken = loop {
                ends.sort_by_key(|(at, _)| *at);
                while ends.first().is_some_and(|(at, _)| *at <= now) {
                    match ends.remove(0) {
                        (at, End::Answered(slot)) => window.answered(slot, at),
                        (_, End::Lost(slot)) => window.lost(slot),
                    }
                }
                match window.take(now, TIMEOUT) {
                    Take::Slot(slot) => break slot,
                    Take::Wait { until } => {
                        prop_assert!(until > now && until <= now + limits.interval_ms + 1);
                        // As the pipeline does: look again at `until`, or when something ended.
                        now = ends.first().map_or(until, |(at, _)| until.min(*at));
                    }
                    other => prop_assert!(false, "{:?}", other),
                }
            };
            match fate {
                Fate::Answered { arrives, replies } => {
                    arrivals.push(now + arrives);
                    ends.push((now + replies, End::Answered(taken)));
                }
                Fate::Lost { arrives, dropped } => {
                    arrivals.push(now + arrives);
                    ends.push((now + dropped, End::Lost(taken)));
                }
                Fate::Unsent => window.unsent(taken),
            }
        }
        // Brute force: the fullest interval begins at an arrival. Both ends count.
        for start in &arrivals {
            let inside = arrivals.iter().filter(|at| (*start..=start + limits.interval_ms).contains(at)).count();
            prop_assert!(inside <= burst as usize, "{} from {}", inside, start);
        }
    }

    #[test]
    fn nothing_in_the_headers_can_shut_a_window_for_ever(
        replies in prop::collection::vec(
            (prop::option::of(1_u32..300), prop::option::of(1_i64..60_000), prop::option::of(0_u32..300),
             prop::option::of(1_u32..300), prop::option::of(0_u32..300), prop::option::of(1_i64..86_400_000),
             any::<bool>()),
            1..30),
    ) {
        let mut window = Window::new(LIMITS);
        let mut now = 0;
        for (burst, interval_ms, remaining, daily, daily_remaining, daily_reset_ms, refused) in replies {
            let headers = RateHeaders { burst, interval_ms, remaining, daily, daily_remaining, daily_reset_ms };
            let before = now;
            let slot = loop {
                match window.take(now, 300) {
                    Take::Slot(slot) => break slot,
                    Take::Wait { until } | Take::Daily { until } | Take::Probing { until } => {
                        prop_assert!(until > now);
                        now = until;
                    }
                    Take::Claim => prop_assert!(false, "nothing is shared"),
                }
                prop_assert!(now - before <= 2 * 86_400_000, "waits for days");
            };
            window.answered(slot, now);
            window.correct(now, &headers);
            if refused {
                window.refused(now, now + 1000, &headers);
            }
        }
    }
}

#[test]
fn a_slot_is_free_an_interval_after_its_reply() {
    let mut window = Window::new(LIMITS);
    let slots = fill(&mut window, 0);
    assert_eq!(window.take(0, 300), Take::Wait { until: 1001 }, "the soonest it can be");
    window.answered(slots[0], 200);
    assert_eq!(window.take(200, 300), Take::Wait { until: 1201 });
    assert_eq!(window.take(1200, 300), Take::Wait { until: 1201 });
    slot(window.take(1201, 300));
}

#[test]
fn a_lost_slot_is_free_an_interval_after_its_timeout() {
    let mut window = Window::new(LIMITS);
    fill(&mut window, 0).into_iter().for_each(|slot| window.lost(slot));
    assert!(matches!(window.take(1300, 300), Take::Wait { .. }));
    slot(window.take(1301, 300));
}

#[test]
fn an_unsent_request_leaves_no_trace() {
    let mut window = Window::new(Limits { daily: 5, ..LIMITS });
    fill(&mut window, 0).into_iter().for_each(|slot| window.unsent(slot));
    assert_eq!(fill(&mut window, 0).len(), 5);
}

#[test]
fn the_place_in_the_queue_tells_the_earliest_time() {
    let mut window = Window::new(LIMITS);
    assert_eq!((window.free_at(0, 4), window.free_at(0, 5)), (0, 1001));
    let slots = fill(&mut window, 0);
    for (slot, at) in slots.into_iter().zip([100, 200, 300, 400, 500]) {
        window.answered(slot, at);
    }
    let times = [0, 1, 4, 5, 9].map(|ahead| window.free_at(500, ahead));
    assert_eq!(times, [1101, 1201, 1501, 2101, 2501]);
}

#[test]
fn a_smaller_or_larger_burst_is_taken_over() {
    let mut window = Window::new(LIMITS);
    let first = slot(window.take(0, 300));
    window.answered(first, 0);
    window.correct(0, &RateHeaders { burst: Some(2), ..RateHeaders::default() });
    slot(window.take(0, 300));
    assert!(matches!(window.take(0, 300), Take::Wait { .. }));
    window.correct(0, &RateHeaders { burst: Some(9), ..RateHeaders::default() });
    take(&mut window, 0, 7);
    assert!(matches!(window.take(0, 300), Take::Wait { .. }));
}

#[test]
fn what_others_use_is_not_ours() {
    let mut window = Window::new(LIMITS);
    let first = slot(window.take(0, 300));
    window.answered(first, 100);
    // We used one of five; GHL says one is left: others used three.
    window.correct(100, &RateHeaders { remaining: Some(1), ..RateHeaders::default() });
    slot(window.take(100, 300));
    assert_eq!(window.take(100, 300), Take::Wait { until: 1101 });
    // A higher remainder frees nothing: an older reply may come late.
    window.correct(100, &RateHeaders { remaining: Some(5), ..RateHeaders::default() });
    assert_eq!(window.take(100, 300), Take::Wait { until: 1101 });
    take(&mut window, 1101, 4);
}

#[test]
fn a_429_shuts_the_gate_and_one_probe_opens_it() {
    let mut window = Window::new(LIMITS);
    let (first, second) = (slot(window.take(0, 300)), slot(window.take(0, 300)));
    window.answered(first, 10);
    assert_eq!(window.refused(10, 5000, &RateHeaders::default()), 5000);
    assert_eq!(window.take(4999, 300), Take::Wait { until: 5000 });
    // A reply to an older request says nothing about now.
    window.answered(second, 20);
    assert_eq!(window.take(4999, 300), Take::Wait { until: 5000 });
    let probe = slot(window.take(5000, 300));
    assert_eq!(window.take(5000, 300), Take::Probing { until: 5300 });
    window.answered(probe, 5100);
    take(&mut window, 5100, 4);
}

#[test]
fn a_refused_probe_shuts_the_gate_again_and_a_lost_one_makes_room_for_the_next() {
    let mut window = Window::new(LIMITS);
    let shut = |window: &mut Window| window.refused(0, 1000, &RateHeaders::default());
    shut(&mut window);
    let probe = slot(window.take(1000, 300));
    window.answered(probe, 1100);
    window.refused(1100, 2100, &RateHeaders::default());
    assert_eq!(window.take(2099, 300), Take::Wait { until: 2100 });
    let probe = slot(window.take(2100, 300));
    window.lost(probe);
    let next = slot(window.take(2150, 300));
    assert_eq!(window.take(2150, 300), Take::Probing { until: 2450 });
    window.unsent(next);
    slot(window.take(2150, 300));
    // A probe of which nothing is ever heard does not hold the gate beyond its timeout.
    slot(window.take(2450, 300));
}

#[test]
fn the_longer_of_two_refusals_holds() {
    let mut window = Window::new(LIMITS);
    window.refused(0, 5000, &RateHeaders::default());
    assert_eq!(window.refused(0, 2000, &RateHeaders::default()), 5000);
    assert_eq!(window.take(2000, 300), Take::Wait { until: 5000 });
}

#[test]
fn a_day_holds_no_more_than_its_limit() {
    let mut window = Window::new(Limits { daily: 3, ..LIMITS });
    take(&mut window, 7, 3);
    assert_eq!(window.take(7, 300), Take::Daily { until: 7 + 86_400_000 });
    slot(window.take(7 + 86_400_000, 300));
}

#[test]
fn the_daily_headers_correct_the_day() {
    let daily = |remaining, reset| RateHeaders {
        daily: Some(1000),
        daily_remaining: Some(remaining),
        daily_reset_ms: reset,
        ..RateHeaders::default()
    };
    let mut window = Window::new(LIMITS);
    slot(window.take(0, 300));
    window.correct(0, &daily(1, Some(50_000)));
    slot(window.take(0, 300));
    assert_eq!(window.take(0, 300), Take::Daily { until: 50_000 });
    // More is left than we could have used since: GHL's day began anew before ours.
    window.correct(0, &daily(990, None));
    slot(window.take(0, 300));
}

#[test]
fn a_used_up_day_is_asked_again_by_one_probe_an_hour() {
    let mut window = Window::new(LIMITS);
    let headers = RateHeaders { daily_remaining: Some(0), ..RateHeaders::default() };
    let first = slot(window.take(0, 300));
    window.answered(first, 0);
    window.correct(0, &headers);
    let hour = 3_600_000;
    assert_eq!(window.refused(0, 1000, &headers), hour);
    assert_eq!(window.take(hour - 1, 300), Take::Daily { until: hour });
    slot(window.take(hour, 300));
    assert_eq!(window.take(hour, 300), Take::Probing { until: hour + 300 });
}

#[test]
fn limits_of_nothing_still_let_one_request_through_at_a_time() {
    let mut window = Window::new(Limits { burst: 0, interval_ms: -5, daily: 9 });
    let first = slot(window.take(0, -300));
    window.answered(first, 0);
    assert_eq!(window.take(0, 300), Take::Wait { until: 2 });
    slot(window.take(2, 300));
}
