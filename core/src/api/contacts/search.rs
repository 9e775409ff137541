use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Contact;
use crate::{
    api::{
        Extra, Filter, Sort,
        fields::Fields,
        opportunities::Cursor,
        search::next_position,
        shape::{Paging, input},
    },
    json::any_list,
};

input! {
    /// Which contacts to find, in which order. The default finds all, 100 a page.
    #[serde(default)]
    pub struct ContactSearch {
        /// Words to look for, up to 75 characters.
        pub query: Option<String>,
        /// Conditions; all must hold.
        pub filters: Vec<Filter> = [],
        /// The order.
        pub sort: Vec<Sort> = [],
        /// Contacts a page, at most 500.
        pub page_limit: u32 = 100,
        /// The page, from 1; absent means the first.
        pub page: Option<u32>,
        /// Instead of a page: the `searchAfter` of the last result.
        #[serde(deserialize_with = "any_list")]
        pub search_after: Vec<Value> = [],
    }
}

impl Default for ContactSearch {
    fn default() -> Self {
        Self {
            query: None,
            filters: Vec::new(),
            sort: Vec::new(),
            page_limit: 100,
            page: None,
            search_after: Vec::new(),
        }
    }
}

input! {
    /// Which contacts to list. The default lists all, 100 a page.
    #[derive(Eq)]
    #[serde(default)]
    pub struct ContactList {
        /// Words to look for.
        pub query: Option<String>,
        /// Contacts a page, at most 100.
        pub limit: u32 = 100,
        /// Where to go on.
        pub after: Option<Cursor>,
    }
}

impl Default for ContactList {
    fn default() -> Self {
        Self { query: None, limit: 100, after: None }
    }
}

pub(crate) const LIST_PAGING: Paging = Paging::StartAfter { items: "contacts" };
pub(crate) const PAGING: Paging = Paging::SearchAfter { items: "contacts", limit: "pageLimit" };

/// A page of contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactPage {
    /// The contacts.
    pub contacts: Vec<Contact>,
    /// How many there are on all pages.
    pub total: Option<u64>,
    /// Everything else.
    pub extra: Extra,
}

impl ContactPage {
    /// The search for the page after this one, which `fetched` found, if there is one.
    pub fn next(&self, fetched: &ContactSearch) -> Option<ContactSearch> {
        let last = self.contacts.last().and_then(|contact| contact.extra.get("searchAfter"));
        let (page, search_after) = next_position(
            (fetched.page, &fetched.search_after),
            self.contacts.len(),
            fetched.page_limit,
            last,
        )?;
        Some(ContactSearch { page, search_after, ..fetched.clone() })
    }
}

impl<'de> Deserialize<'de> for ContactPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        Ok(Self {
            contacts: fields.need_list::<_, D::Error>("contacts")?,
            total: fields.take(&["total"]),
            extra: fields.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::testing::read;

    fn page(contacts: &str) -> ContactPage {
        read(&format!(r#"{{"contacts":{contacts},"total":9,"traceId":"t"}}"#))
    }

    #[test]
    fn the_next_page_follows_the_cursor_of_the_last_contact() {
        let first = ContactSearch { page_limit: 2, query: Some("x".into()), ..ContactSearch::default() };
        let page = page(r#"[{"id":"a","searchAfter":[1,"a"]},{"id":"b","searchAfter":[2,"b"]}]"#);
        assert_eq!(page.total, Some(9));
        let next = page.next(&first).unwrap();
        assert_eq!(next.search_after, [json!(2), json!("b")]);
        assert_eq!((next.query.as_deref(), next.page_limit, next.page), (Some("x"), 2, None));
        assert_eq!(page.next(&next), None, "a cursor that stands still ends the list");
    }

    #[test]
    fn without_a_cursor_pages_are_counted_as_far_as_ghl_serves_them() {
        let first = ContactSearch { page_limit: 1, ..ContactSearch::default() };
        let full = page(r#"[{"id":"a"}]"#);
        let second = full.next(&first).unwrap();
        assert_eq!(second.page, Some(2));
        assert_eq!(full.next(&second).unwrap().page, Some(3));
        let mut last = second;
        last.page = Some(10_000);
        assert_eq!(full.next(&last), None);
    }

    #[test]
    fn a_page_that_is_not_full_is_the_last() {
        let search = ContactSearch { page_limit: 2, ..ContactSearch::default() };
        assert_eq!(page(r#"[{"id":"a","searchAfter":[1]}]"#).next(&search), None);
        assert_eq!(page("[]").next(&ContactSearch { page_limit: 0, ..search }), None);
        assert!(
            serde_json::from_str::<ContactPage>(r#"{"total":0}"#).is_err(),
            "no list is not an empty list"
        );
    }
}
