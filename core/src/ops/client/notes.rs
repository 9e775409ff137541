use super::{page::Page, table::requests};
use crate::{
    api::{
        Succeeded,
        contacts::{
            NewNote, NewTask, Note, NoteInput, Task, TaskInput, TaskSearch,
            notes::{CREATE, DELETE, GET, LIST, UPDATE},
            tasks,
        },
    },
    ids::{ContactId, NoteId, TaskId},
};

requests! {
    /// The notes of a contact.
    "contactNotes.list" LIST, {
        /// The contact.
        contact_id: ContactId,
    } -> Vec<Note>;

    /// Writes a note.
    "contactNotes.create" CREATE, {
        /// The contact.
        contact_id: ContactId,
        /// The note.
        @spread note: NewNote,
    } -> Note;

    /// Reads a note.
    "contactNotes.get" GET, {
        /// The contact.
        contact_id: ContactId,
        /// The note.
        note_id: NoteId,
    } -> Note;

    /// Changes a note; what is not given stays as it is.
    "contactNotes.update" UPDATE, {
        /// The contact.
        contact_id: ContactId,
        /// The note.
        note_id: NoteId,
        /// What changes.
        @spread note: NoteInput,
    } -> Note;

    /// Deletes a note.
    "contactNotes.delete" DELETE, {
        /// The contact.
        contact_id: ContactId,
        /// The note.
        note_id: NoteId,
    } -> Succeeded;

    /// The tasks of a contact.
    "contactTasks.list" tasks::LIST, {
        /// The contact.
        contact_id: ContactId,
    } -> Vec<Task>;

    /// A page of the tasks of all contacts of the location.
    "contactTasks.search" tasks::SEARCH, (TaskSearch) -> Page<Task, TaskSearch> = tasks::PAGING;

    /// Creates a task.
    "contactTasks.create" tasks::CREATE, {
        /// The contact.
        contact_id: ContactId,
        /// The task.
        @spread task: NewTask,
    } -> Task;

    /// Reads a task.
    "contactTasks.get" tasks::GET, {
        /// The contact.
        contact_id: ContactId,
        /// The task.
        task_id: TaskId,
    } -> Task;

    /// Changes a task; what is not given stays as it is.
    "contactTasks.update" tasks::UPDATE, {
        /// The contact.
        contact_id: ContactId,
        /// The task.
        task_id: TaskId,
        /// What changes.
        @spread task: TaskInput,
    } -> Task;

    /// Says whether a task is done.
    "contactTasks.complete" tasks::COMPLETE, {
        /// The contact.
        contact_id: ContactId,
        /// The task.
        task_id: TaskId,
        /// Whether it is done.
        completed: bool,
    } -> Task;

    /// Deletes a task.
    "contactTasks.delete" tasks::DELETE, {
        /// The contact.
        contact_id: ContactId,
        /// The task.
        task_id: TaskId,
    } -> Succeeded;
}
