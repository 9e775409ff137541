//! Custom fields: opaque ids with readable keys, per location and model.

use serde_json::{Map, Value, json};

use crate::auth::Access;
use crate::dto::{Kind, Property, Unknown, check, optional, required, texts};
use crate::http::{Answer, Handled};
use crate::ids::Rng;
use crate::locations::Location;
use crate::model::Ghl;
use crate::routes::{Call, Route};

/// What a field belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Contacts.
    Contact,
    /// Opportunities.
    Opportunity,
}

impl Model {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Opportunity => "opportunity",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Contact, Self::Opportunity].into_iter().find(|model| model.name() == name)
    }
}

/// One custom field of a location.
#[derive(Clone, Debug)]
pub struct CustomField {
    /// Opaque id; the only name under which records carry a value.
    pub id: String,
    /// Name as people see it.
    pub name: String,
    /// Key without the model's prefix, for example `order_status`.
    pub key: String,
    /// `TEXT`, `NUMERICAL`, `MONETORY`, …
    pub data_type: String,
    /// What it belongs to.
    pub model: Model,
    position: usize,
    options: Vec<String>,
}

/// The fields an order uses: model, name, data type.
const ORDER_FIELDS: [(Model, &str, &str); 9] = [
    (Model::Contact, "Order Number", "TEXT"),
    (Model::Contact, "Order Total", "MONETORY"),
    (Model::Contact, "Sauna Model", "TEXT"),
    (Model::Contact, "Order Status", "TEXT"),
    (Model::Contact, "Last Updated", "TEXT"),
    (Model::Contact, "Progress Percentage", "NUMERICAL"),
    (Model::Contact, "Manufacturing Progress", "NUMERICAL"),
    (Model::Opportunity, "Stripe Payment Id", "TEXT"),
    (Model::Opportunity, "Delivery Address", "LARGE_TEXT"),
];

const DATA_TYPES: &[&str] = &[
    "TEXT",
    "LARGE_TEXT",
    "NUMERICAL",
    "PHONE",
    "MONETORY",
    "CHECKBOX",
    "SINGLE_OPTIONS",
    "MULTIPLE_OPTIONS",
    "DATE",
    "TEXTBOX_LIST",
    "FILE_UPLOAD",
    "RADIO",
    "EMAIL",
];

const CREATE: &[Property] = &[
    required("name", Kind::Text),
    required("dataType", Kind::OneOf(DATA_TYPES)),
    optional("placeholder", Kind::Text),
    optional("acceptedFormat", Kind::Array),
    optional("isMultipleFile", Kind::Flag),
    optional("maxNumberOfFiles", Kind::Number),
    optional("textBoxListOptions", Kind::Array),
    optional("options", Kind::Texts),
    optional("position", Kind::Number),
    optional("model", Kind::OneOf(&["contact", "opportunity"])),
];

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        pattern: "/locations/{locationId}/customFields",
        access: Access::Location,
        scope: "locations/customFields.readonly",
        handler: list,
    },
    Route {
        method: "POST",
        pattern: "/locations/{locationId}/customFields",
        access: Access::Location,
        scope: "locations/customFields.write",
        handler: create,
    },
];

pub(crate) fn order_fields(rng: &mut Rng) -> Vec<CustomField> {
    let fields = ORDER_FIELDS.iter().enumerate();
    fields.map(|(at, (model, name, data_type))| CustomField::new(rng, *model, name, data_type, at)).collect()
}

/// Lower case with underscores, as HighLevel makes a key from a name.
pub(crate) fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

impl CustomField {
    fn new(rng: &mut Rng, model: Model, name: &str, data_type: &str, position: usize) -> Self {
        Self {
            id: rng.opaque(),
            name: name.to_owned(),
            key: slug(name),
            data_type: data_type.to_owned(),
            model,
            position,
            options: Vec::new(),
        }
    }

    fn full_key(&self) -> String {
        format!("{}.{}", self.model.name(), self.key)
    }

    fn answers_to(&self, name: &str) -> bool {
        self.id == name || self.key == name || self.full_key() == name
    }

    fn to_json(&self, location_id: &str) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "fieldKey": self.full_key(),
            "placeholder": "",
            "dataType": self.data_type,
            "position": self.position * 50,
            "picklistOptions": self.options,
            "isAllowedCustomOption": false,
            "isMultiFileAllowed": false,
            "maxFileLimit": 1,
            "locationId": location_id,
            "model": self.model.name(),
        })
    }
}

impl Location {
    /// The field with that id, key or full key.
    pub(crate) fn field(&self, model: Model, name: &str) -> Option<&CustomField> {
        self.fields.iter().find(|field| field.model == model && field.answers_to(name))
    }
}

impl Ghl {
    /// Reads the `customFields` of a write into field ids and values. An item without a known field, or
    /// whose value hides under a property that the version does not read, is dropped without a word.
    pub(crate) fn field_writes(
        &self,
        call: &Call<'_>,
        location_id: &str,
        model: Model,
        body: &Map<String, Value>,
    ) -> Result<Vec<(String, Value)>, Answer> {
        let Some(items) = body.get("customFields").and_then(Value::as_array) else {
            return Ok(Vec::new());
        };
        let location = self.location(location_id)?;
        let switches = &self.settings.assumptions;
        let value_keys: &[&str] = match (model, call.is_v3()) {
            (Model::Opportunity, true) => &["fieldValue"],
            (Model::Opportunity, false) => &["field_value"],
            (Model::Contact, _) if switches.accept_value_key => &["field_value", "fieldValue", "value"],
            (Model::Contact, _) => &["field_value", "fieldValue"],
        };
        let mut writes = Vec::new();
        for item in items {
            let Some(item) = item.as_object() else {
                let message = "each value in nested property customFields must be either object or array";
                return Err(Answer::unprocessable_one(message));
            };
            let by_id = item.get("id").and_then(Value::as_str);
            let by_key = item.get("key").and_then(Value::as_str).filter(|_| switches.accept_key_without_id);
            // An `id` must be the opaque id: a key in its place names no field.
            let field = match by_id {
                Some(id) => location.fields.iter().find(|field| field.model == model && field.id == id),
                None => by_key.and_then(|key| location.field(model, key)),
            };
            let value = value_keys.iter().find_map(|key| item.get(*key));
            if let (Some(field), Some(value)) = (field, value) {
                writes.push((field.id.clone(), value.clone()));
            }
        }
        Ok(writes)
    }
}

fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.path(0);
    call.require_location(location_id)?;
    let wanted = match call.query("model") {
        Some("all") => None,
        Some(name) => match Model::named(name) {
            Some(model) => Some(model),
            None => {
                let message = "model must be one of the following values: contact, opportunity, all";
                return Err(Answer::unprocessable_one(message));
            }
        },
        None => ghl.settings.assumptions.fields_default_to_contact.then_some(Model::Contact),
    };
    let fields = &ghl.location(location_id)?.fields;
    let listed = fields.iter().filter(|field| wanted.is_none_or(|model| field.model == model));
    let listed: Vec<_> = listed.map(|field| field.to_json(location_id)).collect();
    Ok(Answer::ok(json!({ "customFields": listed })))
}

fn create(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let location_id = call.path(0);
    call.require_location(location_id)?;
    let body = call.json()?;
    check(&body, &[CREATE], Unknown::Refuse)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let model = Model::named(text("model")).unwrap_or(Model::Contact);
    let position = ghl.location(location_id)?.fields.len();
    let mut field = CustomField::new(&mut ghl.rng, model, text("name"), text("dataType"), position);
    field.options = texts(body.get("options")).unwrap_or_default();
    let location = ghl.location_mut(location_id)?;
    if location.fields.iter().any(|other| other.model == model && other.key == field.key) {
        let message = format!("Custom field with key {} already exists", field.full_key());
        return Err(Answer::bad_request(&message));
    }
    let answer = Answer::created(json!({ "customField": field.to_json(location_id) }));
    location.fields.push(field);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn keys_are_slugs_of_names() {
        assert_eq!(slug("Order Number"), "order_number");
        assert_eq!(slug("order_number"), "order_number");
        assert_eq!(slug(" Größe (cm) "), "größe_cm");
    }
}
