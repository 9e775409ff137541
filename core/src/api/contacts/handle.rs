use futures::Stream;

use super::{Contact, ContactInput, ContactSearch, DuplicateLookup, Tags, Upserted, requests};
use crate::{
    api::Succeeded,
    client::{Client, pages},
    error::Result,
    ids::{ContactId, LocationId},
};

/// The contacts of one location. Every method sends the request of the same name and fails as
/// [`Client::send`] does.
#[derive(Debug, Clone, Copy)]
pub struct Contacts<'a> {
    client: &'a Client,
    location: &'a LocationId,
}

impl Client {
    /// The contacts of a location.
    pub fn contacts<'a>(&'a self, location: &'a LocationId) -> Contacts<'a> {
        Contacts { client: self, location }
    }
}

impl Contacts<'_> {
    /// See [`create`](super::create).
    pub async fn create(&self, input: &ContactInput, tags: &[String]) -> Result<Contact> {
        self.client.send(self.location, &requests::create(self.location, input, tags)).await
    }

    /// See [`get`](super::get).
    pub async fn get(&self, id: &ContactId) -> Result<Contact> {
        self.client.send(self.location, &requests::get(id)).await
    }

    /// See [`update`](super::update).
    pub async fn update(&self, id: &ContactId, input: &ContactInput) -> Result<Contact> {
        self.client.send(self.location, &requests::update(id, input)).await
    }

    /// See [`upsert`](super::upsert).
    pub async fn upsert(&self, input: &ContactInput) -> Result<Upserted> {
        self.client.send(self.location, &requests::upsert(self.location, input)).await
    }

    /// See [`delete`](super::delete).
    pub async fn delete(&self, id: &ContactId) -> Result<Succeeded> {
        self.client.send(self.location, &requests::delete(id)).await
    }

    /// See [`find_duplicate`](super::find_duplicate).
    pub async fn find_duplicate(&self, email: Option<&str>, phone: Option<&str>) -> Result<Option<Contact>> {
        let request = requests::find_duplicate(self.location, email, phone);
        self.client.send(self.location, &request).await.map(|DuplicateLookup { contact }| contact)
    }

    /// See [`add_tags`](super::add_tags).
    pub async fn add_tags(&self, id: &ContactId, tags: &[String]) -> Result<Tags> {
        self.client.send(self.location, &requests::add_tags(id, tags)).await
    }

    /// See [`remove_tags`](super::remove_tags).
    pub async fn remove_tags(&self, id: &ContactId, tags: &[String]) -> Result<Tags> {
        self.client.send(self.location, &requests::remove_tags(id, tags)).await
    }

    /// All contacts that are found, page by page as they are asked for. See [`search`](super::search).
    pub fn search(&self, search: ContactSearch) -> impl Stream<Item = Result<Contact>> + use<> {
        let location = self.location.clone();
        let first = requests::search(&location, &search);
        let mut search = Some(search);
        pages(self.client.clone(), location.clone(), first, move |page: super::ContactPage| {
            search = search.take().and_then(|fetched| page.next(&fetched));
            let next = search.as_ref().map(|search| requests::search(&location, search));
            (page.contacts, next)
        })
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;
    use crate::{
        api::testing::Rig,
        testing::{Step, drive},
    };

    #[test]
    fn a_search_follows_the_cursor_to_its_end() {
        let rig = Rig::new();
        let pages = [
            r#"{"contacts":[{"id":"a","searchAfter":[1]},{"id":"b","searchAfter":[2]}],"total":3}"#,
            r#"{"contacts":[{"id":"c","searchAfter":[3]}],"total":3}"#,
        ];
        for page in pages {
            rig.transport.then(Step::reply(200, page));
        }
        let search = ContactSearch { page_limit: 2, ..ContactSearch::default() };
        let found =
            rig.client.contacts(&rig.location).search(search).map_ok(|contact| contact.id.to_string());
        let ids: Vec<String> = drive(&rig.clock, found.try_collect()).unwrap().unwrap();
        assert_eq!(ids, ["a", "b", "c"]);
        let body = |sent: crate::testing::Sent| String::from_utf8(sent.request.body).unwrap();
        let bodies: Vec<_> = rig.transport.sent().into_iter().map(body).collect();
        let first = r#"{"locationId":"loc1","pageLimit":2}"#;
        assert_eq!(bodies, [first, r#"{"locationId":"loc1","pageLimit":2,"searchAfter":[2]}"#]);
    }

    #[test]
    fn no_contact_has_the_e_mail() {
        let rig = Rig::new();
        rig.transport.then(Step::reply(200, r#"{"contact":null}"#));
        let found = rig.client.contacts(&rig.location);
        let found = drive(&rig.clock, found.find_duplicate(Some("a@example.com"), None)).unwrap();
        assert_eq!(found.unwrap(), None);
    }
}
