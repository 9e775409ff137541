use serde::{Deserialize, Deserializer, Serialize};

use super::Contact;
use crate::api::{Extra, Filter, Position, Sort, fields::Fields};

/// Which contacts to find, in which order. The default finds all, 100 a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactSearch {
    /// Words to look for, up to 75 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Conditions; all must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// The order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<Sort>,
    /// Contacts a page, at most 500.
    pub page_limit: u32,
    /// Where to go on.
    #[serde(flatten)]
    pub position: Position,
}

impl Default for ContactSearch {
    fn default() -> Self {
        Self {
            query: None,
            filters: Vec::new(),
            sort: Vec::new(),
            page_limit: 100,
            position: Position::default(),
        }
    }
}

/// A page of contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPage {
    /// The contacts.
    pub contacts: Vec<Contact>,
    /// How many there are on all pages.
    pub total: Option<u64>,
    /// Everything else.
    pub extra: Extra,
}

impl ContactPage {
    /// The search for the page after this one, which `fetched` found, if there is one.
    pub fn next(&self, fetched: &ContactSearch) -> Option<ContactSearch> {
        let last = self.contacts.last().and_then(|contact| contact.extra.get("searchAfter"));
        let position = fetched.position.next(self.contacts.len(), fetched.page_limit, last)?;
        Some(ContactSearch { position, ..fetched.clone() })
    }
}

impl<'de> Deserialize<'de> for ContactPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            contacts: fields.need_list::<_, D::Error>("contacts")?,
            total: fields.take(&["total"]),
            extra: fields.rest(),
        })
    }
}
