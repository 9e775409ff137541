//! Tags of a location. A tag comes to be by being put on a contact, too.

use serde_json::{Value, json};

use crate::auth::Access;
use crate::dto::{Kind, Property, Unknown, check, required};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::{Call, Route};

/// One tag of a location.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Opaque id.
    pub id: String,
    /// Its text, by which contacts carry it.
    pub name: String,
}

const CREATE: &[Property] = &[required("name", Kind::Text)];

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        pattern: "/locations/{locationId}/tags",
        access: Access::Location,
        scope: "locations/tags.readonly",
        handler: list,
    },
    Route {
        method: "POST",
        pattern: "/locations/{locationId}/tags",
        access: Access::Location,
        scope: "locations/tags.write",
        handler: create,
    },
];

impl Tag {
    fn to_json(&self, location_id: &str) -> Value {
        json!({ "name": self.name, "locationId": location_id, "id": self.id })
    }
}

impl Ghl {
    /// Makes the location know these tags.
    pub(crate) fn learn_tags(&mut self, location_id: &str, names: &[String]) {
        let Some(location) = self.locations.get_mut(location_id) else { return };
        for name in names {
            if !location.tags.iter().any(|tag| tag.name == *name) {
                location.tags.push(Tag { id: self.rng.opaque(), name: name.clone() });
            }
        }
    }
}

fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.path(0);
    call.require_location(location_id)?;
    let tags: Vec<_> = ghl.location(location_id)?.tags.iter().map(|tag| tag.to_json(location_id)).collect();
    Ok(Answer::ok(json!({ "tags": tags })))
}

fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.path(0);
    call.require_location(location_id)?;
    let body = call.json()?;
    check(&body, &[CREATE], Unknown::Refuse)?;
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    if ghl.location(location_id)?.tags.iter().any(|tag| tag.name == name) {
        return Err(Answer::bad_request("The tag name is already exist."));
    }
    ghl.learn_tags(location_id, &[name.to_owned()]);
    let tag = ghl.location(location_id)?.tags.last().map(|tag| tag.to_json(location_id));
    Ok(Answer::ok(json!({ "tag": tag })))
}
