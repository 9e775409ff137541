use serde::Serialize;

use super::{
    FilteredSearch, NewOpportunity, Opportunity, OpportunityInput, OpportunityPage, OpportunitySearch,
    OpportunityStatus,
};
use crate::{
    api::Succeeded,
    client::ApiRequest,
    ids::{LocationId, OpportunityId},
    ports::Method,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InLocation<'a, T> {
    location_id: &'a LocationId,
    #[serde(flatten)]
    body: &'a T,
}

/// Creates an opportunity: `POST /opportunities/`. A location may forbid a second one for a contact:
/// `duplicate_opportunity`.
pub fn create(location: &LocationId, new: &NewOpportunity) -> ApiRequest<Opportunity> {
    ApiRequest::new(Method::Post, &["opportunities"])
        .with_trailing_slash()
        .with_json(&InLocation { location_id: location, body: new })
        .inside("opportunity")
}

/// Reads an opportunity: `GET /opportunities/{id}`.
pub fn get(id: &OpportunityId) -> ApiRequest<Opportunity> {
    ApiRequest::new(Method::Get, &["opportunities", id.as_str()]).inside("opportunity")
}

/// Changes an opportunity: `PUT /opportunities/{id}`.
pub fn update(id: &OpportunityId, input: &OpportunityInput) -> ApiRequest<Opportunity> {
    ApiRequest::new(Method::Put, &["opportunities", id.as_str()]).with_json(input).inside("opportunity")
}

/// Sets an opportunity's status: `PUT /opportunities/{id}/status`.
pub fn set_status(id: &OpportunityId, status: OpportunityStatus) -> ApiRequest<Succeeded> {
    #[derive(Serialize)]
    struct Body {
        status: OpportunityStatus,
    }
    ApiRequest::new(Method::Put, &["opportunities", id.as_str(), "status"]).with_json(&Body { status })
}

/// Deletes an opportunity: `DELETE /opportunities/{id}`.
pub fn delete(id: &OpportunityId) -> ApiRequest<Succeeded> {
    ApiRequest::new(Method::Delete, &["opportunities", id.as_str()])
}

/// A page of opportunities: `GET /opportunities/search`, whose parameters are in snake case. The index lags
/// a few seconds behind.
pub fn search(location: &LocationId, search: &OpportunitySearch) -> ApiRequest<OpportunityPage> {
    let after = search.after.as_ref();
    ApiRequest::new(Method::Get, &["opportunities", "search"])
        .with_query("location_id", location.as_str())
        .with_query_if("pipeline_id", search.pipeline_id.as_ref())
        .with_query_if("pipeline_stage_id", search.stage_id.as_ref())
        .with_query_if("contact_id", search.contact_id.as_ref())
        .with_query_if("assigned_to", search.assigned_to.as_ref())
        // Said even for all: what GHL takes a missing status for is not documented.
        .with_query("status", search.status.map_or("all", OpportunityStatus::as_str))
        .with_query_if("q", search.query.as_ref())
        .with_query_if("order", search.order.as_ref())
        .with_query("limit", search.limit.to_string())
        .with_query_if("startAfter", after.map(|after| &after.start_after))
        .with_query_if("startAfterId", after.map(|after| &after.start_after_id))
}

/// A page of opportunities by filters: `POST /opportunities/search`. The index lags a few seconds behind.
pub fn search_filtered(location: &LocationId, search: &FilteredSearch) -> ApiRequest<OpportunityPage> {
    ApiRequest::new(Method::Post, &["opportunities", "search"])
        .with_json(&InLocation { location_id: location, body: search })
        .safe_to_repeat()
}
