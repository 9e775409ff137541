use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use super::shape::{Field, Goes, Input, Shape, Shaped, When, input, words};
use crate::json::{self, Fault};

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

const MIXED: &str = "expected `field`, `operator` and `value`, or `group` and `filters`";

impl Shaped for Filter {
    const SHAPE: Shape = Shape::Input(&FILTER);
}

/// A group holds filters, so that it can only be named.
static FILTER: Input = Input {
    fields: &[
        optional("field", Shape::Text),
        optional("operator", Operator::SHAPE),
        optional("value", Shape::Any),
        optional("group", Group::SHAPE),
        optional("filters", Shape::List(&Shape::Input(&FILTER))),
    ],
    check: Some(|members| match members {
        [Some(_), Some(_), _, None, None] | [None, None, None, Some(_), Some(_)] => Ok(()),
        _ => Err(Fault::custom(MIXED)),
    }),
};

const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, wire: name, shape, when: When::Optional, goes: Goes::Usual }
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
            _ => Err(D::Error::custom(MIXED)),
        }
    }
}

words! {
    /// How a field is compared.
    #[cfg_attr(feature = "ts", ts(rename = "FilterOperator"))]
    pub enum Operator {
        /// Equal.
        Eq = "eq",
        /// Not equal.
        NotEq = "not_eq",
        /// Contains the text.
        Contains = "contains",
        /// Does not contain the text.
        NotContains = "not_contains",
        /// Has a value.
        Exists = "exists",
        /// Has no value.
        NotExists = "not_exists",
        /// Lies in a range.
        Range = "range",
    }
}

words! {
    /// How conditions are joined.
    #[cfg_attr(feature = "ts", ts(rename = "FilterGroup"))]
    pub enum Group {
        /// All hold.
        And = "AND",
        /// At least one holds.
        Or = "OR",
    }
}

input! {
    /// The order of a search's results.
    #[cfg_attr(feature = "ts", ts(rename = "SearchSort"))]
    #[derive(Eq)]
    pub struct Sort {
        /// The field, e.g. `dateUpdated`.
        pub field: String,
        /// The direction.
        pub direction: Direction,
    }
}

words! {
    /// A direction of sorting.
    #[cfg_attr(feature = "ts", ts(rename = "SortDirection"))]
    pub enum Direction {
        /// The least first.
        Asc = "asc",
        /// The greatest first.
        Desc = "desc",
    }
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
