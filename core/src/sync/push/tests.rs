use std::sync::Arc;

use futures::executor::block_on;
use serde_json::{Value, json};

use super::*;
use crate::{
    Code,
    config::ClientSettings,
    testing::{ManualClock, ScriptedTransport, SeededEntropy, Step},
};

const AT: i64 = 1_800_000_000_000;

struct Rig {
    transport: ScriptedTransport,
    client: Client,
    stages: BTreeMap<Status, String>,
    pipeline: Option<PipelineId>,
}

impl Rig {
    /// GHL answers with these, one after another.
    fn new(replies: impl IntoIterator<Item = Value>) -> Self {
        let clock = ManualClock::new(AT);
        let transport = ScriptedTransport::new(clock.clone());
        for reply in replies {
            transport.then(Step::reply(200, reply.to_string()));
        }
        let settings = ClientSettings::from_json(r#"{"options":{"token":"pit-1"}}"#).unwrap();
        let entropy = Arc::new(SeededEntropy::new(1));
        let (client, _) =
            settings.build(None, Arc::new(transport.clone()), Arc::new(clock), entropy).unwrap();
        Self { transport, client, stages: BTreeMap::new(), pipeline: None }
    }

    fn push(&self, order: Value, status: &str) -> Result<Pushed> {
        let order: PushOrder = serde_json::from_value(order).unwrap();
        let change = PushChange { status: status.to_owned(), manufacturing: None, at: AT };
        let to = PushTo {
            client: &self.client,
            location: &LocationId::new("loc1"),
            pipeline: self.pipeline.as_ref(),
            model: &StatusModel::default(),
            stages: &self.stages,
            options: &CallOptions::default(),
        };
        block_on(push(to, &order, &change))
    }

    /// Method, path and body of each request.
    fn requests(&self) -> Vec<(String, Value)> {
        let sent = self.transport.sent();
        let line = |url: &str| url.split_once(".com").map(|(_, path)| path.to_owned()).unwrap_or_default();
        sent.iter()
            .map(|sent| {
                let request = &sent.request;
                let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
                (format!("{} {}", request.method.as_str(), line(&request.url)), body)
            })
            .collect()
    }
}

fn pipelines() -> Value {
    let stages = json!([{ "id": "s1", "name": "New Order" }, { "id": "s5", "name": "Shipped" }]);
    json!({ "pipelines": [{ "id": "pip1", "name": "Orders", "stages": stages }] })
}

/// Fields with these keys; the one of progress is a number.
fn fields(keys: &[&str]) -> Value {
    let kind = |key: &str| if key == "progress_percentage" { "NUMERICAL" } else { "TEXT" };
    let field = |key: &&str| json!({ "id": format!("f_{key}"), "fieldKey": format!("contact.{key}"), "dataType": kind(key) });
    json!({ "customFields": keys.iter().map(field).collect::<Vec<_>>() })
}

fn order() -> Value {
    json!({ "contactId": "con1", "opportunityId": "opp1", "previousStatus": "manufacturing", "orderNumber": "A-1" })
}

#[test]
fn the_plan_is_carried_out_with_the_locations_ids() {
    let rig = Rig::new([
        pipelines(),
        fields(&["order_number", "order_status", "progress_percentage"]),
        json!({ "opportunity": { "id": "opp1" } }),
        json!({ "contact": { "id": "con1" } }),
        json!({ "tags": [] }),
        json!({ "tags": [] }),
    ]);
    let pushed = rig.push(order(), "shipped").unwrap();
    assert_eq!(
        rig.requests(),
        [
            ("GET /opportunities/pipelines?locationId=loc1".to_owned(), Value::Null),
            ("GET /locations/loc1/customFields?model=contact".to_owned(), Value::Null),
            ("PUT /opportunities/opp1".to_owned(), json!({ "pipelineId": "pip1", "pipelineStageId": "s5" })),
            (
                "PUT /contacts/con1".to_owned(),
                json!({ "customFields": [
                    { "id": "f_order_number", "key": "order_number", "field_value": "A-1" },
                    { "id": "f_order_status", "key": "order_status", "field_value": "shipped" },
                    { "id": "f_progress_percentage", "key": "progress_percentage", "field_value": 75 },
                ] }),
            ),
            ("POST /contacts/con1/tags".to_owned(), json!({ "tags": ["status_shipped"] })),
            ("DELETE /contacts/con1/tags".to_owned(), json!({ "tags": ["status_manufacturing"] })),
        ]
    );
    assert_eq!(
        json!(pushed),
        json!({
            "commands": [
                { "type": "updateOpportunity", "opportunityId": "opp1", "stage": "s5" },
                { "type": "updateContact", "contactId": "con1", "customFields": {
                    "order_number": "A-1", "order_status": "shipped", "progress_percentage": "75" } },
                { "type": "addTags", "contactId": "con1", "tags": ["status_shipped"] },
                { "type": "removeTags", "contactId": "con1", "tags": ["status_manufacturing"] },
            ],
            "missing": ["contact.last_updated"],
        })
    );
}

#[test]
fn a_stage_the_pipeline_lacks_is_told_and_the_rest_is_pushed() {
    let replies = [
        pipelines(),
        fields(&["order_number", "order_status"]),
        json!({ "contact": {} }),
        json!({}),
        json!({}),
    ];
    let rig = Rig::new(replies.map(|mut reply| {
        if reply.get("contact").is_some() {
            reply["contact"]["id"] = json!("con1");
        }
        reply
    }));
    let pushed = rig.push(order(), "delivered").unwrap();
    assert_eq!(pushed.missing, ["stage_delivered", "contact.last_updated", "contact.progress_percentage"]);
    let lines: Vec<String> = rig.requests().into_iter().map(|(line, _)| line).collect();
    assert_eq!(
        lines[2..],
        ["PUT /contacts/con1", "POST /contacts/con1/tags", "DELETE /contacts/con1/tags"],
        "the card stays where it is"
    );
}

#[test]
fn only_what_is_needed_is_read() {
    let nothing = Rig::new([]);
    let same = json!({ "contactId": "con1", "opportunityId": "opp1", "previousStatus": "shipped" });
    assert_eq!(nothing.push(same, "shipped").unwrap(), Pushed { commands: Vec::new(), missing: Vec::new() });
    assert_eq!(nothing.requests(), []);
    let no_card = Rig::new([
        fields(&["order_number", "order_status"]),
        json!({ "contact": { "id": "con1" } }),
        json!({}),
    ]);
    no_card.push(json!({ "contactId": "con1" }), "shipped").unwrap();
    let lines: Vec<String> = no_card.requests().into_iter().map(|(line, _)| line).collect();
    assert_eq!(
        lines,
        ["GET /locations/loc1/customFields?model=contact", "PUT /contacts/con1", "POST /contacts/con1/tags"]
    );
    let closed = Rig::new([
        fields(&["order_number", "order_status"]),
        json!({ "opportunity": { "id": "opp1" } }),
        json!({ "contact": { "id": "con1" } }),
    ]);
    closed.push(json!({ "contactId": "con1", "opportunityId": "opp1" }), "cancelled").unwrap();
    assert_eq!(closed.requests()[1], ("PUT /opportunities/opp1".to_owned(), json!({ "status": "lost" })));
    assert_eq!(closed.requests().len(), 3, "off the path there is no stage to look for");
}

#[test]
fn nothing_is_written_where_the_location_does_not_fit() {
    let two = json!({ "pipelines": [
        { "id": "pip1", "name": "Orders", "stages": [] }, { "id": "pip2", "stages": [] }
    ] });
    let several = Rig::new([two.clone()]);
    let error = several.push(order(), "shipped").unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("pipelineId")));
    assert!(error.message().contains("pip1 (Orders), pip2 (without a name)"), "{error}");

    let mut wrong = Rig::new([two]);
    wrong.pipeline = Some(PipelineId::new("pip3"));
    assert_eq!(wrong.push(order(), "shipped").unwrap_err().field(), Some("pipelineId"));

    let mut stage = Rig::new([pipelines()]);
    stage.stages.insert(Status::parse("shipped").unwrap(), "No such stage".to_owned());
    assert_eq!(stage.push(order(), "shipped").unwrap_err().field(), Some("GHL_STAGE_SHIPPED"));

    let unprepared = Rig::new([pipelines(), fields(&["order_status"])]);
    let error = unprepared.push(order(), "shipped").unwrap_err();
    assert_eq!((error.code(), error.field()), (Code::Config, Some("order_number")));
    for rig in [several, wrong, stage, unprepared] {
        assert!(rig.requests().iter().all(|(line, _)| line.starts_with("GET ")), "{:?}", rig.requests());
    }
}

#[test]
fn a_refusal_ends_the_push() {
    let rig = Rig::new([pipelines(), fields(&["order_number", "order_status"])]);
    rig.transport.then(Step::reply(404, r#"{"message":"no such opportunity"}"#));
    assert_eq!(rig.push(order(), "shipped").unwrap_err().code(), Code::NotFound);
    assert_eq!(rig.requests().len(), 3, "{:?}", rig.requests());
}
