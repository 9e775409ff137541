//! The simulated shop: its settings, and the orders of its one customer.

use std::collections::BTreeMap;

use ghlkit::{
    client::ApiVersion,
    config::{Config, DatabaseUrl, LocationConfig, SyncOptions},
    ids::{LocationId, OrderId, PipelineId},
    order::{Order, OrderData, OrderRules, StatusModel},
    secret::Secret,
    webhook::{Ed25519Key, Scheme, Tolerance, Verifier},
};
use mock_ghl::{Ghl, LOCATION_ID, TOKEN, WORKFLOW_SECRET};

use crate::script::EMAIL;

/// The location of every simulated order.
pub fn location() -> LocationId {
    LocationId::new(LOCATION_ID)
}

/// The id of the n-th order.
pub fn order_id(order: usize) -> OrderId {
    OrderId::new(format!("order-{order}"))
}

/// The settings of a shop on this account.
#[allow(clippy::expect_used, reason = "the settings are constants")]
pub(crate) fn config(ghl: &Ghl) -> Config {
    let pipeline = ghl.order_pipeline(LOCATION_ID).expect("the model has a pipeline");
    let schemes = vec![
        Scheme::HmacSha256 { secrets: vec![Secret::new(WORKFLOW_SECRET).into()] },
        Scheme::Ed25519 {
            keys: vec![
                Ed25519Key::parse(&ghl.webhook_public_key()).expect("the model's key is sound").into(),
            ],
        },
    ];
    Config {
        base_url: "https://ghl.invalid".to_owned(),
        api_version: ApiVersion::default(),
        locations: vec![LocationConfig {
            id: location(),
            token: Some(Secret::new(TOKEN)),
            calendar: None,
            pipeline: PipelineId::new(&*pipeline.id),
            stages: BTreeMap::new(),
            verifier: Verifier::new(schemes, Tolerance::widest()).expect("the schemes are sound"),
            realtime: None,
        }],
        model: StatusModel::default(),
        currency: None,
        database_url: DatabaseUrl::new("unused"),
        installation: Default::default(),
        notifications: Default::default(),
        events: Default::default(),
        status_trigger: false,
        sync: SyncOptions { wait_ms: 0, lease_ms: 60_000, concurrency: 1, ..SyncOptions::default() },
    }
}

/// The n-th order of the one customer there is.
#[allow(clippy::expect_used, reason = "the order is a constant")]
pub(crate) fn new_order(number: usize) -> Order {
    let json = format!(
        r#"{{"id":"order-{number}","orderNumber":"S-{number}","customer":{{"firstName":"Aino","lastName":"Korhonen",
            "email":"{EMAIL}","phone":"+358401234567"}},"product":{{"name":"Kelo {number}"}},
            "total":{{"amount":"{number}999.00","currency":"EUR"}},"stripePaymentId":"pi_{number}",
            "shippingAddress":{{"line1":"Katu {number}","city":"Helsinki","postalCode":"00100","country":"FI"}}}}"#
    );
    OrderData::from_json(json, &OrderRules::default()).expect("the order is sound")
}
