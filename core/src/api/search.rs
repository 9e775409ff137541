use serde::Serialize;
use serde_json::Value;

/// A condition of a search (HighLevel docs: Search Contacts, Search Opportunity).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Filter {
    /// On one field.
    Field {
        /// The field, e.g. `email`, or `customFields.<id>`.
        field: String,
        /// How it is compared.
        operator: Operator,
        /// With what: a text, a number, a list of alternatives, or a range `{"gte": …, "lte": …}`. Null for
        /// [`Operator::Exists`] and its opposite, and then not sent.
        #[serde(skip_serializing_if = "Value::is_null")]
        value: Value,
    },
    /// On several.
    Group {
        /// Whether all or any must hold.
        group: Group,
        /// The conditions.
        filters: Vec<Filter>,
    },
}

impl Filter {
    /// A field equals a value.
    pub fn eq(field: impl Into<String>, value: impl Into<Value>) -> Self {
        Filter::Field { field: field.into(), operator: Operator::Eq, value: value.into() }
    }
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    NotEq,
    /// Contains the text.
    Contains,
    /// Does not contain the text.
    NotContains,
    /// Has a value.
    Exists,
    /// Has no value.
    NotExists,
    /// Lies in a range.
    Range,
}

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Group {
    /// All hold.
    And,
    /// At least one holds.
    Or,
}

/// The order of a search's results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sort {
    /// The field, e.g. `dateUpdated`.
    pub field: String,
    /// The direction.
    pub direction: Direction,
}

/// A direction of sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// GHL serves no page beyond this many results by number; a cursor goes on.
const MAX_BY_NUMBER: u64 = 10_000;

/// Where a search by POST goes on.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The page, from 1; absent means the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Instead of a page: the `searchAfter` of the last result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub search_after: Vec<Value>,
}

impl Position {
    /// The position after a page of `found` results, given the `searchAfter` of its last, if there is more.
    pub(super) fn next(&self, found: usize, limit: u32, last: Option<&Value>) -> Option<Self> {
        if found == 0 || (found as u64) < u64::from(limit) {
            return None;
        }
        match last.and_then(Value::as_array) {
            // A cursor that stands still would fetch the same page for ever.
            Some(cursor) if *cursor == self.search_after => None,
            Some(cursor) if !cursor.is_empty() => Some(Self { page: None, search_after: cursor.clone() }),
            _ => {
                let page = self.page.unwrap_or(1);
                let more = u64::from(page) * u64::from(limit) < MAX_BY_NUMBER;
                more.then(|| Self { page: Some(page + 1), search_after: Vec::new() })
            }
        }
    }
}
