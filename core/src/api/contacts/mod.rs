//! Contacts (HighLevel docs: Contacts API, `Version: 2021-07-28`).

mod handle;
pub(crate) mod requests;
pub(crate) mod search;
mod types;

pub use handle::Contacts;
pub use requests::{add_tags, create, delete, find_duplicate, get, remove_tags, search, update, upsert};
pub use search::{ContactPage, ContactSearch};
pub use types::{Contact, ContactInput, DuplicateLookup, Tags, Upserted};
