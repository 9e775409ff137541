//! What has changed, when and by whom: the oracle of tests and simulators.

use std::collections::BTreeMap;

use serde_json::Value;

/// Who made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// Somebody in HighLevel's own pages.
    Human,
    /// A call of the API.
    Api,
}

/// One value an opportunity's stage has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageChange {
    /// When, epoch milliseconds.
    pub at: i64,
    /// The stage from then on.
    pub stage_id: String,
    /// By whom.
    pub by: Author,
}

/// One value a contact's field has had.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// When, epoch milliseconds.
    pub at: i64,
    /// The value from then on.
    pub value: Value,
    /// By whom.
    pub by: Author,
}

/// Changes remembered per record; the oldest are forgotten.
const DEPTH: usize = 4_096;

/// Changes of stages and of contact fields, kept beyond the record's end.
#[derive(Default)]
pub(crate) struct History {
    stages: BTreeMap<String, Vec<StageChange>>,
    fields: BTreeMap<(String, String), Vec<FieldChange>>,
}

fn remember<T>(changes: &mut Vec<T>, change: T) {
    if changes.len() == DEPTH {
        changes.remove(0);
    }
    changes.push(change);
}

impl History {
    pub(crate) fn stage(&mut self, opportunity_id: &str, change: StageChange) {
        remember(self.stages.entry(opportunity_id.to_owned()).or_default(), change);
    }

    pub(crate) fn field(&mut self, contact_id: &str, field_id: &str, change: FieldChange) {
        let key = (contact_id.to_owned(), field_id.to_owned());
        remember(self.fields.entry(key).or_default(), change);
    }

    pub(crate) fn stages_of(&self, opportunity_id: &str) -> &[StageChange] {
        self.stages.get(opportunity_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn field_of(&self, contact_id: &str, field_id: &str) -> &[FieldChange] {
        self.fields.get(&(contact_id.to_owned(), field_id.to_owned())).map_or(&[], Vec::as_slice)
    }
}
