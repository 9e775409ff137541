//! Clients that share a location's limit, as processes with one database do.

use std::{collections::HashMap, sync::Mutex};

use futures::{FutureExt, future::join_all};

use super::*;
use crate::{
    client::{Priority, StoredShares},
    error::{Code, Delivery, Error, Result},
    policy::rate_limit::Limits,
    ports::{
        BoxFuture, Clock,
        store::{LimitRow, LimitStore},
    },
    testing::SeededEntropy,
};

const LIMITS: Limits = Limits { burst: 10, interval_ms: 10_000, daily: 200_000 };

struct Fleet {
    clock: ManualClock,
    transport: ScriptedTransport,
    store: Arc<dyn LimitStore>,
    location: LocationId,
}

impl Fleet {
    fn new() -> Self {
        Self::on(Arc::new(Kept::default()))
    }

    fn on(store: Arc<dyn LimitStore>) -> Self {
        let clock = ManualClock::new(START);
        let transport = ScriptedTransport::new(clock.clone());
        Self { clock, transport, store, location: LocationId::new("loc1") }
    }

    fn client(&self, seed: u64) -> Client {
        let tokens = StaticTokens::for_any(Secret::new(TOKEN));
        let (clock, entropy) = (Arc::new(self.clock.clone()), Arc::new(SeededEntropy::new(seed)));
        let shares = StoredShares::new(self.store.clone(), clock.clone(), entropy, "", LIMITS);
        ClientBuilder::new(Arc::new(self.transport.clone()), clock, Arc::new(NoJitter), Arc::new(tokens))
            .limits(LIMITS)
            .shares(Arc::new(shares))
            .build()
            .unwrap()
    }

    /// Drives the work, with the clients' upkeep beside it.
    fn drive<T>(&self, clients: &[&Client], work: impl Future<Output = T>) -> T {
        let upkeep = join_all(clients.iter().map(|client| client.keep_shares()));
        let both = async {
            match futures::future::select(std::pin::pin!(work), std::pin::pin!(upkeep)).await {
                futures::future::Either::Left((done, _)) => done,
                futures::future::Either::Right(_) => panic!("the clients are still there"),
            }
        };
        drive(&self.clock, both).expect("the work ends")
    }

    fn times(&self) -> Vec<i64> {
        self.transport.sent().iter().map(|sent| sent.at_ms - START).collect()
    }

    /// The most requests in any interval; both ends count.
    fn fullest(&self) -> usize {
        let times = self.times();
        let inside = |start: &i64| times.iter().filter(|at| (*start..=start + 10_000).contains(at)).count();
        times.iter().map(inside).max().unwrap_or(0)
    }
}

#[test]
fn clients_share_one_limit() {
    let fleet = Fleet::new();
    fleet.transport.otherwise(ok().after_ms(100));
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    let calls = (0..100).map(|n| if n % 2 == 0 { &one } else { &two }).map(|c| c.send(&fleet.location, &get));
    let done = fleet.drive(&[&one, &two], join_all(calls));
    assert!(done.iter().all(Result::is_ok));
    let times = fleet.times();
    assert_eq!((times.len(), fleet.fullest()), (100, 10));
    let last = *times.last().unwrap();
    assert!(last <= 10 * 10_100 + 3_000, "{last}: the limit is used");
}

#[test]
fn each_location_has_its_own_limit() {
    let fleet = Fleet::new();
    fleet.transport.otherwise(ok());
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    let (here, there) = (LocationId::new("loc1"), LocationId::new("loc2"));
    let calls = (0..10).flat_map(|_| [one.send(&here, &get), two.send(&there, &get)]);
    fleet.drive(&[&one, &two], join_all(calls));
    assert!(fleet.times().iter().all(|at| *at < 1_000), "{:?}", fleet.times());
}

#[test]
fn a_429_shuts_the_gate_for_every_client() {
    let fleet = Fleet::new();
    fleet.transport.then(ok()).then(ok()).then(Step::reply(429, "").header("retry-after", 5));
    fleet.transport.otherwise(ok().after_ms(50));
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    let done = fleet.drive(&[&one, &two], async {
        let first = (one.send(&fleet.location, &get).await, two.send(&fleet.location, &get).await);
        assert!(first.0.is_ok() && first.1.is_ok());
        let refused = one.send(&fleet.location, &get);
        let others = async {
            fleet.clock.sleep(Duration::from_millis(1_500)).await;
            join_all((0..3).map(|_| two.send(&fleet.location, &get))).await
        };
        futures::join!(refused, others)
    });
    assert!(done.0.is_ok() && done.1.iter().all(Result::is_ok));
    let times = fleet.times();
    // The refused one; at 5 s one probe alone; when it is answered, the others, each as soon as its client hears of it.
    assert_eq!((times.len(), times[2]), (7, 0));
    assert!((5_000..5_600).contains(&times[3]), "{times:?}");
    assert!(times[4..].iter().all(|at| (times[3] + 50..times[3] + 1_200).contains(at)), "{times:?}");
}

#[test]
fn learned_limits_are_learned_for_all() {
    let fleet = Fleet::new();
    fleet.transport.then(ok().header("x-ratelimit-max", 3).header("x-ratelimit-remaining", 2));
    fleet.transport.otherwise(ok());
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    fleet.drive(&[&one, &two], async {
        one.send(&fleet.location, &get).await.unwrap();
        fleet.clock.sleep(Duration::from_secs(2)).await;
        join_all((0..9).map(|_| two.send(&fleet.location, &get))).await
    });
    assert_eq!((fleet.times().len(), fleet.fullest()), (10, 3));
}

#[test]
fn what_a_client_has_no_use_for_is_given_back_within_seconds() {
    let fleet = Fleet::new();
    fleet.transport.otherwise(ok());
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    fleet.drive(&[&one, &two], async {
        join_all((0..10).map(|_| one.send(&fleet.location, &get))).await;
        fleet.clock.sleep(Duration::from_secs(3)).await;
        join_all((0..10).map(|_| two.send(&fleet.location, &get))).await
    });
    let times = fleet.times();
    assert!(times[19] < 10_001 + 600, "{times:?}: an interval after the first ones");
    assert_eq!(fleet.fullest(), 10);
}

#[test]
fn an_interactive_call_goes_first_also_where_all_is_held_elsewhere() {
    let fleet = Fleet::new();
    fleet.transport.otherwise(ok().after_ms(20));
    let (one, two, get) = (fleet.client(1), fleet.client(2), request(Method::Get));
    let bulk = CallOptions { priority: Priority::Bulk, ..CallOptions::default() };
    let late = fleet.drive(&[&one, &two], async {
        let many = join_all((0..60).map(|_| one.call(&fleet.location, &get, &bulk)));
        let one_of_two = async {
            fleet.clock.sleep(Duration::from_secs(1)).await;
            let deadline = CallOptions { deadline: seconds(30), ..CallOptions::default() };
            two.call(&fleet.location, &get, &deadline).await.result.unwrap();
            fleet.clock.now_ms() - START
        };
        match futures::future::select(std::pin::pin!(many), std::pin::pin!(one_of_two)).await {
            futures::future::Either::Right((at, _)) => at,
            futures::future::Either::Left(_) => panic!("bulk was done first"),
        }
    });
    assert!(late <= 21_000, "{late}: at the latest in the second interval");
    assert!(fleet.fullest() <= 10);
}

/// A store with one row for each location.
#[derive(Default)]
struct Kept(Mutex<HashMap<LocationId, LimitRow>>);

impl LimitStore for Kept {
    fn limit_row<'a>(
        &'a self,
        _: &'a str,
        location: &'a LocationId,
        now: i64,
    ) -> BoxFuture<'a, Result<(i64, Option<LimitRow>)>> {
        Box::pin(async move { Ok((now, self.0.lock().unwrap().get(location).cloned())) })
    }

    fn swap_limit<'a>(
        &'a self,
        _: &'a str,
        location: &'a LocationId,
        expected: Option<i64>,
        row: LimitRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let mut rows = self.0.lock().unwrap();
            let fits = rows.get(location).map(|kept| kept.version) == expected;
            if fits {
                rows.insert(location.clone(), row);
            }
            Ok(fits)
        })
    }
}

/// A store that is down, or that never answers.
struct Down {
    hangs: bool,
}

impl LimitStore for Down {
    fn limit_row<'a>(
        &'a self,
        _: &'a str,
        _: &'a LocationId,
        _: i64,
    ) -> BoxFuture<'a, Result<(i64, Option<LimitRow>)>> {
        let hangs = self.hangs;
        Box::pin(async move {
            if hangs { std::future::pending().await } else { Err(Error::new(Code::Store, "it is down")) }
        })
    }

    fn swap_limit<'a>(
        &'a self,
        _: &'a str,
        _: &'a LocationId,
        _: Option<i64>,
        _: LimitRow,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Err(Error::new(Code::Store, "it is down")) })
    }
}

#[test]
fn without_the_store_nothing_is_sent() {
    let get = request(Method::Get);
    let fleet = Fleet::on(Arc::new(Down { hangs: false }));
    let client = fleet.client(1);
    let error = fleet.drive(&[&client], client.send(&fleet.location, &get)).unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Code::Store, Delivery::NotSent));
    let fleet = Fleet::on(Arc::new(Down { hangs: true }));
    let client = fleet.client(1);
    let options = CallOptions { deadline: seconds(3), ..CallOptions::default() };
    let call = fleet.drive(&[&client], client.call(&fleet.location, &get, &options));
    assert_eq!(call.result.unwrap_err().code(), Code::RateLimited);
    assert_eq!((fleet.clock.now_ms() - START, fleet.times().len()), (3_000, 0));
}

#[test]
fn whoever_goes_away_while_claiming_leaves_it_to_the_next() {
    let fleet = Fleet::on(Arc::new(Down { hangs: true }));
    let (client, get) = (fleet.client(1), request(Method::Get));
    let mut first = Box::pin(client.send(&fleet.location, &get));
    assert!((&mut first).now_or_never().is_none(), "it is claiming");
    drop(first);
    let options = CallOptions { deadline: seconds(1), ..CallOptions::default() };
    let call = fleet.drive(&[&client], client.call(&fleet.location, &get, &options));
    assert_eq!(call.result.unwrap_err().code(), Code::RateLimited);
}

#[test]
fn a_row_that_cannot_be_read_ends_by_itself() {
    let fleet = Fleet::new();
    fleet.transport.otherwise(ok());
    let torn = LimitRow { version: 9, state: r#"{"of":"another version"}"#.to_owned() };
    drive(&fleet.clock, fleet.store.swap_limit("", &fleet.location, None, torn)).unwrap().unwrap();
    let client = fleet.client(1);
    fleet.drive(&[&client], client.send(&fleet.location, &request(Method::Get))).unwrap();
    // What others may have sent on it must be past.
    let [at] = fleet.times()[..] else { panic!("{:?}", fleet.times()) };
    assert!((25_000..26_000).contains(&at), "{at}");
}

#[test]
fn upkeep_ends_with_the_client() {
    let fleet = Fleet::new();
    let client = fleet.client(1);
    let upkeep = client.keep_shares();
    drop(client);
    drive(&fleet.clock, upkeep).expect("it ends");
}
