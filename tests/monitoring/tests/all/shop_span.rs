//! The shop's own spans, in a process that leaves ghlkit's out: nothing that ghlkit says of its work is said of the shop's.

use std::sync::{Arc, Mutex};

use ghlkit::{native::monitor, observation::Observation, sync::UpdateOptions};
use integration::{Front, Setup, Shop, order};
use mock_ghl::Settings;
use monitoring::Canary;
use serde_json::{Value, json};
use tracing::{Instrument as _, Subscriber, field::Empty, span};
use tracing_subscriber::{
    Layer,
    filter::filter_fn,
    layer::{Context, SubscriberExt as _},
    registry,
    registry::LookupSpan,
};

/// Keeps what is recorded on spans, whosever they are.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorded {
    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let name = context.span(id).unwrap().name();
        self.0.lock().unwrap().push(format!("{name} {values:?}"));
    }
}

/// A span of the shop's, with the names that ghlkit's have too.
fn page() -> tracing::Span {
    tracing::info_span!(
        target: "shop",
        "page",
        otel.status_code = Empty,
        error.type = Empty,
        ghlkit.location = Empty,
        ghlkit.event = Empty,
        ghlkit.seen = Empty,
        ghlkit.outcome = Empty,
    )
}

/// An order that is given up, a webhook that is refused, and one that is kept and applied.
async fn work(shop: &Shop, id: &str) {
    let outcome = shop.engine.create_order(&order(id), UpdateOptions::default()).await.unwrap();
    assert!(outcome.error.is_some());
    let forged = [("x-ghl-signature", "00")];
    shop.engine.receive_webhook(None, b"{}", forged).await.unwrap_err();
    let body = json!({ "type": "ContactUpdate", "locationId": mock_ghl::LOCATION_ID, "id": "con1" });
    shop.post(&body).await.unwrap();
    shop.settle().await;
}

async fn refused() -> (Front, Shop) {
    let front = Front::start(Settings::unlimited(), Canary::refusal).await;
    let vars = vec![("GHL_BASE_URL", front.base_url.clone())];
    let shop = Shop::cold(Setup { vars, ..Setup::deaf() }).await;
    (front, shop)
}

#[tokio::test]
async fn nothing_is_recorded_on_a_span_of_the_shops() {
    let (_front, shop) = refused().await;
    let recorded = Recorded::default();
    let foreign = filter_fn(|metadata| !metadata.target().starts_with("ghlkit"));
    let subscriber = registry().with(recorded.clone().with_filter(foreign));
    let guard = tracing::subscriber::set_default(subscriber);
    let span = page();
    work(&shop, "p1").instrument(span.clone()).await;
    span.record("error.type", "the shop's own");
    drop(guard);
    let recorded = recorded.0.lock().unwrap().clone();
    assert_eq!(recorded.len(), 1, "{recorded:#?}");
    assert!(recorded[0].starts_with("page ") && recorded[0].contains("the shop's own"), "{recorded:?}");
}

#[tokio::test]
async fn what_led_to_an_error_is_kept_apart_within_one_span_of_the_shops() {
    let (_front, shop) = refused().await;
    let told: Arc<Mutex<Vec<Value>>> = Arc::default();
    let kept = Arc::clone(&told);
    let layer = monitor::layer(move |seen: &Observation<'_>| {
        kept.lock().unwrap().push(serde_json::to_value(seen).unwrap());
    });
    // The shop's own layer sees all, so that its span is the outermost of what is registered.
    let guard = tracing::subscriber::set_default(registry().with(Recorded::default()).with(layer));
    async {
        work(&shop, "p2").await;
        work(&shop, "p3").await;
    }
    .instrument(page())
    .await;
    drop(guard);
    let told = told.lock().unwrap().clone();
    let given_up: Vec<_> = told.iter().filter(|seen| seen["message"] == "an order was given up").collect();
    assert_eq!(given_up.len(), 2, "{told:#?}");
    for (event, order) in given_up.iter().zip(["p2", "p3"]) {
        assert_eq!(event["fields"]["ghlkit.order"], order);
        let crumbs = event["breadcrumbs"].as_array().unwrap();
        let count = |message: &str| crumbs.iter().filter(|crumb| crumb["message"] == message).count();
        assert_eq!((count("a call failed"), count("an order was given up")), (1, 0), "{crumbs:#?}");
    }
    let outermost = told.iter().filter(|seen| seen["type"] == "start" && seen.get("parent").is_none());
    let named: Vec<_> = outermost.map(|seen| seen["name"].as_str().unwrap()).collect();
    assert!(named.contains(&"sync_order") && !named.contains(&"page"), "{named:?}");
}
