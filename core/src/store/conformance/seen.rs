use crate::ports::store::{Claim, SeenKey};

use super::*;

requirements![for dyn super::SeenStore:
    a_webhook_is_claimed_once,
    of_many_who_ask_at_once_one_claims,
    what_was_handled_is_remembered_until_its_time,
    a_claim_that_was_given_up_or_has_ended_can_be_made_again,
    a_claim_is_given_up_only_by_who_made_it,
    what_took_longer_than_its_claim_is_remembered_all_the_same,
    receivers_and_events_are_apart,
    what_has_ended_is_forgotten_in_time,
];

type Seen = Arc<dyn SeenStore>;

fn key(event: &str) -> SeenKey<'_> {
    SeenKey { receiver: "shop", event }
}

async fn claim(store: &Seen, event: &str, now: i64) -> Claim {
    store.claim(key(event), now, now + LEASE_MS).await.unwrap()
}

async fn a_webhook_is_claimed_once(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    assert_eq!(claim(&store, "a", NOW).await, Claim::Busy);
    assert_eq!(claim(&store, "a", NOW + LEASE_MS - 1).await, Claim::Busy);
}

async fn of_many_who_ask_at_once_one_claims(store: Seen) {
    for event in ["a", "b"] {
        let claims = futures::future::join_all((0..8).map(|_| claim(&store, event, NOW))).await;
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1, "{claims:?}");
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::Busy).count(), 7, "{claims:?}");
    }
}

async fn what_was_handled_is_remembered_until_its_time(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    store.remember(key("a"), NOW, NOW + 100_000).await.unwrap();
    for now in [NOW, NOW + LEASE_MS, NOW + 99_999] {
        assert_eq!(claim(&store, "a", now).await, Claim::Seen);
    }
    assert_eq!(claim(&store, "a", NOW + 100_000).await, Claim::New);
}

async fn a_claim_that_was_given_up_or_has_ended_can_be_made_again(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    store.release(key("a"), NOW + LEASE_MS).await.unwrap();
    assert_eq!(claim(&store, "a", NOW + 1).await, Claim::New);
    assert_eq!(claim(&store, "a", NOW + 1 + LEASE_MS).await, Claim::New);
    assert_eq!(claim(&store, "a", NOW + 2 + LEASE_MS).await, Claim::Busy);
}

async fn a_claim_is_given_up_only_by_who_made_it(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    assert_eq!(claim(&store, "a", NOW + LEASE_MS).await, Claim::New);
    store.release(key("a"), NOW + LEASE_MS).await.unwrap();
    assert_eq!(claim(&store, "a", NOW + LEASE_MS + 1).await, Claim::Busy, "it has passed to another");
    store.remember(key("a"), NOW, NOW + 2 * LEASE_MS).await.unwrap();
    store.release(key("a"), NOW + 2 * LEASE_MS).await.unwrap();
    assert_eq!(claim(&store, "a", NOW + LEASE_MS + 2).await, Claim::Seen, "it was handled");
    store.release(key("never"), NOW).await.unwrap();
}

async fn what_took_longer_than_its_claim_is_remembered_all_the_same(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    assert_eq!(claim(&store, "b", NOW).await, Claim::New);
    // Meanwhile another event's end makes the store forget what has ended.
    let late = NOW + 2 * LEASE_MS;
    store.remember(key("b"), late, late + 1_000).await.unwrap();
    store.remember(key("a"), late, late + 1_000).await.unwrap();
    assert_eq!(claim(&store, "a", late + 1).await, Claim::Seen);
}

async fn receivers_and_events_are_apart(store: Seen) {
    assert_eq!(claim(&store, "a", NOW).await, Claim::New);
    for other in
        [SeenKey { receiver: "Shop", event: "a" }, key("A"), key("a "), SeenKey { receiver: "", event: "" }]
    {
        assert_eq!(store.claim(other, NOW, NOW + 1).await.unwrap(), Claim::New, "{other:?}");
    }
}

async fn what_has_ended_is_forgotten_in_time(store: Seen) {
    // More is forgotten than comes anew, so that what piled up goes away.
    for event in 0..20 {
        assert_eq!(claim(&store, &format!("old {event}"), NOW).await, Claim::New);
    }
    let late = NOW + LEASE_MS;
    for event in 0..20 {
        store.remember(key(&format!("new {event}")), late, late + LEASE_MS).await.unwrap();
    }
    for event in 0..20 {
        store.remember(key(&format!("old {event}")), late, late).await.unwrap();
        assert_eq!(claim(&store, &format!("new {event}"), late).await, Claim::Seen);
    }
}
