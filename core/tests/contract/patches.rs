//! The defects of the published files. Each is one line of what GHL really does.

use ghlkit::client::ApiVersion;
use serde_json::{Map, Value, json};

/// Mends what is known to be wrong in the file of an area.
pub(crate) fn mend(area: &str, version: ApiVersion, document: &mut Value) {
    match area {
        "contacts" => contacts(document, version),
        "opportunities" => opportunities(document, version),
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

/// A custom field that is written: by id or key, the value under one name and no other. No key is needed where there
/// is an id, and a key is taken without an id, though the files demand one.
fn custom_field(version: ApiVersion) -> Value {
    let value = match version {
        ApiVersion::ByDate => "field_value",
        ApiVersion::V3 => "fieldValue",
    };
    json!({
        "type": "object",
        "required": [value],
        "properties": { "id": { "type": "string" }, "key": { "type": "string" }, value: any_value() },
    })
}

/// A schema that must be there: a patch of nothing mends nothing. Version 3 has some under a name of its own.
fn schema<'a>(document: &'a mut Value, name: &str) -> &'a mut Map<String, Value> {
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    let own = format!("{name}V3");
    let name = if schemas.contains_key(&own) { own.as_str() } else { name };
    schemas.get_mut(name).and_then(Value::as_object_mut).unwrap_or_else(|| panic!("there is no {name}"))
}

fn custom_fields(document: &mut Value, version: ApiVersion, schemas: &[&str]) {
    for name in schemas {
        schema(document, name)["properties"]["customFields"] =
            json!({ "type": "array", "items": custom_field(version) });
    }
}

fn body<'a>(document: &'a mut Value, path: &str, method: &str) -> &'a mut Value {
    assert!(document["paths"][path][method].is_object(), "there is no {method} {path}");
    &mut document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
}

fn contacts(document: &mut Value, version: ApiVersion) {
    let written = ["CreateContactDto", "UpdateContactDto", "UpsertContactDto"];
    custom_fields(document, version, &written);
    // Typed as an object, though the example is a text.
    for name in written {
        schema(document, name)["properties"]["dateOfBirth"] = json!({ "type": "string" });
    }
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

fn opportunities(document: &mut Value, version: ApiVersion) {
    custom_fields(document, version, &["CreateDto", "UpdateOpportunityDto"]);
    // Typed as objects; numbers in all that is sent and answered.
    for name in ["CreateDto", "UpdateOpportunityDto", "UpsertOpportunityDto"] {
        schema(document, name)["properties"]["monetaryValue"] = json!({ "type": "number" });
    }
    // It demands followers, and does not know the contact by which it finds the opportunity.
    let upsert = schema(document, "UpsertOpportunityDto");
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
    schema(document, "SendMessageBodyDto")["required"] = json!(["type", "contactId"]);
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
