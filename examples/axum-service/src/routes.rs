//! The routes, each a few lines over ghlkit.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use ghlkit::{
    Error,
    native::axum::{engine_route, events_route, health_route, metrics_route},
    oauth::OAuthTokens,
    sync::{DrainLimits, Engine, HealthLimits, MetricsOptions, ReconcileOptions, TestWebhookOptions},
};
use serde_json::json;

use crate::{
    access::Secrets,
    answer::{Answered, ok, with},
    installation, oauth, orders,
};

/// What the routes work with.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) engine: Engine,
    pub(crate) app: Option<OAuthTokens>,
    pub(crate) secrets: Secrets,
}

pub(crate) fn of(engine: Engine, app: Option<OAuthTokens>, secrets: Secrets) -> Router {
    let metrics = metrics_route(engine.clone(), secrets.metrics.clone(), MetricsOptions::default());
    Router::new()
        .route("/api/webhooks/ghl/order-status", engine_route(engine.clone()))
        .route("/api/orders", post(orders::create))
        .route("/api/orders/{id}", get(orders::show))
        .route("/api/orders/{id}/status", post(orders::update))
        .route("/api/orders/{id}/events", events_route(engine.clone()))
        .route("/api/orders/{id}/installation", post(installation::book).delete(installation::call_off))
        .route("/api/orders/{id}/installation/slots", get(installation::slots))
        .route("/api/manufacturing/{id}", post(orders::manufacture))
        .route("/api/test/webhook", post(test_webhook))
        .route("/api/health/crm", health_route(engine.clone(), HealthLimits::default()))
        .route("/api/auth/ghl", get(oauth::begin))
        .route("/api/auth/ghl/callback", get(oauth::callback))
        .route("/api/cron/sync", post(cron))
        .route("/metrics", metrics)
        .fallback(|| refused(StatusCode::NOT_FOUND, "there is no such route", "not_found"))
        .method_not_allowed_fallback(|| {
            refused(StatusCode::METHOD_NOT_ALLOWED, "another method is expected here", "method_not_allowed")
        })
        .with_state(Shop { engine, app, secrets })
}

async fn refused(status: StatusCode, error: &'static str, code: &'static str) -> Response {
    with(status, &json!({ "error": error, "code": code }))
}

/// Sends a signed test webhook to this service's own route.
async fn test_webhook(State(shop): State<Shop>, headers: HeaderMap) -> Answered {
    shop.secrets.must_be_cron(&headers)?;
    let missing = || {
        Error::config(
            "GHLKIT_WEBHOOK_URL",
            format_args!("is not set; it is where webhooks reach this service"),
        )
    };
    let url = shop.secrets.webhook_url.as_deref().ok_or_else(missing)?;
    ok(&shop.engine.send_test_webhook(url, &TestWebhookOptions::default()).await?)
}

/// For a platform's cron: compares both sides, and does what is due.
async fn cron(State(shop): State<Shop>, headers: HeaderMap) -> Answered {
    shop.secrets.must_be_cron(&headers)?;
    let reconciled = shop.engine.reconcile(None, ReconcileOptions::default()).await?;
    let drained = shop.engine.drain(DrainLimits::default()).await?;
    ok(&json!({ "success": true, "reconciled": reconciled, "drained": drained }))
}
