use serde::Serialize;

use super::{
    FilteredSearch, Followers, LostReason, LostReasonQuery, NewOpportunity, Opportunity, OpportunityInput,
    OpportunityPage, OpportunitySearch, OpportunityStatus, OpportunityUpsert, Upserted,
};
use crate::{
    api::{Succeeded, custom_value, named_fields::OF_OPPORTUNITY, shape},
    client::{ApiRequest, Endpoint, Look, Renamed},
    ids::{LocationId, OpportunityId, UserId},
};

const RENAMED: &[Renamed] = &[custom_value::RENAMED];

pub(crate) const CREATE: Endpoint = Endpoint::post("/opportunities/")
    .location_in_body()
    .inside("opportunity")
    .renamed(RENAMED)
    .prepared_by(OF_OPPORTUNITY)
    .found_by(&Look {
        route: Some(SEARCH),
        by: &[&[("pipelineId", "pipeline_id"), ("contactId", "contact_id")]],
        found: "opportunities",
        same: &["name"],
        made: &["createdAt", "dateAdded"],
    });
pub(crate) const GET: Endpoint = Endpoint::get("/opportunities/{opportunityId}").inside("opportunity");
pub(crate) const UPDATE: Endpoint = Endpoint::put("/opportunities/{opportunityId}")
    .inside("opportunity")
    .renamed(RENAMED)
    .prepared_by(OF_OPPORTUNITY);
pub(crate) const UPDATE_STATUS: Endpoint = Endpoint::put("/opportunities/{opportunityId}/status");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/opportunities/{opportunityId}");
/// The status is said even for all: what GHL takes a missing one for is not documented.
pub(crate) const SEARCH: Endpoint = Endpoint::get("/opportunities/search")
    .location_in_query("location_id")
    .with_defaults(&[("status", "all")])
    .renamed(&[
        parameter("location_id", "locationId"),
        parameter("pipeline_id", "pipelineId"),
        parameter("pipeline_stage_id", "pipelineStageId"),
        parameter("contact_id", "contactId"),
        parameter("assigned_to", "assignedTo"),
    ]);
pub(crate) const UPSERT: Endpoint = Endpoint::post("/opportunities/upsert").location_in_body();
pub(crate) const ADD_FOLLOWERS: Endpoint =
    Endpoint::post("/opportunities/{opportunityId}/followers").safe_to_repeat();
pub(crate) const REMOVE_FOLLOWERS: Endpoint = Endpoint::delete("/opportunities/{opportunityId}/followers");
pub(crate) const LOST_REASONS: Endpoint =
    Endpoint::get("/opportunities/lost-reason").location_in_query("locationId");
pub(crate) const SEARCH_FILTERED: Endpoint =
    Endpoint::post("/opportunities/search").location_in_body().safe_to_repeat();

const fn parameter(name: &'static str, v3: &'static str) -> Renamed {
    Renamed { within: "", name, v3 }
}

/// Creates an opportunity: `POST /opportunities/`. A location may forbid a second one for a contact:
/// `duplicate_opportunity`. After a lost reply it is looked for by contact, pipeline and name.
pub fn create(location: &LocationId, new: &NewOpportunity) -> ApiRequest<Opportunity> {
    CREATE.of(location, &[]).with_json(new)
}

/// Reads an opportunity: `GET /opportunities/{id}`.
pub fn get(id: &OpportunityId) -> ApiRequest<Opportunity> {
    GET.at(&[id.as_str()])
}

/// Changes an opportunity: `PUT /opportunities/{id}`.
pub fn update(id: &OpportunityId, input: &OpportunityInput) -> ApiRequest<Opportunity> {
    UPDATE.at(&[id.as_str()]).with_json(input)
}

/// Sets an opportunity's status: `PUT /opportunities/{id}/status`.
pub fn update_status(id: &OpportunityId, status: OpportunityStatus) -> ApiRequest<Succeeded> {
    #[derive(Serialize)]
    struct Body {
        status: OpportunityStatus,
    }
    UPDATE_STATUS.at(&[id.as_str()]).with_json(&Body { status })
}

/// Deletes an opportunity: `DELETE /opportunities/{id}`.
pub fn delete(id: &OpportunityId) -> ApiRequest<Succeeded> {
    DELETE.at(&[id.as_str()])
}

/// A page of opportunities: `GET /opportunities/search`, whose parameters are in snake case. The index lags
/// a few seconds behind.
pub fn search(location: &LocationId, search: &OpportunitySearch) -> ApiRequest<OpportunityPage> {
    shape::searched(&SEARCH, location, search)
}

/// A page of opportunities by filters: `POST /opportunities/search`. The index lags a few seconds behind.
pub fn search_filtered(location: &LocationId, search: &FilteredSearch) -> ApiRequest<OpportunityPage> {
    SEARCH_FILTERED.of(location, &[]).with_json(search)
}

/// Changes the opportunity of this id or contact, or creates one: `POST /opportunities/upsert`. Not safe to repeat.
pub fn upsert(location: &LocationId, input: &OpportunityUpsert) -> ApiRequest<Upserted> {
    UPSERT.of(location, &[]).with_json(input)
}

#[derive(Serialize)]
struct FollowedBy<'a> {
    followers: &'a [UserId],
}

/// Adds employees who follow an opportunity: `POST /opportunities/{id}/followers`.
pub fn add_followers(id: &OpportunityId, followers: &[UserId]) -> ApiRequest<Followers> {
    ADD_FOLLOWERS.at(&[id.as_str()]).with_json(&FollowedBy { followers })
}

/// Removes employees who follow an opportunity: `DELETE /opportunities/{id}/followers`, with a body.
pub fn remove_followers(id: &OpportunityId, followers: &[UserId]) -> ApiRequest<Followers> {
    REMOVE_FOLLOWERS.at(&[id.as_str()]).with_json(&FollowedBy { followers })
}

/// A page of the reasons why opportunities are lost: `GET /opportunities/lost-reason`.
pub fn lost_reasons(location: &LocationId, query: &LostReasonQuery) -> ApiRequest<Vec<LostReason>> {
    shape::searched(&LOST_REASONS, location, query).inside("lostReasons")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{
            CustomFieldInput, Direction, ExactNumber, Filter, Group, Operator, Sort, opportunities::Cursor,
            testing::line,
        },
        ids::{ContactId, CustomFieldId, PipelineId, StageId, UserId},
    };

    fn location() -> LocationId {
        LocationId::new("loc1")
    }

    fn id() -> OpportunityId {
        OpportunityId::new("opp1")
    }

    fn money(text: &str) -> Option<ExactNumber> {
        Some(ExactNumber::parse("total", text).unwrap())
    }

    #[test]
    fn create_writes_the_value_digit_for_digit() {
        let new = NewOpportunity {
            pipeline_id: PipelineId::new("pip1"),
            stage_id: Some(StageId::new("sta1")),
            name: "Order #1".into(),
            status: OpportunityStatus::Open,
            contact_id: ContactId::new("con1"),
            monetary_value: money("90071992547409931.10"),
            assigned_to: Some(UserId::new("usr1")),
            custom_fields: vec![CustomFieldInput::new(CustomFieldId::new("f1"), "pi_1")],
        };
        let body = concat!(
            r#"{"locationId":"loc1","pipelineId":"pip1","pipelineStageId":"sta1","name":"Order #1","#,
            r#""status":"open","contactId":"con1","monetaryValue":90071992547409931.10,"assignedTo":"usr1","#,
            r#""customFields":[{"id":"f1","field_value":"pi_1"}]}"#
        );
        assert_eq!(
            line(&create(&location(), &new)),
            format!("POST /opportunities/ - 2021-07-28 once {body}")
        );
        let least = NewOpportunity {
            stage_id: None,
            monetary_value: None,
            assigned_to: None,
            custom_fields: Vec::new(),
            ..new
        };
        let body = r#"{"locationId":"loc1","pipelineId":"pip1","name":"Order #1","status":"open","contactId":"con1"}"#;
        assert_eq!(
            line(&create(&location(), &least)),
            format!("POST /opportunities/ - 2021-07-28 once {body}")
        );
    }

    #[test]
    fn update_writes_only_what_changes() {
        let head = "PUT /opportunities/opp1 - 2021-07-28 repeatable";
        let input = OpportunityInput { stage_id: Some(StageId::new("sta2")), ..OpportunityInput::default() };
        assert_eq!(line(&update(&id(), &input)), format!(r#"{head} {{"pipelineStageId":"sta2"}}"#));
        let input = OpportunityInput {
            pipeline_id: Some(PipelineId::new("pip1")),
            stage_id: Some(StageId::new("sta2")),
            name: Some("n".into()),
            status: Some(OpportunityStatus::Lost),
            monetary_value: money("0.10"),
            assigned_to: Some(UserId::new("usr1")),
            custom_fields: vec![CustomFieldInput::new(CustomFieldId::new("f1"), "x")],
        };
        let body = concat!(
            r#"{"pipelineId":"pip1","pipelineStageId":"sta2","name":"n","status":"lost","monetaryValue":0.10,"#,
            r#""assignedTo":"usr1","customFields":[{"id":"f1","field_value":"x"}]}"#
        );
        assert_eq!(line(&update(&id(), &input)), format!("{head} {body}"));
    }

    #[test]
    fn get_delete_and_status() {
        assert_eq!(line(&get(&id())), "GET /opportunities/opp1 - 2021-07-28 repeatable -");
        assert_eq!(line(&delete(&id())), "DELETE /opportunities/opp1 - 2021-07-28 repeatable -");
        for status in [
            OpportunityStatus::Open,
            OpportunityStatus::Won,
            OpportunityStatus::Lost,
            OpportunityStatus::Abandoned,
        ] {
            let body = format!(r#"{{"status":"{}"}}"#, status.as_str());
            let expected = format!("PUT /opportunities/opp1/status - 2021-07-28 repeatable {body}");
            assert_eq!(line(&update_status(&id(), status)), expected);
        }
    }

    #[test]
    fn a_search_by_get_speaks_snake_case() {
        let request = search(&location(), &OpportunitySearch::default());
        let head = "GET /opportunities/search";
        let tail = "2021-07-28 repeatable -";
        assert_eq!(line(&request), format!("{head} location_id=loc1&limit=100&status=all {tail}"));
        let full = OpportunitySearch {
            pipeline_id: Some(PipelineId::new("pip1")),
            stage_id: Some(StageId::new("sta1")),
            contact_id: Some(ContactId::new("con1")),
            assigned_to: Some(UserId::new("usr1")),
            status: Some(OpportunityStatus::Won),
            query: Some("Order #1".into()),
            order: Some("added_asc".into()),
            limit: 20,
            after: Some(Cursor { start_after: "1625203104328".into(), start_after_id: "opp9".into() }),
        };
        let query = "location_id=loc1&pipeline_id=pip1&pipeline_stage_id=sta1&contact_id=con1&assigned_to=usr1\
            &status=won&q=Order+%231&order=added_asc&limit=20&startAfter=1625203104328&startAfterId=opp9";
        assert_eq!(line(&search(&location(), &full)), format!("{head} {query} {tail}"));
    }

    #[test]
    fn a_search_by_post_speaks_camel_case() {
        let head = "POST /opportunities/search - 2021-07-28 repeatable";
        let request = search_filtered(&location(), &FilteredSearch::default());
        assert_eq!(line(&request), format!(r#"{head} {{"locationId":"loc1","limit":100}}"#));
        let field = |operator, value| Filter::Field { field: "name".into(), operator, value };
        let full = FilteredSearch {
            query: Some("q".into()),
            filters: vec![Filter::Group {
                group: Group::Or,
                filters: vec![
                    field(Operator::NotContains, "x".into()),
                    field(Operator::NotExists, ().into()),
                ],
            }],
            sort: vec![Sort { field: "updatedAt".into(), direction: Direction::Asc }],
            limit: 500,
            page: Some(3),
            search_after: Vec::new(),
        };
        let body = concat!(
            r#"{"locationId":"loc1","query":"q","filters":[{"group":"OR","filters":["#,
            r#"{"field":"name","operator":"not_contains","value":"x"},{"field":"name","operator":"not_exists"}]}],"#,
            r#""sort":[{"field":"updatedAt","direction":"asc"}],"limit":500,"page":3}"#
        );
        assert_eq!(line(&search_filtered(&location(), &full)), format!("{head} {body}"));
    }
}
