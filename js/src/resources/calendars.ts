import { parts } from '../args.js'
import type { CallOptions } from '../call.js'
import type {
  AppointmentInput,
  BlockedSlot,
  Calendar,
  CalendarEvent,
  EventQuery,
  FreeSlots,
  NewAppointment,
  Note,
  NoteQuery,
  Succeeded,
} from '../generated/types.js'
import type { ClientOps } from '../generated/ops.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** Which free slots to list: times in epoch milliseconds, at most 31 days apart. */
export type SlotQuery = Omit<ClientOps['calendars.freeSlots']['args'], 'calendarId'>

/** The calendars of a location. */
export class Calendars extends Resource {
  /** The calendars of the location. */
  list(query: ClientOps['calendars.list']['args'] = {}, options?: CallOptions): Promise<Calendar[]> {
    return this.call('calendars.list', query, options)
  }

  /** Reads a calendar. */
  get(calendarId: string, options?: CallOptions): Promise<Calendar> {
    return this.call('calendars.get', { calendarId }, options)
  }

  /** The free slots of a calendar, by date. */
  async freeSlots(calendarId: string, query: SlotQuery, options?: CallOptions): Promise<FreeSlots> {
    return this.call('calendars.freeSlots', { ...parts(query, 'query'), calendarId }, options)
  }

  /** The events of a calendar, an employee or a group. */
  events(query: EventQuery, options?: CallOptions): Promise<CalendarEvent[]> {
    return this.call('calendars.events', query, options)
  }

  /** The blocked slots of a calendar, an employee or a group. */
  blockedSlots(query: EventQuery, options?: CallOptions): Promise<CalendarEvent[]> {
    return this.call('calendars.blockedSlots', query, options)
  }

  /** Blocks a slot. */
  blockSlot(slot: BlockedSlot, options?: CallOptions): Promise<CalendarEvent> {
    return this.call('calendars.blockSlot', { slot }, options)
  }

  /** Changes a blocked slot. */
  updateBlockedSlot(eventId: string, slot: BlockedSlot, options?: CallOptions): Promise<CalendarEvent> {
    return this.call('calendars.updateBlockedSlot', { eventId, slot }, options)
  }

  /** Deletes an appointment or a blocked slot. */
  deleteEvent(eventId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('calendars.deleteEvent', { eventId }, options)
  }
}

/** The appointments of a location. */
export class Appointments extends Resource {
  /** Makes an appointment. After a lost reply it is looked for among those of the contact. */
  create(appointment: NewAppointment, options?: CallOptions): Promise<CalendarEvent> {
    return this.call('appointments.create', { appointment }, options)
  }

  /** Reads an appointment. */
  get(eventId: string, options?: CallOptions): Promise<CalendarEvent> {
    return this.call('appointments.get', { eventId }, options)
  }

  /** Changes an appointment; what is not given stays as it is. */
  update(eventId: string, appointment: AppointmentInput, options?: CallOptions): Promise<CalendarEvent> {
    return this.call('appointments.update', { eventId, appointment }, options)
  }

  /** Deletes an appointment. */
  delete(eventId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('appointments.delete', { eventId }, options)
  }
}

/** The notes of appointments. */
export class AppointmentNotes extends Resource {
  /** The notes of an appointment. */
  list(query: NoteQuery, options?: CallOptions): Pages<Note, NoteQuery> {
    return this.pages('appointmentNotes.list', query, options)
  }

  /** Writes a note. */
  async create(eventId: string, note: { body: string; userId?: string }, options?: CallOptions): Promise<Note> {
    return this.call('appointmentNotes.create', { ...parts(note, 'note'), eventId }, options)
  }

  /** Changes a note. */
  async update(
    eventId: string,
    noteId: string,
    note: { body: string; userId?: string },
    options?: CallOptions,
  ): Promise<Note> {
    return this.call('appointmentNotes.update', { ...parts(note, 'note'), eventId, noteId }, options)
  }

  /** Deletes a note. */
  delete(eventId: string, noteId: string, options?: CallOptions): Promise<Succeeded> {
    return this.call('appointmentNotes.delete', { eventId, noteId }, options)
  }
}
