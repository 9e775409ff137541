use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        opportunities::{
            FilteredSearch, Followers, LostReason, LostReasonQuery, NewOpportunity, Opportunity,
            OpportunityInput, OpportunitySearch, OpportunityStatus, OpportunityUpsert, Upserted,
            requests::{
                ADD_FOLLOWERS, CREATE, DELETE, GET, LOST_REASONS, REMOVE_FOLLOWERS, SEARCH, SEARCH_FILTERED,
                UPDATE, UPDATE_STATUS, UPSERT,
            },
            search::{FILTERED_PAGING, LOST_REASONS_PAGING, PAGING},
        },
        pipelines::{self, Pipeline},
    },
    ids::{OpportunityId, UserId},
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
        /// Why it is lost.
        lost_reason_id: Option<String>,
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

    /// Changes the opportunity of this id or contact, or creates one. A lost reply is not followed by a retry.
    "opportunities.upsert" UPSERT, {
        /// What it is.
        @spread opportunity: OpportunityUpsert,
    } -> Upserted;

    /// Adds employees who follow an opportunity.
    "opportunities.addFollowers" ADD_FOLLOWERS, {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// The employees.
        followers: Vec<UserId>,
    } -> Followers;

    /// Removes employees who follow an opportunity.
    "opportunities.removeFollowers" REMOVE_FOLLOWERS, {
        /// The opportunity.
        opportunity_id: OpportunityId,
        /// The employees.
        followers: Vec<UserId>,
    } -> Followers;

    /// A page of the reasons why opportunities are lost.
    "opportunities.lostReasons" LOST_REASONS, (LostReasonQuery) -> Page<LostReason, LostReasonQuery>
        = LOST_REASONS_PAGING;

    /// The pipelines of the location, each with its stages in their order.
    "pipelines.list" pipelines::LIST, {} -> Vec<Pipeline>;
}
