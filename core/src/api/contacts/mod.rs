//! Contacts (HighLevel docs: Contacts API, `Version: 2021-07-28`).

mod dnd;
mod handle;
pub mod notes;
pub(crate) mod requests;
pub(crate) mod search;
pub mod tasks;
mod types;

pub use dnd::{
    DndSetting, DndSettingInput, DndSettings, DndSettingsInput, DndStatus, InboundDndSetting,
    InboundDndSettings, InboundDndStatus,
};
pub use handle::Contacts;
pub use notes::{NewNote, Note, NoteInput};
pub use requests::{
    add_tags, add_tags_to_all, add_to_workflow, appointments, create, delete, find_duplicate, get, list,
    remove_from_workflow, remove_tags, remove_tags_of_all, search, update, upsert,
};
pub use search::{ContactList, ContactPage, ContactSearch};
pub use tasks::{NewTask, Task, TaskInput, TaskSearch};
pub use types::{BulkTags, Contact, ContactInput, DuplicateLookup, Tags, Upserted};
