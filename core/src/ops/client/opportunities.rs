use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        opportunities::{
            FilteredSearch, NewOpportunity, Opportunity, OpportunityInput, OpportunitySearch,
            OpportunityStatus,
            requests::{CREATE, DELETE, GET, SEARCH, SEARCH_FILTERED, UPDATE, UPDATE_STATUS},
            search::{FILTERED_PAGING, PAGING},
        },
        pipelines::{self, Pipeline},
    },
    ids::OpportunityId,
};

requests! {
    /// Creates an opportunity. A location may forbid a second one for a contact: `duplicate_opportunity`.
    "opportunities.create" CREATE, {
        /// What it is.
        @spread opportunity: NewOpportunity,
    } -> Opportunity;

    /// Reads an opportunity.
    "opportunities.get" GET, {
        /// The opportunity.
        opportunity_id: OpportunityId,
    } -> Opportunity;

    /// Changes an opportunity; what is not given stays as it is.
    "opportunities.update" UPDATE, {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// What changes.
        @spread opportunity: OpportunityInput,
    } -> Opportunity;

    /// Sets whether an opportunity is open, won, lost or abandoned.
    "opportunities.updateStatus" UPDATE_STATUS, {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// Its status from now on.
        status: OpportunityStatus,
    } -> Succeeded;

    /// Deletes an opportunity.
    "opportunities.delete" DELETE, {
        /// The opportunity.
        opportunity_id: OpportunityId,
    } -> Succeeded;

    /// A page of opportunities. The index lags a few seconds behind.
    "opportunities.search" SEARCH, (OpportunitySearch)
        -> Page<Opportunity, OpportunitySearch> = PAGING;

    /// A page of opportunities by conditions of any kind. The index lags a few seconds behind.
    "opportunities.searchFiltered" SEARCH_FILTERED, (FilteredSearch)
        -> Page<Opportunity, FilteredSearch> = FILTERED_PAGING;

    /// The pipelines of the location, each with its stages in their order.
    "pipelines.list" pipelines::LIST, {} -> Vec<Pipeline>;
}
