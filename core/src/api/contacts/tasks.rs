//! Tasks of a contact.

use crate::{
    api::shape::{input, reply},
    client::Endpoint,
    ids::{ContactId, TaskId, UserId},
};

reply! {
    /// A task of a contact.
    pub struct Task {
        /// Its id.
        pub id: TaskId = need("id", "_id"),
        /// The contact.
        pub contact_id: Option<ContactId> = text,
        /// What is to be done.
        pub title: Option<String> = text,
        /// More of that.
        pub body: Option<String> = text,
        /// By when.
        pub due_at_ms: Option<i64> = time("dueDate"),
        /// Whether it is done.
        pub completed: Option<bool> = take,
        /// The employee in charge.
        pub assigned_to: Option<UserId> = text,
        ..extra
    }
}

input! {
    /// A task to be created.
    pub struct NewTask {
        /// What is to be done.
        pub title: String,
        /// More of that.
        pub body: Option<String>,
        /// By when, in ISO 8601, e.g. `2026-10-25T11:00:00Z`.
        pub due_date: String,
        /// Whether it is done; not where it is not given.
        #[serde(default)]
        pub completed: bool = false,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
    }
}

input! {
    /// What changes of a task; what is absent stays as it is.
    #[derive(Default)]
    pub struct TaskInput {
        /// What is to be done.
        pub title: Option<String>,
        /// More of that.
        pub body: Option<String>,
        /// By when, in ISO 8601, e.g. `2026-10-25T11:00:00Z`.
        pub due_date: Option<String>,
        /// Whether it is done.
        pub completed: Option<bool>,
        /// The employee in charge.
        pub assigned_to: Option<UserId>,
    }
}

pub(crate) const LIST: Endpoint = Endpoint::get("/contacts/{contactId}/tasks").inside("tasks");
pub(crate) const CREATE: Endpoint = Endpoint::post("/contacts/{contactId}/tasks").inside("task");
pub(crate) const GET: Endpoint = Endpoint::get("/contacts/{contactId}/tasks/{taskId}").inside("task");
pub(crate) const UPDATE: Endpoint = Endpoint::put("/contacts/{contactId}/tasks/{taskId}").inside("task");
pub(crate) const COMPLETE: Endpoint =
    Endpoint::put("/contacts/{contactId}/tasks/{taskId}/completed").inside("task");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/contacts/{contactId}/tasks/{taskId}");
