use futures::Stream;

use super::{
    FilteredSearch, NewOpportunity, Opportunity, OpportunityInput, OpportunityPage, OpportunitySearch,
    OpportunityStatus, requests,
};
use crate::{
    api::Succeeded,
    client::{Client, pages},
    error::Result,
    ids::{LocationId, OpportunityId},
};

/// The opportunities of one location. Every method sends the request of the same name and fails as
/// [`Client::send`] does.
#[derive(Clone, Copy)]
pub struct Opportunities<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The opportunities of a location.
    pub fn opportunities<'a>(&'a self, location: &'a LocationId) -> Opportunities<'a> {
        Opportunities { client: self, location }
    }
}

impl Opportunities<'_> {
    /// See [`create`](super::create).
    pub async fn create(&self, new: &NewOpportunity) -> Result<Opportunity> {
        self.client.send(self.location, &requests::create(self.location, new)).await
    }

    /// See [`get`](super::get).
    pub async fn get(&self, id: &OpportunityId) -> Result<Opportunity> {
        self.client.send(self.location, &requests::get(id)).await
    }

    /// See [`update`](super::update).
    pub async fn update(&self, id: &OpportunityId, input: &OpportunityInput) -> Result<Opportunity> {
        self.client.send(self.location, &requests::update(id, input)).await
    }

    /// See [`set_status`](super::set_status).
    pub async fn set_status(&self, id: &OpportunityId, status: OpportunityStatus) -> Result<Succeeded> {
        self.client.send(self.location, &requests::set_status(id, status)).await
    }

    /// See [`delete`](super::delete).
    pub async fn delete(&self, id: &OpportunityId) -> Result<Succeeded> {
        self.client.send(self.location, &requests::delete(id)).await
    }

    /// All opportunities that are found, page by page as they are asked for. See [`search`](super::search).
    pub fn search(&self, search: OpportunitySearch) -> impl Stream<Item = Result<Opportunity>> + use<> {
        let location = self.location.clone();
        let first = requests::search(&location, &search);
        let mut search = Some(search);
        pages(self.client.clone(), location.clone(), first, move |page: OpportunityPage| {
            search = search.take().and_then(|fetched| page.next(&fetched));
            let next = search.as_ref().map(|search| requests::search(&location, search));
            (page.opportunities, next)
        })
    }

    /// As [`Opportunities::search`], by conditions of any kind. See
    /// [`search_filtered`](super::search_filtered).
    pub fn search_filtered(&self, search: FilteredSearch) -> impl Stream<Item = Result<Opportunity>> + use<> {
        let location = self.location.clone();
        let first = requests::search_filtered(&location, &search);
        let mut search = Some(search);
        pages(self.client.clone(), location.clone(), first, move |page: OpportunityPage| {
            search = search.take().and_then(|fetched| page.next_filtered(&fetched));
            let next = search.as_ref().map(|search| requests::search_filtered(&location, search));
            (page.opportunities, next)
        })
    }
}
