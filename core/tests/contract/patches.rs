//! The defects of the published files. Each is one line of what GHL really does.

use serde_json::{Value, json};

/// Mends what is known to be wrong in the file of an area.
pub(crate) fn mend(area: &str, document: &mut Value) {
    match area {
        "contacts" => contacts(document),
        "opportunities" => opportunities(document),
        "conversations" => conversations(document),
        _ => {}
    }
}

/// The value of a custom field may be a text, a number, a list of texts or an object.
fn any_value() -> Value {
    json!({ "oneOf": [
        { "type": "string" },
        { "type": "number" },
        { "type": "array", "items": { "type": "string" } },
        { "type": "object" },
    ] })
}

/// A custom field that is written: by id or key, the value under `field_value` and no other name. No key is needed
/// where there is an id, and a key is taken without an id, though the files demand one.
fn custom_field() -> Value {
    json!({
        "type": "object",
        "required": ["field_value"],
        "properties": {
            "id": { "type": "string" },
            "key": { "type": "string" },
            "field_value": any_value(),
        },
    })
}

/// The properties of a schema that must be there: a patch of nothing mends nothing.
fn properties<'a>(document: &'a mut Value, schema: &str) -> &'a mut Value {
    let properties = &mut document["components"]["schemas"][schema]["properties"];
    assert!(properties.is_object(), "there is no {schema}");
    properties
}

fn custom_fields(document: &mut Value, schemas: &[&str]) {
    for schema in schemas {
        let properties = properties(document, schema);
        properties["customFields"] = json!({ "type": "array", "items": custom_field() });
    }
}

fn body<'a>(document: &'a mut Value, path: &str, method: &str) -> &'a mut Value {
    assert!(document["paths"][path][method].is_object(), "there is no {method} {path}");
    &mut document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
}

fn contacts(document: &mut Value) {
    custom_fields(document, &["CreateContactDto", "UpdateContactDto", "UpsertContactDto"]);
    // Empty in the file; described in HighLevel's guide to the search.
    *body(document, "/contacts/search", "post") = json!({
        "type": "object",
        "required": ["locationId", "pageLimit"],
        "properties": {
            "locationId": { "type": "string" },
            "pageLimit": { "type": "integer" },
            "page": { "type": "integer" },
            "searchAfter": { "type": "array" },
            "query": { "type": "string" },
            "filters": filters(),
            "sort": sort(),
        },
    });
}

fn opportunities(document: &mut Value) {
    custom_fields(document, &["CreateDto", "UpdateOpportunityDto"]);
    // Typed as objects; numbers in all that is sent and answered.
    for schema in ["CreateDto", "UpdateOpportunityDto", "UpsertOpportunityDto"] {
        let properties = properties(document, schema);
        properties["monetaryValue"] = json!({ "type": "number" });
    }
    // It demands followers, and does not know the contact by which it finds the opportunity.
    let upsert = &mut document["components"]["schemas"]["UpsertOpportunityDto"];
    upsert["required"] = json!(["pipelineId", "locationId"]);
    upsert["properties"]["contactId"] = json!({ "type": "string" });
    // It demands everything, and knows neither filters nor sort.
    *body(document, "/opportunities/search", "post") = json!({
        "type": "object",
        "required": ["locationId", "limit"],
        "properties": {
            "locationId": { "type": "string" },
            "limit": { "type": "integer" },
            "page": { "type": "integer" },
            "searchAfter": { "type": "array" },
            "query": { "type": "string" },
            "filters": filters(),
            "sort": sort(),
        },
    });
}

fn conversations(document: &mut Value) {
    // It demands a subtype and a status, which no caller knows.
    let send = &mut document["components"]["schemas"]["SendMessageBodyDto"];
    send["required"] = json!(["type", "contactId"]);
}

fn filters() -> Value {
    json!({ "type": "array", "items": { "oneOf": [
        {
            "type": "object",
            "required": ["field", "operator"],
            "properties": {
                "field": { "type": "string" },
                "operator": { "enum":
                    ["eq", "not_eq", "contains", "not_contains", "exists", "not_exists", "range"] },
                "value": {},
            },
        },
        {
            "type": "object",
            "required": ["group", "filters"],
            "properties": { "group": { "enum": ["AND", "OR"] }, "filters": { "type": "array" } },
        },
    ] } })
}

fn sort() -> Value {
    json!({ "type": "array", "items": {
        "type": "object",
        "required": ["field", "direction"],
        "properties": { "field": { "type": "string" }, "direction": { "enum": ["asc", "desc"] } },
    } })
}
