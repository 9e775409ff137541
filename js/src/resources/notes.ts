import type { CallOptions } from '../call.js'
import type { NewNote, NewTask, Note, NoteInput, Succeeded, Task, TaskInput, TaskSearch } from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** The notes of contacts. */
export class ContactNotes extends Resource {
  /** The notes of a contact. */
  list(contactId: string, options?: CallOptions): Promise<Note[]> {
    return this.call('contactNotes.list', { contactId }, options)
  }

  /** Writes a note. */
  create(contactId: string, note: NewNote, options?: CallOptions): Promise<Note> {
    return this.call('contactNotes.create', { contactId, note }, options)
  }

  /** Reads a note. */
  get(contactId: string, noteId: string, options?: CallOptions): Promise<Note> {
    return this.call('contactNotes.get', { contactId, noteId }, options)
  }

  /** Changes a note; what is not given stays as it is. */
  update(contactId: string, noteId: string, note: NoteInput, options?: CallOptions): Promise<Note> {
    return this.call('contactNotes.update', { contactId, noteId, note }, options)
  }

  /** Deletes a note. */
  delete(contactId: string, noteId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('contactNotes.delete', { contactId, noteId }, options)
  }
}

/** The tasks of contacts. */
export class ContactTasks extends Resource {
  /** The tasks of a contact. */
  list(contactId: string, options?: CallOptions): Promise<Task[]> {
    return this.call('contactTasks.list', { contactId }, options)
  }

  /** Finds tasks of all contacts of the location. */
  search(search: TaskSearch = {}, options?: CallOptions): Pages<Task, TaskSearch> {
    return this.pages('contactTasks.search', search, options)
  }

  /** Creates a task. */
  create(contactId: string, task: NewTask, options?: CallOptions): Promise<Task> {
    return this.call('contactTasks.create', { contactId, task }, options)
  }

  /** Reads a task. */
  get(contactId: string, taskId: string, options?: CallOptions): Promise<Task> {
    return this.call('contactTasks.get', { contactId, taskId }, options)
  }

  /** Changes a task; what is not given stays as it is. */
  update(contactId: string, taskId: string, task: TaskInput, options?: CallOptions): Promise<Task> {
    return this.call('contactTasks.update', { contactId, taskId, task }, options)
  }

  /** Says whether a task is done. */
  complete(contactId: string, taskId: string, completed = true, options?: CallOptions): Promise<Task> {
    return this.call('contactTasks.complete', { contactId, taskId, completed }, options)
  }

  /** Deletes a task. */
  delete(contactId: string, taskId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('contactTasks.delete', { contactId, taskId }, options)
  }
}
