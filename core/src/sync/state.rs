//! What is known of GHL's side: the base of each object, and writes whose outcome is open.
//!
//! The store keeps these as JSON text; this file is the only place that reads and writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use crate::{
    error::{Code, Error, Result},
    ids::{LocationId, StageId},
    ports::store::{ObjectKind, ObjectRow},
};

/// The opportunity as last known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OpportunityBase {
    /// Its stage; `None` where it was never known.
    #[serde(deserialize_with = "as_kept")]
    pub(crate) stage: Option<StageId>,
    /// `open`, `won`, `lost` or `abandoned`.
    pub(crate) status: Option<String>,
    /// The order's version that GHL acknowledged with this stage.
    pub(crate) acked_version: i64,
    /// We closed it (the order left the path), so we open it when the order returns.
    pub(crate) closed_by_us: bool,
}

/// A write to the opportunity that may or may not have arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OpportunityWrite {
    #[serde(deserialize_with = "as_kept")]
    pub(crate) stage: Option<StageId>,
    pub(crate) status: Option<String>,
    /// In GHL's clock: it arrives by then or never.
    pub(crate) deadline: i64,
}

/// Our fields and tags on the contact, as last known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ContactBase {
    /// Field key → value as text.
    pub(crate) fields: BTreeMap<String, String>,
    /// Our tags that are known to be there.
    pub(crate) tags: BTreeSet<String>,
    /// Our tags that may be there: written down before they are sent, forgotten once removed.
    pub(crate) recorded: BTreeSet<String>,
    /// The contact was found after a create of unknown outcome, begun then: if it was added since, it is
    /// ours, and so are the statuses among its tags. Until the contact is looked at.
    pub(crate) made_since: Option<i64>,
    /// When `order_status` was last written by us or looked at, in GHL's clock, where its reply told: an
    /// older event knows nothing newer of it.
    pub(crate) status_at: i64,
}

/// A write to the contact's fields that may or may not have arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ContactWrite {
    pub(crate) fields: BTreeMap<String, String>,
    /// In GHL's clock: it arrives by then or never.
    pub(crate) deadline: i64,
}

/// A remembered object: its base, the base's change time in GHL's clock, and its open writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known<B, W> {
    pub(crate) base: B,
    pub(crate) base_at: i64,
    pub(crate) unknown: Vec<W>,
}

pub(crate) type KnownOpportunity = Known<OpportunityBase, OpportunityWrite>;
pub(crate) type KnownContact = Known<ContactBase, ContactWrite>;

impl<B, W> Known<B, W>
where
    B: Default + Serialize + DeserializeOwned,
    W: Serialize + DeserializeOwned,
{
    /// Reads a row; nothing is known where there is none.
    pub(crate) fn read(row: Option<&ObjectRow>) -> Result<Self> {
        let Some(row) = row else {
            return Ok(Self { base: B::default(), base_at: 0, unknown: Vec::new() });
        };
        Ok(Self { base: parse(row, &row.base)?, base_at: row.base_at, unknown: parse(row, &row.unknown)? })
    }

    /// The row to keep.
    pub(crate) fn row(&self, location: &LocationId, kind: ObjectKind, id: &str) -> Result<ObjectRow> {
        Ok(ObjectRow {
            location: location.clone(),
            kind,
            id: id.to_owned(),
            base: text(&self.base)?,
            base_at: self.base_at,
            unknown: text(&self.unknown)?,
        })
    }
}

/// GHL's id, whatever it looks like.
fn as_kept<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StageId>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(StageId::new))
}

fn parse<T: DeserializeOwned>(row: &ObjectRow, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| {
        Error::new(Code::Store, format!("ghlkit_objects: the {} {} is unreadable", row.kind.as_str(), row.id))
            .with_source(error)
    })
}

fn text<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(Code::Store, "a row could not be written as JSON").with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_back_as_it_was_written() {
        let known = KnownOpportunity {
            base: OpportunityBase {
                stage: Some(StageId::new("s1")),
                status: Some("open".into()),
                acked_version: 3,
                closed_by_us: true,
            },
            base_at: 17,
            unknown: vec![OpportunityWrite { stage: None, status: Some("lost".into()), deadline: 9 }],
        };
        let row = known.row(&LocationId::new("loc"), ObjectKind::Opportunity, "opp").unwrap();
        assert_eq!(KnownOpportunity::read(Some(&row)).unwrap(), known);
    }

    #[test]
    fn an_unreadable_row_is_an_error_that_names_it() {
        let mut row =
            KnownContact::default().row(&LocationId::new("loc"), ObjectKind::Contact, "c1").unwrap();
        row.base = "{".into();
        let error = KnownContact::read(Some(&row)).unwrap_err();
        assert_eq!(error.code(), Code::Store);
        assert!(error.message().contains("contact c1"), "{error}");
    }
}
