//! `/__mock/…`: looking at and steering the stand-in from another process or language.

use serde_json::{Map, Value, json};

use super::{Shared, lock};
use crate::faults::FaultPlan;
use crate::http::{Answer, Handled, Reply, Request};
use crate::human::Done;
use crate::log::Received;
use crate::model::Ghl;
use crate::settings::LOCATION_ID;

pub(super) fn answer(shared: &Shared, name: &str, request: &Request) -> Reply {
    let answer = match (request.method.as_str(), name) {
        ("GET", _) => look(shared, name),
        ("POST", _) => body(request).and_then(|body| steer(shared, name, &body)),
        _ => Err(Answer::no_route(&request.method, &request.path)),
    };
    let Answer { status, body, .. } = answer.unwrap_or_else(|refusal| refusal);
    Reply {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn body(request: &Request) -> Result<Map<String, Value>, Answer> {
    match request.body.is_empty() {
        true => Ok(Map::new()),
        false => serde_json::from_slice(&request.body)
            .map_err(|error| Answer::bad_request(&format!("the body must be a JSON object: {error}"))),
    }
}

fn look(shared: &Shared, name: &str) -> Handled {
    Ok(Answer::ok(match name {
        "state" => lock(&shared.ghl).state_json(),
        "connections" => json!({ "open": shared.open.get(), "waiting": shared.waiting.get() }),
        "limits" => lock(&shared.ghl).limits_json(),
        "received" => lock(&shared.ghl).received().map(received).collect(),
        "deliveries" => lock(&shared.deliveries)
            .entries()
            .iter()
            .map(|delivery| {
                json!({
                    "event": delivery.event,
                    "webhookId": delivery.id,
                    "attempt": delivery.attempt,
                    "status": delivery.status,
                })
            })
            .collect(),
        _ => return Err(Answer::no_route("GET", &format!("/__mock/{name}"))),
    }))
}

fn received(entry: &Received) -> Value {
    let body = serde_json::from_slice::<Value>(&entry.body);
    json!({
        "at": entry.at,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "body": body.unwrap_or_else(|_| String::from_utf8_lossy(&entry.body).into()),
        "status": entry.status,
        "token": entry.token.map(|kind| format!("{kind:?}")),
        "fault": entry.fault.map(|fault| format!("{fault:?}")),
    })
}

fn steer(shared: &Shared, name: &str, body: &Map<String, Value>) -> Handled {
    let text = |name: &str| match body.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text),
        None => Err(Answer::bad_request(&format!("{name} must be a string"))),
    };
    match name {
        "stage" => {
            let (id, stage) = (text("opportunityId")?, text("stage")?);
            done(shared.with(|ghl, now| ghl.move_stage(now, id, stage)))
        }
        "contact-field" => {
            let (id, key) = (text("contactId")?, text("key")?);
            let value = body.get("value").cloned().unwrap_or(Value::Null);
            done(shared.with(|ghl, now| ghl.set_contact_field(now, id, key, value)))
        }
        "appointment-status" => {
            let (id, status) = (text("appointmentId")?, text("status")?);
            done(shared.with(|ghl, now| ghl.set_appointment_status(now, id, status)))
        }
        "contact" => seed(shared, body),
        "faults" => {
            let plan = FaultPlan::parse(&Value::Object(body.clone()).to_string());
            let plan = plan.map_err(|error| Answer::bad_request(&error))?;
            shared.set_faults(plan);
            done(Ok(()))
        }
        "token/expire" => {
            shared.with(|ghl, now| ghl.expire_access_tokens(now));
            done(Ok(()))
        }
        "code" => {
            let location_id = body.get("locationId").and_then(Value::as_str);
            Ok(Answer::ok(json!({ "code": shared.with(|ghl, _| ghl.issue_code(location_id)) })))
        }
        "reset" => {
            shared.with(|ghl, _| *ghl = Ghl::new(ghl.settings().clone()));
            done(Ok(()))
        }
        _ => Err(Answer::no_route("POST", &format!("/__mock/{name}"))),
    }
}

/// `{locationId?, details: {firstName, email, …}, tags: […]}`: a contact that was there before.
fn seed(shared: &Shared, body: &Map<String, Value>) -> Handled {
    let location_id = body.get("locationId").and_then(Value::as_str).unwrap_or(LOCATION_ID);
    let details = body.get("details").and_then(Value::as_object).into_iter().flatten();
    let details: Vec<_> =
        details.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    let tags: Vec<_> =
        body.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    match shared.with(|ghl, now| ghl.seed_contact(now, location_id, &details, &tags)) {
        Ok(id) => Ok(Answer::ok(json!({ "contactId": id }))),
        Err(error) => Err(Answer::bad_request(&error.to_string())),
    }
}

fn done(done: Done) -> Handled {
    match done {
        Ok(()) => Ok(Answer::ok(json!({ "ok": true }))),
        Err(error) => Err(Answer::new(404, json!({ "statusCode": 404, "message": error.to_string() }))),
    }
}
