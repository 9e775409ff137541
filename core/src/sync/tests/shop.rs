//! The shop of the tests: its pipeline, its fields, and the orders of its customer Aino.

use std::collections::BTreeMap;

use crate::{
    api::custom_fields::CustomFieldDefinition,
    ids::{LocationId, OrderId, PipelineId, StageId},
    order::{PipelineStage, StageMap, StatusModel},
    ports::store::{NewOrder, OrderRow},
    sync::context::{Context, FieldMap, Timing},
};

pub(super) const START: i64 = 1_800_000_000_000;
pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const LEASE_MS: i64 = 120 * SECOND;
/// When an unknown create that began at 0 is visible: 10 s to leave, 10 s on the wire, 30 s of search lag.
pub(super) const VISIBLE: i64 = 50 * SECOND;
pub(super) const PIPELINE: &str = "pip1";

/// Stages by status, with opaque ids.
const STAGES: [(&str, &str, &str); 8] = [
    ("order_placed", "New Order", "b39e1f0a-0000-4000-8000-000000000001"),
    ("processing", "Processing", "b39e1f0a-0000-4000-8000-000000000002"),
    ("manufacturing", "In Production", "b39e1f0a-0000-4000-8000-000000000003"),
    ("quality_check", "Quality Check", "b39e1f0a-0000-4000-8000-000000000004"),
    ("shipped", "Shipped", "b39e1f0a-0000-4000-8000-000000000005"),
    ("delivered", "Delivered", "b39e1f0a-0000-4000-8000-000000000006"),
    ("installation", "Installation", "b39e1f0a-0000-4000-8000-000000000007"),
    ("completed", "Completed", "b39e1f0a-0000-4000-8000-000000000008"),
];

/// The stage of a status; any other text is the id of a stage that stands for none.
pub(super) fn stage(status: &str) -> StageId {
    let known = STAGES.iter().find(|(name, ..)| *name == status);
    StageId::new(known.map_or(status, |(.., id)| id))
}

/// The status a stage stands for, or its id.
pub(super) fn name_of(stage: &StageId) -> &str {
    STAGES.iter().find(|(.., id)| *id == stage.as_str()).map_or(stage.as_str(), |(name, ..)| name)
}

/// A location with a stage for every status but these, and all of our fields.
pub(super) fn context_without(stages: &[&str]) -> Context {
    let model = StatusModel::default();
    let pipeline: Vec<PipelineStage> = STAGES
        .iter()
        .filter(|(status, ..)| !stages.contains(status))
        .map(|(_, name, id)| PipelineStage { id: StageId::new(*id), name: (*name).to_owned() })
        .collect();
    let stages = StageMap::resolve(&model, &pipeline, &BTreeMap::new()).unwrap();
    let contact: Vec<CustomFieldDefinition> = serde_json::from_str(
        r#"[{"id":"f1","fieldKey":"contact.order_number","dataType":"TEXT"},
            {"id":"f2","fieldKey":"contact.order_total","dataType":"MONETORY"},
            {"id":"f3","fieldKey":"contact.sauna_model","dataType":"TEXT"},
            {"id":"f4","fieldKey":"contact.order_status","dataType":"TEXT"},
            {"id":"f5","fieldKey":"contact.last_updated","dataType":"TEXT"},
            {"id":"f6","fieldKey":"contact.progress_percentage","dataType":"NUMERICAL"},
            {"id":"f7","fieldKey":"contact.manufacturing_progress","dataType":"NUMERICAL"}]"#,
    )
    .unwrap();
    let opportunity: Vec<CustomFieldDefinition> = serde_json::from_str(
        r#"[{"id":"f8","fieldKey":"opportunity.stripe_payment_id","dataType":"TEXT"},
            {"id":"f9","fieldKey":"opportunity.delivery_address","dataType":"TEXT"}]"#,
    )
    .unwrap();
    Context {
        location: LocationId::new("loc1"),
        pipeline: PipelineId::new(PIPELINE),
        model,
        stages,
        fields: FieldMap::resolve(&contact, &opportunity),
        timing: Timing { call_timeout: 10 * SECOND, search_lag: 30 * SECOND },
        allows_duplicates: false,
        overwrite_contact: false,
    }
}

/// An order of Aino's as JSON.
pub(super) fn order_json(number: &str) -> String {
    format!(
        r#"{{"id":"id-{number}","orderNumber":"{number}",
        "customer":{{"firstName":"Aino","lastName":"Virtanen","email":"aino@example.com","phone":"+358401234567"}},
        "product":{{"name":"Barrel 220"}},"total":{{"minor":499900,"currency":"EUR"}},
        "stripePaymentId":"pi_3Px",
        "shippingAddress":{{"line1":"Rantatie 5","city":"Helsinki","postalCode":"00100","country":"FI"}}}}"#
    )
}

/// The row of a new order of Aino's.
pub(super) fn order_row(number: &str, status: &str, seq: i64) -> OrderRow {
    let key = "email:loc1:aino@example.com".to_owned();
    let new = NewOrder {
        location: LocationId::new("loc1"),
        id: OrderId::new(format!("id-{number}")),
        number: number.to_owned(),
        status: status.to_owned(),
        snapshot: order_json(number),
        email: Some("aino@example.com".to_owned()),
        phone: Some("+358401234567".to_owned()),
        lease_key: key.clone(),
        now: START,
        due_at: None,
        events: Vec::new(),
    };
    OrderRow::new(new, key, seq)
}
