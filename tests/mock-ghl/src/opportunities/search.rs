//! Searching opportunities, both ways, in the lagging index.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Opportunity;
use crate::assumptions::SearchCursor;
use crate::dto::{Kind, Property, Unknown, check, optional, required};
use crate::http::{Answer, Handled};
use crate::model::Ghl;
use crate::routes::Call;
use crate::search::{Search, Searchable};
use crate::time::{DAY_MS, parse_us_day};

const SEARCH: &[Property] = &[
    required("locationId", Kind::Text),
    required("limit", Kind::Number),
    optional("query", Kind::Text),
    optional("page", Kind::Number),
    optional("searchAfter", Kind::Array),
    optional("filters", Kind::Array),
    optional("sort", Kind::Array),
    optional("additionalDetails", Kind::Object),
];

/// Query names of `GET /opportunities/search` that version 3 renames: date versions, `v3`.
const RENAMED: [(&str, &str); 5] = [
    ("location_id", "locationId"),
    ("pipeline_id", "pipelineId"),
    ("pipeline_stage_id", "pipelineStageId"),
    ("contact_id", "contactId"),
    ("assigned_to", "assignedTo"),
];
const UNCHANGED: [&str; 15] = [
    "q",
    "status",
    "campaignId",
    "id",
    "order",
    "endDate",
    "startAfter",
    "startAfterId",
    "date",
    "country",
    "page",
    "limit",
    "getTasks",
    "getNotes",
    "getCalendarEvents",
];

impl Searchable for Opportunity {
    fn id(&self) -> &str {
        &self.id
    }

    fn property(&self, name: &str) -> Value {
        match name {
            "id" => json!(self.id),
            "name" => json!(self.name),
            "status" => json!(self.status),
            "monetaryValue" | "monetary_value" => json!(self.monetary_value),
            "pipelineId" | "pipeline_id" => json!(self.pipeline_id),
            "pipelineStageId" | "pipeline_stage_id" => json!(self.stage_id),
            "contactId" | "contact_id" => json!(self.contact_id),
            "assignedTo" | "assigned_to" => json!(self.assigned_to),
            "createdAt" | "dateAdded" | "date_added" => json!(self.created_at),
            "updatedAt" | "dateUpdated" | "date_updated" => json!(self.updated_at),
            "lastStageChangeAt" | "last_stage_change_at" => json!(self.last_stage_change_at),
            "lastStatusChangeAt" | "last_status_change_at" => json!(self.last_status_change_at),
            _ => {
                let id = name.strip_prefix("customFields.").unwrap_or_default();
                self.custom_fields.get(id).cloned().unwrap_or(Value::Null)
            }
        }
    }

    fn mentions(&self, query: &str) -> bool {
        self.name.to_lowercase().contains(query)
    }
}

impl Ghl {
    /// A row of a search result, the contact's summary included.
    fn row(&self, opportunity: &Opportunity) -> Value {
        let mut row = opportunity.to_json(self.settings.assumptions.opportunity_fields_in_search);
        let contact = self.contacts.get(&opportunity.contact_id).map(|contact| {
            json!({
                "id": contact.id,
                "name": contact.name(),
                "companyName": contact.text("companyName"),
                "email": contact.text("email"),
                "phone": contact.text("phone"),
                "tags": contact.tags,
            })
        });
        if let Value::Object(fields) = &mut row {
            fields.insert("contact".to_owned(), json!(contact));
        }
        row
    }
}

pub(super) fn search(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let body = call.json()?;
    check(&body, &[SEARCH], Unknown::Refuse)?;
    let location_id = call.location_in(&body)?;
    let search = Search::parse(&body, "limit", "createdAt")?;
    search.check_fields(&ghl.settings.assumptions)?;
    let index = ghl.opportunities.indexed(call.now);
    let found = search.run(index.values().filter(|opportunity| opportunity.location_id == location_id))?;
    let cursor = match ghl.settings.assumptions.opportunity_cursor {
        SearchCursor::SearchAfter => Some("searchAfter"),
        SearchCursor::Sort => Some("sort"),
        SearchCursor::Absent => None,
    };
    let rows = found.page.iter().map(|opportunity| {
        let mut row = ghl.row(opportunity);
        if let (Value::Object(fields), Some(name)) = (&mut row, cursor) {
            fields.insert(name.to_owned(), search.cursor(opportunity.as_ref()));
        }
        row
    });
    let rows: Vec<_> = rows.collect();
    Ok(Answer::ok(json!({ "opportunities": rows, "total": found.total, "aggregations": {} })))
}

/// The query of `GET /opportunities/search` under the names of the call's version.
struct Query<'c, 'a> {
    call: &'c Call<'a>,
}

impl<'a> Query<'_, 'a> {
    /// Refuses names the version does not know: `locationId` under a date version, for example.
    fn check(&self) -> Result<(), Answer> {
        let known = |name: &str| {
            UNCHANGED.contains(&name)
                || RENAMED.iter().any(|(old, new)| name == if self.call.is_v3() { *new } else { *old })
        };
        let unknown = self.call.request.query.iter().filter(|(name, _)| !known(name));
        let messages: Vec<_> = unknown.map(|(name, _)| format!("property {name} should not exist")).collect();
        if messages.is_empty() { Ok(()) } else { Err(Answer::unprocessable(messages)) }
    }

    fn name(&self, name: &'static str) -> &'static str {
        match RENAMED.iter().find(|(old, _)| *old == name) {
            Some((_, new)) if self.call.is_v3() => new,
            _ => name,
        }
    }

    fn get(&self, name: &'static str) -> Option<&'a str> {
        self.call.query(self.name(name)).filter(|value| !value.is_empty())
    }

    fn accepts(&self, name: &'static str, value: Option<&str>) -> bool {
        self.get(name).is_none_or(|wanted| value == Some(wanted))
    }

    /// `mm-dd-yyyy`, as this endpoint alone spells a day.
    fn day(&self, name: &'static str) -> Result<Option<i64>, Answer> {
        match self.get(name).map(parse_us_day) {
            Some(None) => {
                Err(Answer::unprocessable_one(format!("{name} must be a date in the format mm-dd-yyyy")))
            }
            Some(day) => Ok(day),
            None => Ok(None),
        }
    }
}

pub(super) fn list(ghl: &mut Ghl, call: &Call<'_>) -> Handled {
    let query = Query { call };
    query.check()?;
    let location_id = call.required_query(query.name("location_id"))?;
    call.require_location(location_id)?;
    let (limit, page) = (call.number("limit", 20, 100)?.max(1), call.number("page", 1, usize::MAX)?.max(1));
    let (from, until) = (query.day("date")?, query.day("endDate")?);
    let text = query.get("q").unwrap_or_default().to_lowercase();
    let mentioned = |opportunity: &Opportunity| {
        text.is_empty()
            || opportunity.mentions(&text)
            || ghl.contacts.get(&opportunity.contact_id).is_some_and(|contact| contact.mentions(&text))
    };
    let index = ghl.opportunities.indexed(call.now);
    let mut found: Vec<Arc<Opportunity>> = index
        .values()
        .filter(|opportunity| opportunity.location_id == location_id)
        .filter(|opportunity| query.accepts("pipeline_id", Some(&opportunity.pipeline_id)))
        .filter(|opportunity| query.accepts("pipeline_stage_id", Some(&opportunity.stage_id)))
        .filter(|opportunity| query.accepts("contact_id", Some(&opportunity.contact_id)))
        .filter(|opportunity| query.accepts("assigned_to", opportunity.assigned_to.as_deref()))
        .filter(|opportunity| query.accepts("id", Some(&opportunity.id)))
        .filter(|opportunity| {
            query.get("status").is_none_or(|wanted| wanted == "all" || wanted == opportunity.status)
        })
        .filter(|opportunity| from.is_none_or(|from| opportunity.created_at >= from))
        .filter(|opportunity| until.is_none_or(|until| opportunity.created_at < until + DAY_MS))
        .filter(|opportunity| mentioned(opportunity))
        .cloned()
        .collect();
    found.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
    let total = found.len();
    // The cursor names the last record seen; with it the page number is only a label.
    let cursor = query.get("startAfter").zip(query.get("startAfterId"));
    let skip = match cursor {
        Some((at, id)) => {
            let at =
                at.parse::<i64>().map_err(|_| Answer::unprocessable_one("startAfter must be a number"))?;
            found.partition_point(|opportunity| (opportunity.created_at, opportunity.id.as_str()) >= (at, id))
        }
        None => (page - 1).saturating_mul(limit),
    };
    let more = skip.saturating_add(limit) < total;
    let rows = found.iter().skip(skip).take(limit);
    let last = rows.clone().next_back();
    let meta = json!({
        "total": total,
        "nextPageUrl": last.filter(|_| more).map(|last| next_page_url(call, last, page + 1)),
        "startAfterId": last.map(|last| &last.id),
        "startAfter": last.map(|last| match ghl.settings.assumptions.start_after_is_array {
            true => json!([last.created_at, last.id]),
            false => json!(last.created_at),
        }),
        "currentPage": page,
        "nextPage": more.then_some(page + 1),
        "prevPage": (page > 1).then(|| page - 1),
    });
    let rows: Vec<_> = rows.map(|opportunity| ghl.row(opportunity)).collect();
    Ok(Answer::ok(json!({ "opportunities": rows, "meta": meta, "aggregations": {} })))
}

fn next_page_url(call: &Call<'_>, last: &Opportunity, page: usize) -> String {
    let kept = call
        .request
        .query
        .iter()
        .filter(|(name, _)| !["startAfter", "startAfterId", "page"].contains(&name.as_str()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("startAfter", &last.created_at.to_string())
        .append_pair("startAfterId", &last.id)
        .append_pair("page", &page.to_string())
        .finish();
    format!("https://services.leadconnectorhq.com/opportunities/search?{query}")
}
