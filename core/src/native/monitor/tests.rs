use std::sync::{Arc, Mutex};

use futures::{executor::block_on, future::join};
use serde_json::{Value, json};
use tracing::{Instrument as _, info_span};
use tracing_subscriber::{layer::SubscriberExt as _, registry};

use super::layer;
use crate::observation::Observation;

/// What was told while `work` was done, without times.
fn told(work: impl FnOnce()) -> Vec<Value> {
    let told: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&told);
    let monitor = move |observation: &Observation<'_>| {
        let mut json = serde_json::to_value(observation).unwrap();
        assert!(json["atMs"].take().as_f64().unwrap() > 1.7e12);
        kept.lock().unwrap().push(json);
    };
    tracing::subscriber::with_default(registry().with(layer(monitor)), work);
    told.lock().unwrap().clone()
}

/// The messages of what led to something.
fn led_to(observation: &Value) -> Vec<&str> {
    let crumbs = observation["breadcrumbs"].as_array().unwrap();
    crumbs.iter().map(|crumb| crumb["message"].as_str().unwrap()).collect()
}

#[test]
fn two_monitors_are_told_the_same() {
    let told: [Arc<Mutex<Vec<String>>>; 2] = Default::default();
    let monitor = |at: usize| {
        let told = Arc::clone(&told[at]);
        move |observation: &Observation<'_>| {
            let Value::Object(mut seen) = serde_json::to_value(observation).unwrap() else { panic!() };
            // Each numbers for itself.
            for name in ["atMs", "span", "parent"] {
                seen.remove(name);
            }
            told.lock().unwrap().push(Value::Object(seen).to_string());
        }
    };
    tracing::subscriber::with_default(registry().with(layer(monitor(0))).with(layer(monitor(1))), || {
        let outer = info_span!("sync_order", ghlkit.order = "7");
        let _in_it = outer.enter();
        info_span!("call", http.route = "/x").in_scope(|| tracing::warn!(code = "server", "try failed"));
    });
    let [one, two] = told.map(|told| told.lock().unwrap().clone());
    assert_eq!((one.len(), &one), (5, &two));
}

#[test]
fn spans_and_events_are_told_as_they_happen() {
    let told = told(|| {
        let outer = info_span!("sync_order", ghlkit.order = "7", ghlkit.outcome = tracing::field::Empty);
        let inner = outer.in_scope(|| {
            let inner = info_span!("call", otel.name = %"GET /x", otel.kind = "client", http.route = "/x");
            inner.in_scope(|| tracing::debug!(attempt = 2, code = "server", "try failed"));
            inner
        });
        drop(inner);
        outer.record("ghlkit.outcome", "done");
    });
    let number = |at: usize| told[at]["span"].as_u64().unwrap();
    let (outer, inner) = (number(0), number(1));
    assert_eq!(
        told,
        [
            json!({ "type": "start", "span": outer, "name": "sync_order", "atMs": null, "fields": { "ghlkit.order": "7" } }),
            json!({
                "type": "start", "span": inner, "parent": outer, "name": "GET /x", "atMs": null,
                "fields": { "http.route": "/x" },
            }),
            json!({
                "type": "event", "span": inner, "level": "debug", "message": "try failed", "atMs": null, "breadcrumbs": [],
                "fields": { "error.type": "server", "ghlkit.order": "7", "ghlkit.try": 2, "http.route": "/x" },
            }),
            json!({ "type": "end", "span": inner, "name": "GET /x", "atMs": null, "fields": { "http.route": "/x" } }),
            json!({
                "type": "end", "span": outer, "name": "sync_order", "atMs": null,
                "fields": { "ghlkit.order": "7", "ghlkit.outcome": "done" },
            }),
        ]
    );
}

#[test]
fn what_is_not_known_to_be_harmless_and_what_is_not_ours_stays_inside() {
    let told = told(|| {
        let _other = info_span!(target: "shop", "order", http.route = "/cart").entered();
        tracing::error!(target: "ghlkit_shop", "not ours");
        tracing::error!(target: "ghlkit::sync", error = %"of ann@example.com", email = "ann@example.com", code = "store", "ours");
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["message"], &told[0]["fields"]),
        (&json!("ours"), &json!({ "error.type": "store" }))
    );
    assert_eq!(told[0]["span"], Value::Null, "the shop's own spans are nobody's");
}

#[test]
fn breadcrumbs_are_those_of_the_same_piece_of_work() {
    let told = told(|| {
        let pass = |order: &'static str| {
            async move {
                for at in 0..40 {
                    tracing::debug!("{order} {at}");
                    futures::pending!();
                }
                tracing::error!(code = "refused", "{order} was given up");
            }
            .instrument(info_span!("sync_order", ghlkit.order = order))
        };
        let (one, other) = (pass("one"), pass("other"));
        let both = join(one, other);
        let mut both = std::pin::pin!(both);
        // Both are polled in turn, on one thread.
        block_on(std::future::poll_fn(|context| {
            let polled = both.as_mut().poll(context);
            context.waker().wake_by_ref();
            polled
        }));
    });
    let errors: Vec<_> = told.iter().filter(|told| told["level"] == "error").collect();
    for (error, order) in errors.iter().zip(["one", "other"]) {
        assert_eq!(error["fields"], json!({ "error.type": "refused", "ghlkit.order": order }));
        assert_eq!(led_to(error), (10..40).map(|at| format!("{order} {at}")).collect::<Vec<_>>());
    }
    assert_eq!(errors.len(), 2);
    assert!(told.iter().filter(|told| told["level"] == "debug").all(|told| led_to(told).is_empty()));
}
