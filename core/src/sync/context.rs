//! What a location looks like: its pipeline's stages and its custom fields, read once and kept.

use std::collections::BTreeMap;

use crate::{
    api::{
        FieldValue,
        custom_fields::{CustomFieldDefinition, Model},
    },
    error::{Error, Result},
    ids::{CustomFieldId, LocationId, PipelineId},
    order::{StageMap, StatusModel},
};

use super::desired::field;

/// Everything a pass needs to know of its location.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) location: LocationId,
    pub(crate) pipeline: PipelineId,
    pub(crate) model: StatusModel,
    pub(crate) stages: StageMap,
    pub(crate) fields: FieldMap,
    pub(crate) timing: Timing,
    /// Whether GHL lets two contacts have one e-mail or phone, so that a create finds no known one.
    pub(crate) allows_duplicates: bool,
    /// Whether a known contact's name, e-mail, phone and address are replaced, not only completed.
    pub(crate) overwrite_contact: bool,
}

/// The waits a pass depends on, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// A try ends after this long.
    pub(crate) call_timeout: i64,
    /// How far GHL's search index may be behind.
    pub(crate) search_lag: i64,
}

/// A custom field of the location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) id: CustomFieldId,
    /// Its values are numbers.
    pub(crate) numeric: bool,
}

/// Field key → field, for contacts and for opportunities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldMap {
    contact: BTreeMap<String, Field>,
    opportunity: BTreeMap<String, Field>,
}

impl FieldMap {
    /// Finds our fields among the location's, by field key, else by name.
    pub(crate) fn resolve(contact: &[CustomFieldDefinition], opportunity: &[CustomFieldDefinition]) -> Self {
        Self {
            contact: pick(contact, Model::Contact, &field::CONTACT),
            opportunity: pick(opportunity, Model::Opportunity, &field::OPPORTUNITY),
        }
    }

    pub(crate) fn contact(&self, key: &str) -> Option<&Field> {
        self.contact.get(key)
    }

    pub(crate) fn opportunity(&self, key: &str) -> Option<&Field> {
        self.opportunity.get(key)
    }

    /// Those of these values whose field the contacts have, as GHL would write them back.
    pub(crate) fn of_contact(&self, mut values: BTreeMap<String, String>) -> BTreeMap<String, String> {
        values.retain(|key, value| match self.contact(key) {
            Some(field) if field.numeric => {
                *value = plain_number(value);
                true
            }
            field => field.is_some(),
        });
        values
    }

    /// The key of a contact's field by its id, or by its key, which the users' own webhook body carries.
    pub(crate) fn contact_key(&self, id_or_key: &str) -> Option<&str> {
        self.contact
            .iter()
            .find(|(key, field)| field.id.as_str() == id_or_key || key.as_str() == id_or_key)
            .map(|(key, _)| key.as_str())
    }

    /// The fields of ours that the location lacks.
    pub(crate) fn missing(&self) -> Vec<(Model, field::Spec)> {
        let contact = field::CONTACT.iter().filter(|(key, ..)| !self.contact.contains_key(*key));
        let opportunity = field::OPPORTUNITY.iter().filter(|(key, ..)| !self.opportunity.contains_key(*key));
        contact
            .map(|spec| (Model::Contact, *spec))
            .chain(opportunity.map(|spec| (Model::Opportunity, *spec)))
            .collect()
    }

    /// Refuses a location without the two fields that inbound changes are recognised by.
    pub(crate) fn check(&self) -> Result<()> {
        for key in [field::ORDER_NUMBER, field::ORDER_STATUS] {
            if !self.contact.contains_key(key) {
                return Err(Error::config(
                    key,
                    "the location has no contact field with this key; create it in GHL, or call `provision`",
                ));
            }
        }
        Ok(())
    }
}

fn pick(fields: &[CustomFieldDefinition], model: Model, ours: &[field::Spec]) -> BTreeMap<String, Field> {
    let slug = |name: &str| name.trim().to_lowercase().replace([' ', '-'], "_");
    let fields: Vec<_> = fields.iter().filter(|f| f.model.is_none_or(|m| m == model)).collect();
    let mut picked = BTreeMap::new();
    picked.extend(ours.iter().filter_map(|(key, ..)| {
        let by_key = fields.iter().find(|f| f.key() == Some(*key));
        let by_name = || fields.iter().find(|f| f.name.as_deref().map(slug).as_deref() == Some(*key));
        let found = by_key.or_else(by_name)?;
        let numeric = matches!(found.data_type.as_deref(), Some("NUMERICAL" | "MONETORY"));
        Some(((*key).to_owned(), Field { id: found.id.clone(), numeric }))
    }));
    picked
}

/// A field's value as text, so that `50`, `50.0` and `"50"` are one value where the field is numeric.
pub(crate) fn value_text(field: &Field, value: &FieldValue) -> String {
    let text = value.as_text().unwrap_or_default();
    if field.numeric { plain_number(text) } else { text.to_owned() }
}

/// A decimal without needless zeros; other text as it is.
pub(crate) fn plain_number(text: &str) -> String {
    let text = text.trim();
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|b| b.is_ascii_digit()) => {
            match fraction.trim_end_matches('0') {
                "" => whole.to_owned(),
                fraction => format!("{whole}.{fraction}"),
            }
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_value_has_one_text() {
        let field = Field { id: CustomFieldId::new("f"), numeric: true };
        for json in ["50", "\"50\"", "50.0", "\"50.00\""] {
            let value: FieldValue = serde_json::from_str(json).unwrap();
            assert_eq!(value_text(&field, &value), "50", "{json}");
        }
        assert_eq!(plain_number("4999.50"), "4999.5");
        let text = Field { numeric: false, ..field };
        assert_eq!(value_text(&text, &"0050.0".into()), "0050.0");
        assert_eq!(value_text(&text, &serde_json::from_str("null").unwrap()), "");
    }

    #[test]
    fn our_fields_are_found_by_key_or_name() {
        let definitions: Vec<CustomFieldDefinition> = serde_json::from_str(
            r#"[{"id":"1","name":"Nr","fieldKey":"contact.order_number","dataType":"TEXT","model":"contact"},
                {"id":"2","name":"Progress Percentage","fieldKey":"contact.x1","dataType":"NUMERICAL"},
                {"id":"3","name":"Order Status","fieldKey":"opportunity.order_status","model":"opportunity"}]"#,
        )
        .unwrap();
        let map = FieldMap::resolve(&definitions, &[]);
        assert_eq!(map.contact_key("1"), Some("order_number"));
        assert_eq!(map.contact("progress_percentage").map(|f| (f.id.as_str(), f.numeric)), Some(("2", true)));
        assert_eq!(map.contact("order_status"), None);
        assert_eq!(map.check().unwrap_err().field(), Some("order_status"));
        assert_eq!(map.missing().len(), 7);
    }
}
