use super::{
    page::{Page, Paged, page},
    request::{Run, request},
};
use crate::{
    api::{
        Succeeded,
        opportunities::{
            self, FilteredSearch, NewOpportunity, Opportunity, OpportunityInput, OpportunityPage,
            OpportunitySearch, OpportunityStatus,
        },
        pipelines::{self, Pipeline},
    },
    ids::OpportunityId,
    ops::table::ops,
};

ops! {
    pub(super) const OPS: Run;

    /// Creates an opportunity. A location may forbid a second one for a contact: `duplicate_opportunity`.
    "opportunities.create" "POST /opportunities/" {
        /// What it is.
        opportunity: NewOpportunity,
    } -> Opportunity = request(|location, args| opportunities::create(location, &args.opportunity));

    /// Reads an opportunity.
    "opportunities.get" "GET /opportunities/{opportunityId}" {
        /// The opportunity.
        opportunity_id: OpportunityId,
    } -> Opportunity = request(|_, args| opportunities::get(&args.opportunity_id));

    /// Changes an opportunity; what is not given stays as it is.
    "opportunities.update" "PUT /opportunities/{opportunityId}" {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// What changes.
        opportunity: OpportunityInput,
    } -> Opportunity = request(|_, args| opportunities::update(&args.opportunity_id, &args.opportunity));

    /// Sets whether an opportunity is open, won, lost or abandoned.
    "opportunities.updateStatus" "PUT /opportunities/{opportunityId}/status" {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// Its status from now on.
        status: OpportunityStatus,
    } -> Succeeded = request(|_, args| opportunities::update_status(&args.opportunity_id, args.status));

    /// Deletes an opportunity.
    "opportunities.delete" "DELETE /opportunities/{opportunityId}" {
        /// The opportunity.
        opportunity_id: OpportunityId,
    } -> Succeeded = request(|_, args| opportunities::delete(&args.opportunity_id));

    /// A page of opportunities. The index lags a few seconds behind.
    "opportunities.search" "GET /opportunities/search" (OpportunitySearch)
        -> Page<Opportunity, OpportunitySearch> = page(opportunities::search);

    /// A page of opportunities by conditions of any kind. The index lags a few seconds behind.
    "opportunities.searchFiltered" "POST /opportunities/search" (FilteredSearch)
        -> Page<Opportunity, FilteredSearch> = page(opportunities::search_filtered);

    /// The pipelines of the location, each with its stages in their order.
    "pipelines.list" "GET /opportunities/pipelines" {} -> Vec<Pipeline>
        = request(|location, _| pipelines::list(location));
}

impl Paged<OpportunitySearch> for Page<Opportunity, OpportunitySearch> {
    type Wire = OpportunityPage;

    fn of(wire: OpportunityPage, fetched: &OpportunitySearch) -> Self {
        Self { next: wire.next(fetched), total: wire.total, items: wire.opportunities }
    }
}

impl Paged<FilteredSearch> for Page<Opportunity, FilteredSearch> {
    type Wire = OpportunityPage;

    fn of(wire: OpportunityPage, fetched: &FilteredSearch) -> Self {
        Self { next: wire.next_filtered(fetched), total: wire.total, items: wire.opportunities }
    }
}
