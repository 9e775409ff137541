use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Opportunity, OpportunityStatus};
use crate::{
    api::{
        Extra, Filter, Sort,
        fields::Fields,
        search::next_position,
        shape::{Paging, input},
    },
    ids::{ContactId, PipelineId, StageId, UserId},
    json::any_list,
};

input! {
    /// Which opportunities to find. The default finds all, 100 a page.
    #[derive(Eq)]
    #[serde(default)]
    pub struct OpportunitySearch {
        /// Only of this pipeline.
        pub pipeline_id in "pipeline_id": Option<PipelineId>,
        /// Only in this stage.
        pub stage_id as "pipelineStageId" in "pipeline_stage_id": Option<StageId>,
        /// Only of this contact.
        pub contact_id in "contact_id": Option<ContactId>,
        /// Only of this employee.
        pub assigned_to in "assigned_to": Option<UserId>,
        /// Only with this status.
        pub status: Option<OpportunityStatus>,
        /// Words to look for.
        pub query in "q": Option<String>,
        /// The order, e.g. `added_asc`.
        pub order: Option<String>,
        /// Opportunities a page, at most 100.
        pub limit: u32 = 100,
        /// Where to go on.
        pub after: Option<Cursor>,
    }
}

impl Default for OpportunitySearch {
    fn default() -> Self {
        Self {
            pipeline_id: None,
            stage_id: None,
            contact_id: None,
            assigned_to: None,
            status: None,
            query: None,
            order: None,
            limit: 100,
            after: None,
        }
    }
}

input! {
    /// Where the next page begins.
    #[cfg_attr(feature = "ts", ts(rename = "SearchCursor"))]
    #[derive(Eq)]
    pub struct Cursor {
        /// `startAfter`: a time in epoch milliseconds.
        pub start_after: String,
        /// `startAfterId`: the last opportunity of the page.
        pub start_after_id: String,
    }
}

input! {
    /// Which opportunities to find by conditions of any kind. The default finds all, 100 a page.
    #[serde(default)]
    pub struct FilteredSearch {
        /// Words to look for, up to 75 characters.
        pub query: Option<String>,
        /// Conditions; all must hold.
        pub filters: Vec<Filter> = [],
        /// The order.
        pub sort: Vec<Sort> = [],
        /// Opportunities a page, at most 500.
        pub limit: u32 = 100,
        /// The page, from 1; absent means the first.
        pub page: Option<u32>,
        /// Instead of a page: the `searchAfter` of the last result.
        #[serde(deserialize_with = "any_list")]
        pub search_after: Vec<Value> = [],
    }
}

impl Default for FilteredSearch {
    fn default() -> Self {
        Self {
            query: None,
            filters: Vec::new(),
            sort: Vec::new(),
            limit: 100,
            page: None,
            search_after: Vec::new(),
        }
    }
}

pub(crate) const PAGING: Paging = Paging::StartAfter { items: "opportunities" };
pub(crate) const LOST_REASONS_PAGING: Paging =
    Paging::Offset { items: "lostReasons", offset: "skip", limit: "limit" };
pub(crate) const FILTERED_PAGING: Paging = Paging::SearchAfter { items: "opportunities", limit: "limit" };

/// A page of opportunities.
#[derive(Debug, Clone, PartialEq)]
pub struct OpportunityPage {
    /// The opportunities.
    pub opportunities: Vec<Opportunity>,
    /// How many there are on all pages.
    pub total: Option<u64>,
    /// Where the next page of an [`OpportunitySearch`] begins.
    pub after: Option<Cursor>,
    /// Everything else.
    pub extra: Extra,
}

impl OpportunityPage {
    /// The search for the page after this one, which `fetched` found, if there is one.
    pub fn next(&self, fetched: &OpportunitySearch) -> Option<OpportunitySearch> {
        let full =
            !self.opportunities.is_empty() && self.opportunities.len() as u64 >= u64::from(fetched.limit);
        // A cursor that stands still would fetch the same page for ever.
        let after = self.after.clone().filter(|after| full && fetched.after.as_ref() != Some(after))?;
        Some(OpportunitySearch { after: Some(after), ..fetched.clone() })
    }

    /// As [`OpportunityPage::next`], for a search by conditions.
    pub fn next_filtered(&self, fetched: &FilteredSearch) -> Option<FilteredSearch> {
        let last = self.opportunities.last().and_then(|found| found.extra.get("searchAfter"));
        let (page, search_after) = next_position(
            (fetched.page, &fetched.search_after),
            self.opportunities.len(),
            fetched.limit,
            last,
        )?;
        Some(FilteredSearch { page, search_after, ..fetched.clone() })
    }
}

impl<'de> Deserialize<'de> for OpportunityPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Fields::deserialize(deserializer)?;
        let mut meta: Option<Fields<'_>> = fields.take(&["meta"]);
        let after = meta.as_mut().and_then(Cursor::of);
        Ok(Self {
            opportunities: fields.need_list::<_, D::Error>("opportunities")?,
            total: fields.take(&["total"]).or_else(|| meta?.take(&["total"])),
            after,
            extra: fields.rest(),
        })
    }
}

impl Cursor {
    /// Where the page after that of this `meta` begins.
    pub(crate) fn of(meta: &mut Fields<'_>) -> Option<Self> {
        Some(Self { start_after: start_after(meta)?, start_after_id: meta.text(&["startAfterId"])? })
    }
}

/// A number, or a list that begins with it.
fn start_after(meta: &mut Fields<'_>) -> Option<String> {
    meta.text(&["startAfter"]).or_else(|| match meta.take::<Vec<Value>>(&["startAfter"])?.first()? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::testing::read;

    fn page(meta: &str) -> OpportunityPage {
        read(&format!(r#"{{"opportunities":[{{"id":"a"}},{{"id":"b"}}],"meta":{meta},"aggregations":{{}}}}"#))
    }

    #[test]
    fn the_cursor_is_read_in_both_its_forms() {
        let cursor = Some(Cursor { start_after: "1625203104328".into(), start_after_id: "b".into() });
        let number = page(r#"{"total":5,"startAfter":1625203104328,"startAfterId":"b","nextPage":2}"#);
        assert_eq!((number.total, &number.after), (Some(5), &cursor));
        assert_eq!(page(r#"{"startAfter":[1625203104328,"b"],"startAfterId":"b"}"#).after, cursor);
        for none in ["null", "{}", r#"{"startAfter":null,"startAfterId":null}"#, r#"{"startAfterId":"b"}"#] {
            assert_eq!(page(none).after, None, "{none}");
        }
    }

    #[test]
    fn the_next_page_is_asked_for_only_where_there_may_be_one() {
        let first = OpportunitySearch { limit: 2, query: Some("x".into()), ..OpportunitySearch::default() };
        let full = page(r#"{"startAfter":7,"startAfterId":"b"}"#);
        let next = full.next(&first).unwrap();
        assert_eq!(next, OpportunitySearch { after: full.after.clone(), ..first.clone() });
        assert_eq!(full.next(&next), None, "a cursor that stands still ends the list");
        assert_eq!(full.next(&OpportunitySearch { limit: 3, ..first.clone() }), None, "not full");
        assert_eq!(page("{}").next(&first), None, "no cursor");
    }

    #[test]
    fn a_filtered_search_goes_on_by_cursor_or_page() {
        let first = FilteredSearch { limit: 1, ..FilteredSearch::default() };
        let by_cursor: OpportunityPage =
            read(r#"{"opportunities":[{"id":"a","searchAfter":[7,"a"]}],"total":3}"#);
        assert_eq!(by_cursor.total, Some(3));
        assert_eq!(by_cursor.next_filtered(&first).unwrap().search_after.len(), 2);
        let by_page: OpportunityPage = read(r#"{"opportunities":[{"id":"a"}]}"#);
        assert_eq!(by_page.next_filtered(&first).unwrap().page, Some(2));
        assert!(serde_json::from_str::<OpportunityPage>(r#"{"meta":{}}"#).is_err());
    }
}
