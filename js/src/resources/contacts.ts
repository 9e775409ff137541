import { apart, parts } from '../args.js'
import type { CallOptions } from '../call.js'
import type {
  BulkTags,
  CalendarEvent,
  Contact,
  ContactInput,
  ContactList,
  ContactSearch,
  ContactTags,
  Succeeded,
  Upserted,
} from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** The contacts of a location. */
export class Contacts extends Resource {
  /** Creates a contact. Where the location forbids duplicates and one has the e-mail or phone: `DuplicateError`. */
  async create(
    contact: ContactInput & { tags?: string[]; gender?: string; companyName?: string },
    options?: CallOptions,
  ): Promise<Contact> {
    const [own, rest] = apart(contact, 'contact', ['tags', 'gender', 'companyName'])
    return this.call('contacts.create', { contact: rest, ...own }, options)
  }

  /** Reads a contact. */
  get(contactId: string, options?: CallOptions): Promise<Contact> {
    return this.call('contacts.get', { contactId }, options)
  }

  /** Changes a contact; what is not given stays as it is. */
  update(contactId: string, contact: ContactInput, options?: CallOptions): Promise<Contact> {
    return this.call('contacts.update', { contactId, contact }, options)
  }

  /**
   * Updates the contact with this e-mail or phone, or creates one; `tags` replace those that it has. With
   * `createNewIfDuplicateAllowed` it creates another where the location allows that; a lost reply is then not followed by a
   * retry.
   */
  async upsert(
    contact: ContactInput & {
      tags?: string[]
      gender?: string
      companyName?: string
      createNewIfDuplicateAllowed?: boolean
    },
    options?: CallOptions,
  ): Promise<Upserted> {
    const names = ['tags', 'gender', 'companyName', 'createNewIfDuplicateAllowed'] as const
    const [own, rest] = apart(contact, 'contact', names)
    return this.call('contacts.upsert', { contact: rest, ...own }, options)
  }

  /** Deletes a contact. */
  delete(contactId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('contacts.delete', { contactId }, options)
  }

  /** The contact with this e-mail or phone, if there is one. With both, GHL looks by the one its settings prefer. */
  async findDuplicate(by: { email?: string; phone?: string }, options?: CallOptions): Promise<Contact | undefined> {
    return (await this.call('contacts.findDuplicate', by, options)).contact ?? undefined
  }

  /** Finds contacts. The index lags a few seconds behind. */
  search(search: ContactSearch = {}, options?: CallOptions): Pages<Contact, ContactSearch> {
    return this.pages('contacts.search', search, options)
  }

  /** Lists contacts. GHL does so only under its versions by date, and means to end that: use `search`. */
  list(list: ContactList = {}, options?: CallOptions): Pages<Contact, ContactList> {
    return this.pages('contacts.list', list, options)
  }

  /** Adds tags and leaves the others. */
  addTags(contactId: string, tags: string[], options?: CallOptions): Promise<ContactTags> {
    return this.call('contacts.addTags', { contactId, tags }, options)
  }

  /** Removes tags and leaves the others. */
  removeTags(contactId: string, tags: string[], options?: CallOptions): Promise<ContactTags> {
    return this.call('contacts.removeTags', { contactId, tags }, options)
  }

  /** Adds tags to several contacts and leaves the others. */
  addTagsToAll(contacts: string[], tags: string[], options?: CallOptions): Promise<BulkTags> {
    return this.call('contacts.addTagsToAll', { contacts, tags }, options)
  }

  /** Removes tags of several contacts and leaves the others. */
  removeTagsOfAll(contacts: string[], tags: string[], options?: CallOptions): Promise<BulkTags> {
    return this.call('contacts.removeTagsOfAll', { contacts, tags }, options)
  }

  /** Removes all tags of several contacts, whoever gave them. */
  removeAllTags(contacts: string[], options?: CallOptions): Promise<BulkTags> {
    return this.call('contacts.removeTagsOfAll', { contacts, tags: [], removeAllTags: true }, options)
  }

  /** The appointments of a contact. */
  appointments(contactId: string, options?: CallOptions): Promise<CalendarEvent[]> {
    return this.call('contacts.appointments', { contactId }, options)
  }

  /** Adds a contact to a workflow. `eventStartTime` is in ISO 8601 with an offset. */
  async addToWorkflow(
    contactId: string,
    workflowId: string,
    event: { eventStartTime?: string } = {},
    options?: CallOptions,
  ): Promise<Succeeded> {
    return this.call('contacts.addToWorkflow', { ...parts(event, 'event'), contactId, workflowId }, options)
  }

  /** Removes a contact from a workflow. */
  removeFromWorkflow(contactId: string, workflowId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('contacts.removeFromWorkflow', { contactId, workflowId }, options)
  }
}
