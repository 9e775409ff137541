//! Orders: taken in, changed, made.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use ghlkit::{
    Result,
    ids::OrderId,
    order::OrderData,
    sync::{ProgressOptions, SyncOutcome, UpdateOptions},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    access::bearer,
    answer::{Answered, ok, with},
    body::Json,
    routes::Shop,
};

/// How long a customer's token is good for, in milliseconds: 30 days.
const TOKEN_MS: i64 = 30 * 24 * 3_600_000;

/// Takes an order in. It is written down before this answers, whatever GHL does.
pub(crate) async fn create(State(shop): State<Shop>, headers: HeaderMap, body: Json) -> Answered {
    shop.secrets.must_be_shop(&headers)?;
    let order = OrderData::from_json(&body.0, &shop.engine.config().order_rules())?;
    let outcome = shop
        .engine
        .create_order(&order, UpdateOptions { wait_ms: Some(0), ..UpdateOptions::default() })
        .await?;
    let token = shop.engine.order_token(None, &order.id, TOKEN_MS).await.ok();
    Ok(with(StatusCode::CREATED, &json!({ "id": order.id, "state": outcome.state, "token": token })))
}

/// An order, for the shop or for its customer.
pub(crate) async fn show(State(shop): State<Shop>, Path(id): Path<String>, headers: HeaderMap) -> Answered {
    let id = OrderId::parse(&id)?;
    shop.must_be_of(&id, &headers)?;
    let row = shop.engine.status(None, &id).await?;
    ok(&json!({
        "id": row.id,
        "orderNumber": row.number,
        "status": row.status,
        "manufacturingProgress": row.manufacturing_progress,
        "installation": shop.engine.installation(None, &id).await.ok(),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    status: String,
    #[serde(default)]
    allow_backward: bool,
}

/// The shop says what has become of an order: `{ "status": "shipped" }`.
pub(crate) async fn update(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json,
) -> Answered {
    shop.secrets.must_be_shop(&headers)?;
    let Change { status, allow_backward } = body.read()?;
    let options = UpdateOptions { allow_backward, wait_ms: Some(0) };
    taken(&shop.engine.update_status(None, &OrderId::parse(&id)?, &status, options).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    percent: u8,
}

/// The workshop says how far an order is: `{ "percent": 50 }`.
pub(crate) async fn manufacture(
    State(shop): State<Shop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Json,
) -> Answered {
    shop.secrets.must_be_shop(&headers)?;
    let Progress { percent } = body.read()?;
    let options = ProgressOptions { wait_ms: Some(0), ..ProgressOptions::default() };
    taken(&shop.engine.set_manufacturing_progress(None, &OrderId::parse(&id)?, percent, options).await?)
}

fn taken(outcome: &SyncOutcome) -> Answered {
    ok(&json!({ "success": true, "state": outcome.state }))
}

impl Shop {
    /// Lets the customer of an order in, by the order's token, and the shop.
    pub(crate) fn must_be_of(&self, order: &OrderId, headers: &HeaderMap) -> Result<()> {
        let shop = self.secrets.must_be_shop(headers);
        shop.or_else(|_| self.engine.check_order_token(None, order, bearer(headers).unwrap_or_default()))
    }
}
