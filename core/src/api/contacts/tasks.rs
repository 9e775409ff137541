//! Tasks of a contact.

use crate::{
    api::{
        Succeeded,
        shape::{Paging, input, reply},
    },
    client::{ApiRequest, Endpoint},
    ids::{ContactId, LocationId, TaskId, UserId},
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

input! {
    /// Which of a location's tasks to find. The default finds all, 100 a page.
    #[serde(default)]
    pub struct TaskSearch {
        /// Of these contacts.
        pub contacts in "contactId": Vec<ContactId> = [],
        /// Those that are done, or those that are not.
        pub completed: Option<bool>,
        /// Of these employees.
        pub assigned_to: Vec<UserId> = [],
        /// Words to look for.
        pub query: Option<String>,
        /// How many to pass over.
        pub skip: u32 = 0,
        /// Tasks a page.
        pub limit: u32 = 100,
    }
}

impl Default for TaskSearch {
    fn default() -> Self {
        Self {
            contacts: Vec::new(),
            completed: None,
            assigned_to: Vec::new(),
            query: None,
            skip: 0,
            limit: 100,
        }
    }
}

pub(crate) const PAGING: Paging = Paging::Offset { items: "tasks", offset: "skip", limit: "limit" };
pub(crate) const SEARCH: Endpoint = Endpoint::post("/locations/{locationId}/tasks/search").safe_to_repeat();
pub(crate) const LIST: Endpoint = Endpoint::get("/contacts/{contactId}/tasks").inside("tasks");
pub(crate) const CREATE: Endpoint = Endpoint::post("/contacts/{contactId}/tasks").inside("task");
pub(crate) const GET: Endpoint = Endpoint::get("/contacts/{contactId}/tasks/{taskId}").inside("task");
pub(crate) const UPDATE: Endpoint = Endpoint::put("/contacts/{contactId}/tasks/{taskId}").inside("task");
pub(crate) const COMPLETE: Endpoint =
    Endpoint::put("/contacts/{contactId}/tasks/{taskId}/completed").inside("task");
pub(crate) const DELETE: Endpoint = Endpoint::delete("/contacts/{contactId}/tasks/{taskId}");

/// The tasks of a contact: `GET /contacts/{id}/tasks`.
pub fn list(contact: &ContactId) -> ApiRequest<Vec<Task>> {
    LIST.at(&[contact.as_str()])
}

/// A page of the tasks of all contacts of a location: `POST /locations/{id}/tasks/search`.
pub fn search(location: &LocationId, search: &TaskSearch) -> ApiRequest<Vec<Task>> {
    SEARCH.of(location, &[]).with_json(search).inside("tasks")
}

/// Creates a task: `POST /contacts/{id}/tasks`. Not safe to repeat.
pub fn create(contact: &ContactId, new: &NewTask) -> ApiRequest<Task> {
    CREATE.at(&[contact.as_str()]).with_json(new)
}

/// Reads a task: `GET /contacts/{id}/tasks/{taskId}`.
pub fn get(contact: &ContactId, id: &TaskId) -> ApiRequest<Task> {
    GET.at(&[contact.as_str(), id.as_str()])
}

/// Changes a task: `PUT /contacts/{id}/tasks/{taskId}`.
pub fn update(contact: &ContactId, id: &TaskId, input: &TaskInput) -> ApiRequest<Task> {
    UPDATE.at(&[contact.as_str(), id.as_str()]).with_json(input)
}

/// Says whether a task is done: `PUT /contacts/{id}/tasks/{taskId}/completed`.
pub fn complete(contact: &ContactId, id: &TaskId, completed: bool) -> ApiRequest<Task> {
    COMPLETE.at(&[contact.as_str(), id.as_str()]).with_json(&Completed { completed })
}

#[derive(serde::Serialize)]
struct Completed {
    completed: bool,
}

/// Deletes a task: `DELETE /contacts/{id}/tasks/{taskId}`.
pub fn delete(contact: &ContactId, id: &TaskId) -> ApiRequest<Succeeded> {
    DELETE.at(&[contact.as_str(), id.as_str()])
}
