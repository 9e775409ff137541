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
#[derive(Debug, Clone, Copy)]
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

    /// See [`update_status`](super::update_status).
    pub async fn update_status(&self, id: &OpportunityId, status: OpportunityStatus) -> Result<Succeeded> {
        self.client.send(self.location, &requests::update_status(id, status)).await
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

#[cfg(test)]
mod tests {
    use futures::{StreamExt, TryStreamExt};

    use super::*;
    use crate::{
        api::testing::Rig,
        testing::{Step, drive},
    };

    #[test]
    fn a_search_goes_on_only_when_it_must() {
        let rig = Rig::new();
        let first = r#"{"opportunities":[{"id":"a"},{"id":"b"}],"meta":{"startAfter":2,"startAfterId":"b"}}"#;
        let last = r#"{"opportunities":[{"id":"c"}],"meta":{"startAfter":3,"startAfterId":"c"}}"#;
        rig.transport.then(Step::reply(200, first)).then(Step::reply(200, last));
        let search = OpportunitySearch { limit: 2, ..OpportunitySearch::default() };
        let mut found = Box::pin(rig.client.opportunities(&rig.location).search(search));
        for (id, fetched) in [("a", 1), ("b", 1), ("c", 2)] {
            let next = drive(&rig.clock, found.next()).unwrap().unwrap().unwrap();
            assert_eq!((next.id.as_str(), rig.transport.sent().len()), (id, fetched));
        }
        assert!(drive(&rig.clock, found.next()).unwrap().is_none());
        let sent = rig.transport.sent();
        assert_eq!(sent.len(), 2, "a page that is not full is the last");
        assert!(
            sent[1].request.url.contains("&limit=2&startAfter=2&startAfterId=b"),
            "{}",
            sent[1].request.url
        );
    }

    #[test]
    fn a_filtered_search_counts_pages() {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, r#"{"opportunities":[{"id":"a"}],"total":2}"#));
        rig.transport.then(Step::reply(200, r#"{"opportunities":[],"total":2}"#));
        let search = FilteredSearch { limit: 1, ..FilteredSearch::default() };
        let found = rig.client.opportunities(&rig.location).search_filtered(search);
        let found: Vec<_> = drive(&rig.clock, found.try_collect()).unwrap().unwrap();
        assert_eq!(found.len(), 1);
        let second = rig.transport.sent().remove(1).request.body;
        assert_eq!(String::from_utf8(second).unwrap(), r#"{"locationId":"loc1","limit":1,"page":2}"#);
    }
}
