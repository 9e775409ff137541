//! Opportunities (HighLevel docs: Opportunities API, `Version: 2021-07-28`).

mod handle;
pub(crate) mod requests;
pub(crate) mod search;
mod types;

pub use handle::Opportunities;
pub use requests::{
    add_followers, create, delete, get, lost_reasons, remove_followers, search, search_filtered, update,
    update_status, upsert,
};
pub use search::{Cursor, FilteredSearch, OpportunityPage, OpportunitySearch};
pub use types::{
    Followers, LostReason, LostReasonQuery, NewOpportunity, Opportunity, OpportunityInput, OpportunityStatus,
    OpportunityUpsert, Upserted,
};
