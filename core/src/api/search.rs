use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::json;

/// A condition of a search (HighLevel docs: Search Contacts, Search Opportunity).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "SearchFilter"))]
#[serde(untagged)]
pub enum Filter {
    /// On one field.
    Field {
        /// The field, e.g. `email`, or `customFields.<id>`.
        field: String,
        /// How it is compared.
        operator: Operator,
        /// With what: a text, a number, a list of alternatives, or a range `{"gte": …, "lte": …}`. Null where
        /// it is asked whether there is a value, and then not sent.
        #[serde(skip_serializing_if = "Value::is_null")]
        #[cfg_attr(feature = "ts", ts(optional, as = "Option<Value>"))]
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

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            field: Option<String>,
            operator: Option<Operator>,
            #[serde(default, deserialize_with = "json::any")]
            value: Value,
            group: Option<Group>,
            filters: Option<Vec<Filter>>,
        }
        match Parts::deserialize(deserializer)? {
            Parts { field: Some(field), operator: Some(operator), value, group: None, filters: None } => {
                Ok(Filter::Field { field, operator, value })
            }
            Parts {
                field: None,
                operator: None,
                value: Value::Null,
                group: Some(group),
                filters: Some(filters),
            } => Ok(Filter::Group { group, filters }),
            _ => Err(D::Error::custom("expected `field`, `operator` and `value`, or `group` and `filters`")),
        }
    }
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "FilterOperator"))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "FilterGroup"))]
#[serde(rename_all = "UPPERCASE")]
pub enum Group {
    /// All hold.
    And,
    /// At least one holds.
    Or,
}

/// The order of a search's results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "SearchSort"))]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The field, e.g. `dateUpdated`.
    pub field: String,
    /// The direction.
    pub direction: Direction,
}

/// A direction of sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "SortDirection"))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// GHL serves no page beyond this many results by number; a cursor goes on.
const MAX_BY_NUMBER: u64 = 10_000;

/// Where a search by POST goes on: a page, or the cursor of the last result.
pub(super) type Position = (Option<u32>, Vec<Value>);

/// The position after a page of `found` results at `page` and `search_after`, given the `searchAfter` of its
/// last, if there is more.
pub(super) fn next_position(
    (page, search_after): (Option<u32>, &[Value]),
    found: usize,
    limit: u32,
    last: Option<&Value>,
) -> Option<Position> {
    if found == 0 || (found as u64) < u64::from(limit) {
        return None;
    }
    match last.and_then(Value::as_array) {
        // A cursor that stands still would fetch the same page for ever.
        Some(cursor) if *cursor == search_after => None,
        Some(cursor) if !cursor.is_empty() => Some((None, cursor.clone())),
        _ => {
            let page = page.unwrap_or(1);
            let more = u64::from(page) * u64::from(limit) < MAX_BY_NUMBER;
            more.then(|| (Some(page + 1), Vec::new()))
        }
    }
}
