//! Advanced search, shared by contacts and opportunities: filters, one sort order, pages or a cursor.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::assumptions::Assumptions;
use crate::http::Answer;
use crate::time::parse_iso;

/// Pages reach no further than this many records; a cursor does.
const PAGED_RECORDS: usize = 10_000;
const LONGEST_QUERY: usize = 75;
const GREATEST_LIMIT: u64 = 500;
const UPDATE_TIMES: [&str; 4] = ["dateUpdated", "date_updated", "updatedAt", "updated_at"];

/// A record that can be searched.
pub(crate) trait Searchable {
    fn id(&self) -> &str;
    /// The value of a property by its API name; times as epoch milliseconds, `Null` when absent.
    fn property(&self, name: &str) -> Value;
    /// Whether the free-text query finds it; `query` is in lower case.
    fn mentions(&self, query: &str) -> bool;
}

enum From {
    Page(usize),
    After(Value, String),
}

/// A parsed body of `POST …/search`.
pub(crate) struct Search {
    limit: usize,
    from: From,
    query: String,
    filters: Vec<Value>,
    sort_by: String,
    descending: bool,
}

/// One page of what was found.
pub(crate) struct Found<T> {
    pub(crate) page: Vec<Arc<T>>,
    pub(crate) total: usize,
}

impl Search {
    /// Reads the body, whose `locationId` is checked elsewhere. `limit_name` is `pageLimit` or `limit`,
    /// `sort_by` the property that orders results unless the body says otherwise.
    pub(crate) fn parse(body: &Map<String, Value>, limit_name: &str, sort_by: &str) -> Result<Self, Answer> {
        let refuse = |message: String| Err(Answer::unprocessable_one(message));
        let limit = match body.get(limit_name).and_then(Value::as_u64) {
            Some(limit @ 1..=GREATEST_LIMIT) => limit as usize,
            _ => return refuse(format!("{limit_name} must be a number from 1 to {GREATEST_LIMIT}")),
        };
        let from = match (body.get("page"), body.get("searchAfter")) {
            (Some(_), Some(_)) => return refuse("page and searchAfter cannot be used together".to_owned()),
            (None, None) => From::Page(1),
            (Some(page), None) => match page.as_u64().and_then(|page| usize::try_from(page).ok()) {
                Some(page) if page >= 1 && page.saturating_mul(limit) <= PAGED_RECORDS => From::Page(page),
                Some(page) if page >= 1 => {
                    let message =
                        format!("page * {limit_name} must not exceed {PAGED_RECORDS}, use searchAfter");
                    return Err(Answer::bad_request(&message));
                }
                _ => return refuse("page must not be less than 1".to_owned()),
            },
            (None, Some(cursor)) => match cursor.as_array().map(Vec::as_slice) {
                Some([key, Value::String(id)]) => From::After(key.clone(), id.clone()),
                _ => return refuse("searchAfter must be the array returned with a record".to_owned()),
            },
        };
        let query = body.get("query").and_then(Value::as_str).unwrap_or_default();
        if query.chars().count() > LONGEST_QUERY {
            return refuse(format!("query must be shorter than or equal to {LONGEST_QUERY} characters"));
        }
        let sort = body.get("sort").and_then(|sort| sort.get(0));
        let named = |name: &str| sort.and_then(|sort| sort.get(name)).and_then(Value::as_str);
        Ok(Self {
            limit,
            from,
            query: query.to_lowercase(),
            filters: body.get("filters").and_then(Value::as_array).cloned().unwrap_or_default(),
            sort_by: named("field").unwrap_or(sort_by).to_owned(),
            descending: named("direction").unwrap_or("desc") == "desc",
        })
    }

    /// Refuses to filter or sort by the time of the last update where the switch says so.
    pub(crate) fn check_fields(&self, assumptions: &Assumptions) -> Result<(), Answer> {
        let mut named = vec![self.sort_by.as_str()];
        self.filters.iter().for_each(|filter| fields_of(filter, &mut named));
        match named.into_iter().find(|name| UPDATE_TIMES.contains(name)) {
            Some(name) if !assumptions.search_by_update_time => {
                Err(Answer::unprocessable_one(format!("field {name} is not supported")))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn run<'a, T: Searchable + 'a>(
        &self,
        records: impl Iterator<Item = &'a Arc<T>>,
    ) -> Result<Found<T>, Answer> {
        let mut found = Vec::new();
        for record in records {
            if self.query.is_empty() || record.mentions(&self.query) {
                let mut fits = true;
                for filter in &self.filters {
                    fits = fits && matches(filter, record.as_ref())?;
                }
                if fits {
                    found.push((record.property(&self.sort_by), Arc::clone(record)));
                }
            }
        }
        found.sort_by(|(key, record), (other_key, other)| {
            self.order((key, record.id()), (other_key, other.id()))
        });
        let total = found.len();
        let skip = match &self.from {
            From::Page(page) => (page - 1) * self.limit,
            From::After(key, id) => found.partition_point(|(other, record)| {
                self.order((other, record.id()), (key, id)) != Ordering::Greater
            }),
        };
        let page = found.into_iter().skip(skip).take(self.limit).map(|(_, record)| record).collect();
        Ok(Found { page, total })
    }

    fn order(&self, one: (&Value, &str), other: (&Value, &str)) -> Ordering {
        let order = compare(one.0, other.0).then_with(|| one.1.cmp(other.1));
        if self.descending { order.reverse() } else { order }
    }

    /// The cursor that continues after this record.
    pub(crate) fn cursor<T: Searchable>(&self, record: &T) -> Value {
        json!([record.property(&self.sort_by), record.id()])
    }
}

/// The fields a filter names, those of its members included.
fn fields_of<'a>(filter: &'a Value, names: &mut Vec<&'a str>) {
    names.extend(filter.get("field").and_then(Value::as_str));
    let members = filter.get("filters").and_then(Value::as_array).into_iter().flatten();
    members.for_each(|member| fields_of(member, names));
}

/// Numbers before text; absent values first.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        _ => match (number(one), number(other)) {
            (Some(one), Some(other)) => one.total_cmp(&other),
            _ => rank(one).cmp(&rank(other)),
        },
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        _ => 2,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => parse_iso(text).map(|ms| ms as f64),
        _ => None,
    }
}

/// One filter, or a group of them.
fn matches<T: Searchable>(filter: &Value, record: &T) -> Result<bool, Answer> {
    let refuse = |message: &str| Err(Answer::unprocessable_one(message));
    if let Some(members) = filter.get("filters").and_then(Value::as_array) {
        let all = match filter.get("group").and_then(Value::as_str) {
            Some("AND") => true,
            Some("OR") => false,
            _ => return refuse("group must be one of the following values: AND, OR"),
        };
        let mut verdict = all;
        for member in members {
            let fits = matches(member, record)?;
            verdict = if all { verdict && fits } else { verdict || fits };
        }
        return Ok(verdict);
    }
    let (Some(field), Some(operator)) =
        (filter.get("field").and_then(Value::as_str), filter.get("operator").and_then(Value::as_str))
    else {
        return refuse("each filter must have a field and an operator");
    };
    let property = record.property(field);
    let wanted = filter.get("value").unwrap_or(&Value::Null);
    Ok(match operator {
        "eq" => equals(&property, wanted),
        "not_eq" => !equals(&property, wanted),
        "contains" => contains(&property, wanted),
        "not_contains" => !contains(&property, wanted),
        "exists" => !property.is_null(),
        "not_exists" => property.is_null(),
        "range" => in_range(&property, wanted),
        _ => {
            return refuse(
                "operator must be one of eq, not_eq, contains, not_contains, exists, not_exists, range",
            );
        }
    })
}

fn equals(property: &Value, wanted: &Value) -> bool {
    match (property, wanted) {
        (Value::Array(items), Value::Array(all)) => {
            all.iter().all(|one| items.iter().any(|item| equals(item, one)))
        }
        (Value::Array(items), one) => items.iter().any(|item| equals(item, one)),
        (one, Value::Array(any)) => any.iter().any(|wanted| equals(one, wanted)),
        _ => rank(property) == rank(wanted) && compare(property, wanted) == Ordering::Equal,
    }
}

fn contains(property: &Value, wanted: &Value) -> bool {
    match (property, wanted.as_str()) {
        (Value::Array(items), Some(_)) => items.iter().any(|item| contains(item, wanted)),
        (Value::String(text), Some(part)) => text.to_lowercase().contains(&part.to_lowercase()),
        _ => false,
    }
}

fn in_range(property: &Value, bounds: &Value) -> bool {
    let Some(value) = number(property) else { return false };
    ["gt", "gte", "lt", "lte"].into_iter().all(|bound| match (bound, bounds.get(bound).and_then(number)) {
        (_, None) => true,
        ("gt", Some(limit)) => value > limit,
        ("gte", Some(limit)) => value >= limit,
        ("lt", Some(limit)) => value < limit,
        (_, Some(limit)) => value <= limit,
    })
}
