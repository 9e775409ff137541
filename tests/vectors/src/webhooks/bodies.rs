use serde_json::{Value, json};

use super::base64;
use crate::vector::Vectors;

/// Values that are no JSON, as bytes.
const MALFORMED: &[&[u8]] = &[
    b"",
    b"tru",
    b"True",
    b"nul",
    b"NaN",
    b"Infinity",
    b"undefined",
    b"-",
    b"+1",
    b"01",
    b"-01",
    b"0x10",
    b".5",
    b"1.",
    b"1e",
    b"1e+",
    b"1_000",
    b"1 2",
    b"1e999",
    b"-1e999",
    b"123456789e310",
    b"'text'",
    b"text",
    b"\"",
    b"\"open",
    b"\"a\nb\"",
    b"\"a\tb\"",
    b"\"a\0b\"",
    b"\"a\x1fb\"",
    b"\"\\\"",
    b"\"\\x41\"",
    b"\"\\a\"",
    b"\"\\u12\"",
    b"\"\\u12G4\"",
    b"\"\\ud800\"",
    b"\"\\udc00\"",
    b"\"\\ud800\\ud800\"",
    b"\"\\ud800x\"",
    b"\"\\ud83d\\u0041\"",
    b"\"\xff\"",
    b"\"\xc3\"",
    b"\"\xc3(\"",
    b"\"\xc0\xaf\"",
    b"\"\xe2\x82\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\xff",
    b"[",
    b"]",
    b"[1",
    b"[1,]",
    b"[,1]",
    b"[1,,2]",
    b"[1 2]",
    b"[\"\\ud800\"]",
    b"[1e999]",
    b"{",
    b"}",
    b"{\"a\"",
    b"{\"a\":}",
    b"{\"a\":1,}",
    b"{\"a\" 1}",
    b"{\"a\":1]",
    b"{a:1}",
    b"{'a':1}",
    b"{1:1}",
    b"{\"\\ud800\":1}",
    b"{\"\xff\":1}",
    b"{\"a\":{\"b\":[{\"c\":\"\\udead\"}]}}",
    b"/* comment */ 1",
    b"\xc2\xa01",
    b"\xef\xbb\xbf1",
];
/// Where they stand: in a field that is skipped, one that is read, and one that is kept.
const PLACES: [(&str, &str); 3] = [
    (r#"{"contactId":"con1","unknown":"#, "}"),
    (r#"{"pipelineStage":"#, r#","contactId":"con1"}"#),
    (r#"{"contactId":"con1","customFields":[{"id":"f1","value":"#, "}]}"),
];
/// Bodies that are no JSON object as a whole.
const NO_OBJECTS: &[&[u8]] = &[
    b"",
    b" ",
    b"null",
    b"7",
    b"true",
    b"\"text\"",
    b"[]",
    b"[{\"contactId\":\"con1\"}]",
    b"{}{}",
    b"{}x",
    b"{}\0",
    b"{},",
    b"{\"\":1,}",
    b"\xef\xbb\xbf{}",
    b"\xfe\xff\0{\0}",
    b"{\"a\":1}\xff",
    b"{\"a\":1}\xc2\xa0",
    b"contactId=con1",
    b"<xml/>",
    b"{\"a\x01\":1}",
    b"{\"a\\q\":1}",
    b"\x1f\x8b\x08",
];

pub(crate) fn generate(vectors: &mut Vectors) {
    for (body, event) in events() {
        vectors.gives("webhook.parse", json!({ "body": body }), event);
    }
    kept_values(vectors);
    duplicates(vectors);
    ids(vectors);
    nesting(vectors);
    for value in MALFORMED {
        for (before, after) in PLACES {
            refuses(vectors, &[before.as_bytes(), value, after.as_bytes()].concat(), "body");
        }
    }
    for body in NO_OBJECTS {
        refuses(vectors, body, "body");
    }
    let whole = br#"{"type":"ContactUpdate","id":"con1","x":"\u00e9","tags":["a",null],"n":-1.5e+3}"#;
    for end in (1..whole.len()).step_by(5) {
        refuses(vectors, whole.get(..end).unwrap_or_default(), "body");
    }
}

/// Bytes that are no text are given in base64.
fn refuses(vectors: &mut Vectors, body: &[u8], field: &str) {
    let args = match std::str::from_utf8(body) {
        Ok(text) => json!({ "body": text }),
        Err(_) => json!({ "bodyBase64": base64(body) }),
    };
    vectors.refuses("webhook.parse", args, "payload", field);
}

/// Bodies of every kind, and what they say.
fn events() -> Vec<(&'static str, Value)> {
    let workflow = |rest: Value| {
        let mut event = json!({ "type": "workflow", "kind": "workflow", "customFields": [] });
        if let (Some(event), Some(rest)) = (event.as_object_mut(), rest.as_object()) {
            event.extend(rest.clone());
        }
        event
    };
    vec![
        (
            r#"{"contactId":"test_contact_123","pipelineStage":"stage_in_production","customFields":[{"id":"order_status","value":"manufacturing"},{"key":"progress_percentage","value":50}],"timestamp":"2026-01-31T14:00:00+02:00"}"#,
            workflow(json!({
                "timestampMs": 1_769_860_800_000_i64, "contactId": "test_contact_123", "pipelineStage": "stage_in_production",
                "customFields": [{ "id": "order_status", "value": "manufacturing" }, { "id": "progress_percentage", "value": 50 }],
            })),
        ),
        (r#"{"contactId":"con1"}"#, workflow(json!({ "contactId": "con1" }))),
        (r#"{"opportunityId":"opp1"}"#, workflow(json!({ "opportunityId": "opp1" }))),
        (r#"{"pipelineStage":"Lähetetty 🚚"}"#, workflow(json!({ "pipelineStage": "Lähetetty 🚚" }))),
        (
            r#"{"pipelineStage":"L\u00e4hetetty \ud83d\ude9a"}"#,
            workflow(json!({ "pipelineStage": "Lähetetty 🚚" })),
        ),
        (
            r#"{"full_name":"Aino","tags":"a,b","customData":{"contactId":"con1","opportunityId":"opp1","pipelineStage":"Shipped"}}"#,
            workflow(json!({ "contactId": "con1", "opportunityId": "opp1", "pipelineStage": "Shipped" })),
        ),
        (
            r#"{"type":"our_own","contactId":"con1","pipelineStage":"Shipped"}"#,
            workflow(json!({ "type": "our_own", "contactId": "con1", "pipelineStage": "Shipped" })),
        ),
        (
            r#"{"type":"ContactUpdate","locationId":"loc1","id":"con1","webhookId":"wh-1","appId":"app1","timestamp":"2026-01-31T12:00:00.250Z","email":"Aino@Example.com","phone":"+358401234567","name":"Aino Virtanen","firstName":"Aino","lastName":"Virtanen","dnd":true,"tags":["vip","status_shipped",5,null],"attachments":[],"customFields":[{"id":"f1","value":"shipped"},{"id":"f2","value":75},{"id":"f3","value":["a"]},{"id":"f4"},{"value":"nameless"},"no field",["f5","x"]]}"#,
            json!({
                "type": "ContactUpdate", "webhookId": "wh-1", "timestampMs": 1_769_860_800_250_i64, "locationId": "loc1",
                "kind": "contact", "contactId": "con1", "email": "Aino@Example.com", "phone": "+358401234567",
                "name": "Aino Virtanen", "firstName": "Aino", "lastName": "Virtanen", "dnd": true, "tags": ["vip", "status_shipped"],
                "customFields": [
                    { "id": "f1", "value": "shipped" }, { "id": "f2", "value": 75 }, { "id": "f3", "value": ["a"] },
                    { "id": "f4", "value": null },
                ],
            }),
        ),
        (
            r#"{"type":"ContactDelete","contactId":"con1"}"#,
            json!({ "type": "ContactDelete", "kind": "contact", "contactId": "con1", "customFields": [] }),
        ),
        (
            r#"{"type":"OpportunityStageUpdate","locationId":"loc1","id":"opp1","contactId":"con1","monetaryValue":40.5,"name":"Order #7","pipelineId":"pip1","pipelineStageId":"e93ba61a-53b3-45e7-985a-c7732dbcdb69","status":"open","dateAdded":"2026-01-31T12:00:00.000Z"}"#,
            json!({
                "type": "OpportunityStageUpdate", "locationId": "loc1", "kind": "opportunity", "opportunityId": "opp1",
                "contactId": "con1", "pipelineId": "pip1", "pipelineStageId": "e93ba61a-53b3-45e7-985a-c7732dbcdb69",
                "name": "Order #7", "status": "open", "monetaryValue": 40.5, "dateAdded": "2026-01-31T12:00:00.000Z",
            }),
        ),
        (
            r#"{"type":"OpportunityUpdate","id":"opp1","locationId":7,"webhookId":{"a":[1]},"timestamp":null,"contactId":["c"],"pipelineId":"a/b","pipelineStageId":true,"monetaryValue":"40","name":null,"status":{"s":1},"data":"text","customData":[1],"customFields":{"a":1},"tags":"vip"}"#,
            json!({ "type": "OpportunityUpdate", "kind": "opportunity", "opportunityId": "opp1" }),
        ),
        (
            r#"{"type":"AppointmentUpdate","locationId":"loc1","appointment":{"id":"app1","calendarId":"cal1","contactId":"con1","title":"Installation","appointmentStatus":"cancelled","users":["u1"],"startTime":"2026-02-01T09:00:00+02:00","endTime":"2026-02-01T15:00:00+02:00"}}"#,
            json!({
                "type": "AppointmentUpdate", "locationId": "loc1", "kind": "appointment", "appointmentId": "app1",
                "calendarId": "cal1", "contactId": "con1", "title": "Installation", "status": "cancelled",
                "startTime": "2026-02-01T09:00:00+02:00", "endTime": "2026-02-01T15:00:00+02:00",
            }),
        ),
        (
            r#"{"type":"INSTALL","appId":"app1","companyId":"com1","locationId":"loc1","planId":"p1","userId":"u1"}"#,
            json!({
                "type": "INSTALL", "locationId": "loc1", "kind": "install", "appId": "app1", "companyId": "com1",
                "userId": "u1", "planId": "p1",
            }),
        ),
        (
            r#"{"type":"UNINSTALL","appId":"app1","companyId":"com1"}"#,
            json!({ "type": "UNINSTALL", "kind": "uninstall", "appId": "app1", "companyId": "com1" }),
        ),
        // The envelope's own words go before what is nested, and its type, id and time are its alone.
        (
            r#"{"type":"ContactCreate","webhookId":"wh-1","timestamp":"2026-01-31T12:00:00Z","locationId":"outer","data":{"type":"Inner","webhookId":"inner","timestamp":"never","locationId":"inner","contactId":"con1","email":"a@b.fi","data":{"phone":"+1"}}}"#,
            json!({
                "type": "ContactCreate", "webhookId": "wh-1", "timestampMs": 1_769_860_800_000_i64, "locationId": "outer",
                "kind": "contact", "contactId": "con1", "email": "a@b.fi", "customFields": [],
            }),
        ),
        // Types that are not known are kept, and so is one that does not name its object.
        (
            r#"{"type":"InvoiceTorn","locationId":"loc1","total":5}"#,
            json!({ "type": "InvoiceTorn", "locationId": "loc1", "kind": "other" }),
        ),
        (
            r#"{"type":"InboundMessage","contactId":"con1"}"#,
            json!({ "type": "InboundMessage", "kind": "message", "contactId": "con1" }),
        ),
        (
            r#"{"type":"ContactTeleported","locationId":"loc1"}"#,
            json!({ "type": "ContactTeleported", "locationId": "loc1", "kind": "other" }),
        ),
        (r#"{"type":"AppointmentCreate"}"#, json!({ "type": "AppointmentCreate", "kind": "other" })),
        (
            r#"{"locationId":"loc1","id":"x"}"#,
            json!({ "type": "unknown", "locationId": "loc1", "kind": "other" }),
        ),
        (
            r#"{"type":5,"locationId":"loc1"}"#,
            json!({ "type": "unknown", "locationId": "loc1", "kind": "other" }),
        ),
        (r#"{"type":"","contactId":"con1"}"#, workflow(json!({ "contactId": "con1" }))),
        ("{}", json!({ "type": "unknown", "kind": "other" })),
        (" \n\t{ } \r\n", json!({ "type": "unknown", "kind": "other" })),
    ]
}

/// What a field holds is kept as it is: any JSON.
fn kept_values(vectors: &mut Vectors) {
    for value in [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e3",
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "1e-320",
        "5e-324",
        "1.7976931348623157e308",
        "\"\"",
        "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"",
        "\"\\u0000\"",
        "\"\\ud83d\\udd25\"",
        "\"\u{2028}\u{feff}\"",
        "[]",
        "[1,[2,[3]]]",
        "{}",
        r#"{"a":{"b":[null]},"__proto__":1}"#,
    ] {
        let body = format!(r#"{{"contactId":"con1","customFields":[{{"id":"f1","value":{value}}}]}}"#);
        let value: Value = serde_json::from_str(value).unwrap_or_default();
        let event = json!({
            "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [{ "id": "f1", "value": value }],
        });
        vectors.gives("webhook.parse", json!({ "body": body }), event);
        let skipped = format!(r#"{{"contactId":"con1","unknown":{value},"\u0063ustom":[{value}]}}"#);
        let event =
            json!({ "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [] });
        vectors.gives("webhook.parse", json!({ "body": skipped }), event);
    }
}

/// A field that is read cannot be given twice, however it is spelled; one that is skipped may.
fn duplicates(vectors: &mut Vectors) {
    for body in [
        r#"{"id":"a","id":"b"}"#,
        r#"{"contactId":"a","contactId":"a"}"#,
        r#"{"contactId":"a","\u0063ontactId":"b"}"#,
        r#"{"type":"ContactUpdate","id":"con1","type":"ContactDelete"}"#,
        r#"{"timestamp":"2026-01-31T12:00:00Z","contactId":"con1","timestamp":"2026-01-31T12:00:00Z"}"#,
        r#"{"customFields":[],"customFields":[]}"#,
        r#"{"data":{},"data":{}}"#,
        r#"{"data":{"contactId":"a","contactId":"b"}}"#,
        r#"{"customFields":[{"id":"a","id":"b","value":1}]}"#,
        r#"{"type":"AppointmentUpdate","appointment":{"id":"a","id":"b"}}"#,
    ] {
        refuses(vectors, body.as_bytes(), "body");
    }
    let body = r#"{"unknown":1,"unknown":2,"contactId":"con1","x":{"a":1,"a":2}}"#;
    let event = json!({ "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [] });
    vectors.gives("webhook.parse", json!({ "body": body }), event);
}

/// What has not the form of an id is no id; a type has at most 100 bytes.
fn ids(vectors: &mut Vectors) {
    let longest = "x".repeat(100);
    for id in ["a", "e93ba61a-53b3-45e7-985a-c7732dbcdb69", "käsi", &longest] {
        let body = json!({ "type": "ContactUpdate", "id": id, "locationId": id, "webhookId": id });
        let event = json!({
            "type": "ContactUpdate", "webhookId": id, "locationId": id, "kind": "contact", "contactId": id, "customFields": [],
        });
        vectors.gives("webhook.parse", json!({ "body": body.to_string() }), event);
    }
    for id in ["", " ", "a b", "a/b", "a?b", "a#b", "a%b", "a\nb", &format!("{longest}x")] {
        let body = json!({ "type": "ContactUpdate", "id": id, "locationId": id });
        vectors.gives(
            "webhook.parse",
            json!({ "body": body.to_string() }),
            json!({ "type": "ContactUpdate", "kind": "other" }),
        );
        // The next best field is taken.
        let body = json!({ "type": "ContactUpdate", "id": id, "contactId": "con1" });
        let event =
            json!({ "type": "ContactUpdate", "kind": "contact", "contactId": "con1", "customFields": [] });
        vectors.gives("webhook.parse", json!({ "body": body.to_string() }), event);
    }
    let body = json!({ "type": longest }).to_string();
    vectors.gives("webhook.parse", json!({ "body": body }), json!({ "type": longest, "kind": "other" }));
    refuses(vectors, json!({ "type": format!("{longest}x") }).to_string().as_bytes(), "type");
    refuses(vectors, json!({ "type": "ä".repeat(51) }).to_string().as_bytes(), "type");
    let body = json!({ "type": "x", "webhookId": format!("{longest}x") }).to_string();
    vectors.gives("webhook.parse", json!({ "body": body }), json!({ "type": "x", "kind": "other" }));
}

/// As deep as a JSON reader goes, which is 127 levels, and no deeper.
fn nesting(vectors: &mut Vectors) {
    let nested = |open: &str, depth: usize, close: &str| {
        format!(r#"{{"contactId":"con1","unknown":{}1{}}}"#, open.repeat(depth), close.repeat(depth))
    };
    let event = json!({ "type": "workflow", "kind": "workflow", "contactId": "con1", "customFields": [] });
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [1, 50, 126] {
            vectors.gives("webhook.parse", json!({ "body": nested(open, depth, close) }), event.clone());
        }
        for depth in [127, 128, 200, 3_000] {
            refuses(vectors, nested(open, depth, close).as_bytes(), "body");
        }
    }
}
