//! The pages of a walk.

use std::time::Duration;

use crate::{
    api::{
        contacts::{self, ContactSearch},
        opportunities::{self, Cursor, OpportunitySearch},
    },
    client::{CallOptions, Priority},
    error::Result,
    sync::{
        call::{SeenContact, SeenOpportunity},
        context::Context,
        core::Core,
        wire::{seen_contact, seen_opportunity},
    },
};

use super::walk::Place;

/// A page of a list.
pub(super) struct Page {
    pub(super) items: Items,
    /// How long the whole list is.
    pub(super) total: Option<u64>,
    /// The page after it, if there may be one.
    pub(super) next: Option<Place>,
}

pub(super) enum Items {
    Opportunities(Vec<SeenOpportunity>),
    Contacts(Vec<SeenContact>),
}

impl Items {
    pub(super) fn len(&self) -> usize {
        match self {
            Items::Opportunities(items) => items.len(),
            Items::Contacts(items) => items.len(),
        }
    }
}

impl Core {
    pub(super) async fn page(&self, context: &Context, place: &Place) -> Result<Page> {
        let options = CallOptions {
            timeout: Some(Duration::from_millis(self.config.sync.call_timeout_ms.unsigned_abs())),
            priority: Priority::Bulk,
            ..CallOptions::default()
        };
        let location = &context.location;
        match place {
            Place::Opportunities { after } => {
                let cursor =
                    |(start_after, start_after_id): (String, String)| Cursor { start_after, start_after_id };
                let search = OpportunitySearch {
                    pipeline_id: Some(context.pipeline.clone()),
                    after: after.clone().map(cursor),
                    ..OpportunitySearch::default()
                };
                let request = opportunities::search(location, &search);
                let page = self.client.call(location, &request, &options).await.result?;
                let next = page.next(&search).and_then(|next| next.after);
                let next = next.map(|Cursor { start_after, start_after_id }| Place::Opportunities {
                    after: Some((start_after, start_after_id)),
                });
                let items = page.opportunities.into_iter().map(seen_opportunity).collect();
                Ok(Page { items: Items::Opportunities(items), total: page.total, next })
            }
            Place::Contacts { page, after } => {
                let search =
                    ContactSearch { page: *page, search_after: after.clone(), ..ContactSearch::default() };
                let request = contacts::search(location, &search);
                let page = self.client.call(location, &request, &options).await.result?;
                let next = page
                    .next(&search)
                    .map(|next| Place::Contacts { page: next.page, after: next.search_after });
                let items = page.contacts.into_iter().map(|contact| seen_contact(context, contact)).collect();
                Ok(Page { items: Items::Contacts(items), total: page.total, next })
            }
        }
    }
}
