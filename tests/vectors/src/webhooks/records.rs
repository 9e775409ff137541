use serde_json::{Map, Value, json};

use crate::vector::Vectors;

/// A kind of event, its types, the members of a body in GHL's names, and what those are called that have another name.
type Kind = (&'static str, &'static [&'static str], &'static str, &'static [(&'static str, &'static str)]);

const KINDS: &[Kind] = &[
    (
        "note",
        &["NoteCreate", "NoteUpdate", "NoteDelete"],
        r#"{"id":"n1","contactId":"con1","body":"Soitto – ⌘","dateAdded":"2026-01-31T12:00:00.000Z"}"#,
        &[("id", "noteId")],
    ),
    (
        "task",
        &["TaskCreate", "TaskComplete", "TaskDelete"],
        r#"{"id":"t1","contactId":"con1","assignedTo":"u1","title":"Call","body":"b","dateAdded":"d1","dueDate":"d2"}"#,
        &[("id", "taskId")],
    ),
    (
        "message",
        &["InboundMessage", "OutboundMessage"],
        r#"{"messageId":"m1","conversationId":"c1","contactId":"con1","userId":"u1","direction":"outbound","messageType":"Email",
            "status":"sent","body":"b","contentType":"text/plain","attachments":["https://a.fi/1"],"dateAdded":"d","source":"api",
            "conversationProviderId":"p1","emailMessageId":"e1","threadId":"th1","subject":"s","from":"a@b.fi","to":["c@d.fi"],
            "cc":[],"bcc":["e@f.fi"],"callDuration":7.5,"callStatus":"completed"}"#,
        &[],
    ),
    (
        "providerMessage",
        &["SMS", "Email"],
        r#"{"messageId":"m1","contactId":"con1","userId":"u1","phone":"+358401234567","message":"m","attachments":[],
            "emailMessageId":"e1","emailFrom":"a@b.fi","emailTo":["c@d.fi"],"subject":"s","html":"<p>h</p>"}"#,
        &[],
    ),
    (
        "paymentOrder",
        &["OrderCreate", "OrderStatusUpdate"],
        r#"{"_id":"o1","contactId":"con1","status":"completed","fulfillmentStatus":"unfulfilled","currency":"EUR","amount":4999.5,
            "liveMode":true,"items":[{"name":"Barrel","qty":1}],"amountSummary":{"tax":1},"source":{"type":"funnel"},
            "createdAt":"d1","updatedAt":"d2"}"#,
        &[("_id", "paymentOrderId")],
    ),
    (
        "invoice",
        &[
            "InvoiceCreate",
            "InvoiceSent",
            "InvoiceUpdate",
            "InvoicePaid",
            "InvoicePartiallyPaid",
            "InvoiceVoid",
            "InvoiceDelete",
        ],
        r#"{"_id":"i1","altId":"loc1","status":"paid","invoiceNumber":"19","name":"n","title":"t","currency":"EUR","total":10.0,
            "amountPaid":4.0,"amountDue":6.0,"issueDate":"d1","dueDate":"d2","liveMode":false,"contactDetails":{"id":"con1"},
            "invoiceItems":[{"qty":1}],"createdAt":"d3","updatedAt":"d4"}"#,
        &[("_id", "invoiceId")],
    ),
    (
        "product",
        &["ProductCreate", "ProductUpdate", "ProductDelete"],
        r#"{"_id":"p1","name":"Barrel","description":"d","productType":"PHYSICAL","availableInStore":true,"image":"https://a.fi/1",
            "userId":"u1","createdAt":"d1","updatedAt":"d2"}"#,
        &[("_id", "productId")],
    ),
    (
        "location",
        &["LocationCreate", "LocationUpdate"],
        r#"{"id":"loc1","companyId":"com1","name":"n","email":"a@b.fi"}"#,
        &[],
    ),
    (
        "user",
        &["UserCreate", "UserUpdate", "UserDelete"],
        r#"{"id":"u1","companyId":"com1","locations":["loc1"],"firstName":"Aino","lastName":"V","email":"a@b.fi","phone":"+1",
            "role":"admin","permissions":{"tagsEnabled":true}}"#,
        &[("id", "userId")],
    ),
    (
        "campaign",
        &["CampaignStatusUpdate"],
        r#"{"id":"ca1","contactId":"con1","status":"active","templateId":"te1","dateAdded":"d"}"#,
        &[("id", "campaignId")],
    ),
    (
        "conversation",
        &["ConversationUnreadUpdate", "ConversationUnreadWebhook"],
        r#"{"id":"c1","contactId":"con1","unreadCount":2.0,"inbox":true,"starred":false,"deleted":false}"#,
        &[("id", "conversationId")],
    ),
    (
        "association",
        &["AssociationCreate", "AssociationUpdate", "AssociationDelete"],
        r#"{"id":"a1","key":"k","associationType":"USER_DEFINED","firstObjectKey":"contact","firstObjectLabel":"l1",
            "secondObjectKey":"custom_objects.sauna","secondObjectLabel":"l2"}"#,
        &[("id", "associationId")],
    ),
    (
        "relation",
        &["RelationCreate", "RelationDelete"],
        r#"{"id":"r1","associationId":"a1","firstObjectKey":"contact","firstRecordId":"con1","secondObjectKey":"k2",
            "secondRecordId":"rec2"}"#,
        &[("id", "relationId")],
    ),
    (
        "objectSchema",
        &["ObjectSchemaCreate", "ObjectSchemaUpdate", "ObjectSchemaDelete"],
        r#"{"id":"s1","key":"custom_objects.sauna","labels":{"singular":"Sauna"},"description":"d","objectType":"USER_DEFINED",
            "primaryDisplayProperty":"p","searchableProperties":["p","q"]}"#,
        &[("id", "schemaId")],
    ),
    (
        "record",
        &["RecordCreate", "RecordUpdate", "RecordDelete"],
        r#"{"id":"rec1","objectKey":"custom_objects.sauna","properties":{"wood":"aspen"},"followers":["u1"],"owner":["u2"]}"#,
        &[("id", "recordId")],
    ),
    ("emailStats", &["LCEmailStats"], r#"{"webhookPayload":{"event":"opened"}}"#, &[]),
    (
        "planChange",
        &["PLAN_CHANGE"],
        r#"{"appId":"app1","companyId":"com1","userId":"u1","currentPlanId":"p1","newPlanId":"p2"}"#,
        &[],
    ),
];

pub(crate) fn generate(vectors: &mut Vectors) {
    for (kind, types, members, names) in KINDS {
        let members: Map<String, Value> = serde_json::from_str(members).unwrap_or_default();
        for event_type in *types {
            let about = json!({ "type": event_type, "locationId": "loc9", "kind": kind });
            let named = |(name, value): (&String, &Value)| {
                let own = names.iter().find(|(wire, _)| wire == name).map_or(name.as_str(), |(_, own)| own);
                (own.to_owned(), value.clone())
            };
            let whole = join(&about, members.iter().map(named).collect());
            let body = join(&json!({ "type": event_type, "locationId": "loc9" }), members.clone());
            vectors.gives("webhook.parse", json!({ "body": body.to_string() }), whole);
            // What is of another type is as good as absent, and so is everything else.
            let spoilt =
                members.keys().map(|name| (name.clone(), json!({ "not": ["expected", {}] }))).collect();
            let spoilt = join(&json!({ "type": event_type, "locationId": "loc9", "more": 1 }), spoilt);
            let any = members.iter().filter(|(name, sample)| takes_anything(name, sample));
            let any = any.map(|(name, _)| (name.clone(), json!({ "not": ["expected", {}] }))).collect();
            vectors.gives("webhook.parse", json!({ "body": spoilt.to_string() }), join(&about, any));
        }
    }
    samples(vectors);
    identities(vectors);
    answers(vectors);
}

/// Members that are handed over as GHL has them: objects, as a rule.
fn takes_anything(name: &str, sample: &Value) -> bool {
    sample.is_object() || name == "owner"
}

fn join(to: &Value, members: Map<String, Value>) -> Value {
    let mut joined = to.as_object().cloned().unwrap_or_default();
    joined.extend(members);
    Value::Object(joined)
}

/// What is given stands in place of the sample's own; where all of it is given, nothing else is left.
fn samples(vectors: &mut Vectors) {
    let members = json!({ "contactId": "con1", "pipelineStage": "s", "customFields": [], "timestamp": "t" });
    let body = r#"{"contactId":"con1","customFields":[],"pipelineStage":"s","timestamp":"t"}"#;
    vectors.gives("webhook.sample", json!({ "eventType": "workflow", "members": members }), json!(body));
    let own = json!({ "appId": "a", "companyId": "c", "locationId": "l", "webhookId": "w" });
    let body = r#"{"appId":"a","companyId":"c","locationId":"l","type":"UNINSTALL","webhookId":"w"}"#;
    vectors.gives("webhook.sample", json!({ "eventType": "UNINSTALL", "members": own }), json!(body));
    vectors.refuses(
        "webhook.sample",
        json!({ "eventType": "oops", "members": {} }),
        "invalid_argument",
        "type",
    );
    vectors.refuses(
        "webhook.sample",
        json!({ "eventType": "INSTALL", "members": [] }),
        "invalid_argument",
        "members",
    );
}

/// Its id, else the hash of a body that has a time, else nothing.
fn identities(vectors: &mut Vectors) {
    let abc = r#"{"timestamp":"2026-01-31T12:00:00Z"}"#;
    for (body, identity) in [
        (r#"{"webhookId":"wh-1","timestamp":"2026-01-31T12:00:00Z"}"#, json!("wh-1")),
        (r#"{"webhookId":"wh-1"}"#, json!("wh-1")),
        (abc, json!(super::hex(&super::sha256(abc.as_bytes())))),
        (r#"{"contactId":"con1"}"#, Value::Null),
        (r#"{"webhookId":5}"#, Value::Null),
    ] {
        vectors.gives("webhook.identity", json!({ "body": body }), identity);
    }
    vectors.refuses("webhook.identity", json!({ "body": "[" }), "payload", "body");
    vectors.refuses("webhook.identity", json!({}), "invalid_argument", "body");
}

fn answers(vectors: &mut Vectors) {
    for (code, status) in [
        ("signature", 401),
        ("stale", 401),
        ("wrong_location", 403),
        ("payload", 400),
        ("too_large", 413),
        ("invalid_argument", 500),
        ("config", 500),
    ] {
        let told = if code == "signature" { "Invalid signature" } else { "why" };
        let body = format!(r#"{{"error":"{told}","code":"{code}"}}"#);
        let args = json!({ "code": code, "message": "why" });
        vectors.gives("webhook.answer", args, json!({ "status": status, "body": body }));
    }
    for code in ["store", "conflict", "handler_failed", "timeout", "unauthorized", "refused"] {
        for (after, seconds) in [(None, 30), (Some(1), 1), (Some(1_000), 1), (Some(1_001), 2)] {
            let mut args = json!({ "code": code, "message": "why" });
            if let Some(ms) = after {
                args["retryAfterMs"] = json!(ms);
            }
            let body = format!(r#"{{"error":"why","code":"{code}"}}"#);
            vectors.gives(
                "webhook.answer",
                args,
                json!({ "status": 429, "retryAfter": seconds, "body": body }),
            );
        }
    }
    vectors.refuses("webhook.answer", json!({ "code": "oops", "message": "" }), "invalid_argument", "code");
    for (code, status) in [("unauthorized", 401), ("invalid_argument", 400), ("order_not_found", 404)] {
        let args = json!({ "code": code, "message": "why", "field": "orderId" });
        let body = format!(r#"{{"error":"why","code":"{code}","field":"orderId"}}"#);
        vectors.gives("customer.answer", args, json!({ "status": status, "body": body }));
    }
    for code in ["config", "store", "aborted", "busy", "network"] {
        let args = json!({ "code": code, "message": "why" });
        let body = format!(r#"{{"error":"the shop cannot answer now","code":"{code}"}}"#);
        let passes = json!({ "status": 503, "retryAfter": 5, "body": body });
        let stays = json!({ "status": 503, "body": body });
        vectors.gives("customer.answer", args, if code == "config" { stays } else { passes });
    }
    vectors.refuses("customer.answer", json!({ "code": "oops", "message": "" }), "invalid_argument", "code");
}
