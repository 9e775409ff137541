//! Schedules: each firing done once, whoever asks and whatever dies.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, future::join_all};
use serde_json::{Value, json};

use super::host::*;
use crate::{
    error::{Code, Error, Result},
    ports::{BoxFuture, Clock, store::StateStore},
    sync::{Engine, Firing, Planned, Schedule, ScheduledTask},
    testing::ManualClock,
};

const MINUTE: i64 = 60_000;

/// Notes when it was due, takes its time, and fails if it is to.
#[derive(Clone)]
struct Task {
    done: Arc<Mutex<Vec<i64>>>,
    clock: ManualClock,
    takes: Duration,
    fails: bool,
}

impl ScheduledTask for Task {
    fn run<'a>(&'a self, _engine: &'a Engine, firing: &'a Firing) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.clock.sleep(self.takes).await;
            self.done.lock().unwrap().push(firing.due_at);
            if self.fails { Err(Error::new(Code::Network, "no plant")) } else { Ok(()) }
        })
    }
}

fn task(host: &Host, takes: u64) -> Task {
    Task { done: Arc::default(), clock: host.clock.clone(), takes: Duration::from_secs(takes), fails: false }
}

fn hourly(task: &Task) -> [Planned; 1] {
    let schedule = Schedule::new("hourly", "0 * * * *", None).unwrap();
    [Planned { schedule, task: Arc::new(task.clone()) }]
}

/// What the store knows of the schedule.
fn known(host: &Host) -> Value {
    let row = host.run(host.store.state("schedule", "hourly")).unwrap().unwrap();
    serde_json::from_str(&row.state).unwrap()
}

/// A host whose schedule was seen, just before it is due.
fn before_the_hour(planned: &[Planned]) -> impl Fn(&Host) -> i64 {
    move |host: &Host| {
        let ticked = host.run(host.engine.tick(planned)).unwrap();
        assert!(ticked.fired.is_empty(), "a new schedule waits for its time");
        let next_at = known(host)["nextAt"].as_i64().unwrap();
        host.clock.advance(next_at - host.clock.now_ms());
        next_at
    }
}

#[test]
fn of_eight_processes_one_does_it_and_each_firing_is_done_once() {
    let host = Host::new();
    let task = task(&host, 5);
    let planned = hourly(&task);
    let first = before_the_hour(&planned)(&host);
    let engines: Vec<Engine> = (0..8).map(|_| host.another()).collect();
    for hour in 0..3 {
        let ticks = engines.iter().map(|engine| engine.tick(&planned).boxed_local());
        let fired: usize =
            host.run(join_all(ticks)).into_iter().map(|ticked| ticked.unwrap().fired.len()).sum();
        assert_eq!(fired, 1, "hour {hour}");
        host.clock.advance(60 * MINUTE - host.clock.now_ms().rem_euclid(60 * MINUTE));
    }
    assert_eq!(*task.done.lock().unwrap(), [first, first + 60 * MINUTE, first + 120 * MINUTE]);
}

#[test]
fn work_that_takes_longer_than_its_hold_is_kept() {
    let host = Host::new();
    let task = task(&host, 600);
    let planned = hourly(&task);
    before_the_hour(&planned)(&host);
    let other = host.another();
    let both = async {
        let first = host.engine.tick(&planned).boxed_local();
        let second = async {
            host.clock.sleep(Duration::from_secs(300)).await;
            other.tick(&planned).await
        };
        futures::join!(first, second)
    };
    let (first, second) = host.run(both);
    assert_eq!((first.unwrap().fired.len(), second.unwrap().fired.len()), (1, 0));
    assert_eq!(task.done.lock().unwrap().len(), 1);
}

#[test]
fn a_dead_processs_firing_is_done_by_another_within_a_minute() {
    let host = Host::new();
    let task = task(&host, 5);
    let planned = hourly(&task);
    let due = before_the_hour(&planned)(&host);
    // It dies while the work goes on.
    let dying = host.another();
    assert!(host.run(async { dying.tick(&planned).boxed_local().now_or_never().is_none() }));
    assert!(host.run(host.engine.tick(&planned)).unwrap().fired.is_empty(), "it is another's still");
    host.clock.advance(MINUTE);
    let ticked = host.run(host.engine.tick(&planned)).unwrap();
    assert_eq!(ticked.fired.iter().map(|firing| firing.due_at).collect::<Vec<_>>(), [due]);
    assert_eq!(*task.done.lock().unwrap(), [due]);
}

#[test]
fn a_failure_is_told_noted_and_waits_for_the_next_time() {
    let host = Host::new();
    let task = Task { fails: true, ..task(&host, 0) };
    let planned = hourly(&task);
    before_the_hour(&planned)(&host);
    let ticked = host.run(host.engine.tick(&planned)).unwrap();
    assert_eq!((ticked.fired.len(), ticked.failed[0].0.as_str()), (0, "hourly"));
    let known = known(&host);
    assert_eq!((&known["error"], &known["firing"]), (&json!("no plant"), &json!(null)));
    assert!(host.run(host.engine.tick(&planned)).unwrap().failed.is_empty());
}

#[test]
fn a_lost_firing_is_kept_and_ended_by_nobody_else() {
    let host = Host::new();
    let [Planned { schedule, .. }] = hourly(&task(&host, 0));
    host.run(host.engine.begin_firing(&schedule)).unwrap();
    host.clock.advance(60 * MINUTE);
    let lost = host.run(host.engine.begin_firing(&schedule)).unwrap().firing.unwrap();
    host.clock.advance(2 * MINUTE);
    let held = host.run(host.engine.begin_firing(&schedule)).unwrap().firing.unwrap();
    assert_eq!(
        host.run(host.engine.keep_firing(&lost.name, &lost.token)).unwrap_err().code(),
        Code::LeaseLost
    );
    assert_eq!(
        host.run(host.engine.end_firing(&lost.name, &lost.token, None)).unwrap_err().code(),
        Code::LeaseLost
    );
    host.run(host.engine.keep_firing(&held.name, &held.token)).unwrap();
    host.run(host.engine.end_firing(&held.name, &held.token, None)).unwrap();
    assert_eq!(
        host.run(host.engine.end_firing(&held.name, &held.token, None)).unwrap_err().code(),
        Code::LeaseLost,
        "once"
    );
}

#[test]
fn a_resident_loop_fires_by_the_clock_until_it_is_stopped() {
    let host = Host::new();
    let task = task(&host, 1);
    let planned = hourly(&task);
    let first = before_the_hour(&planned)(&host);
    let stopping = async {
        host.clock.sleep(Duration::from_secs(150 * 60 / 3)).await;
        host.engine.stop();
    };
    let (ended, ()) =
        host.run(async { futures::join!(host.engine.run_schedules(&planned).boxed_local(), stopping) });
    ended.unwrap();
    assert_eq!(*task.done.lock().unwrap(), [first]);
}
