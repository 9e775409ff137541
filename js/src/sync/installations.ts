import { isObject, parts } from '../args.js'
import type { Cancellable } from '../call.js'
import type { InstallationSlot, OrderInstallation } from '../generated/types.js'
import { invalid } from '../raise.js'
import type { OptionsOf } from './ops.js'
import { Setup } from './setup.js'

/**
 * When: a local time of the customer's zone (`2026-10-25T09:00`), an instant (with an offset or `Z`, or a `Date`), or a day
 * (`2026-10-25`).
 */
export type InstallationTime = string | Date

/** When an installation is to take place, and what else is asked for. */
export type ScheduleInstallation = OptionsOf<'scheduleInstallation', 'orderId' | 'at'> & {
  /** Of a day its first free slot is meant. */
  at: InstallationTime
}

/** Where an installation is to be moved. */
export type RescheduleInstallation = OptionsOf<'rescheduleInstallation', 'orderId' | 'at'> & {
  /** Of a day its first free slot is meant. */
  at: InstallationTime
}

/** For which time free slots are asked. */
export type AvailableInstallations = OptionsOf<'availableInstallations', 'from' | 'to'> & {
  /** From when; a day from its beginning. */
  from: InstallationTime
  /** Until when, at most 31 days later; a day to its end. */
  to: InstallationTime
}

/** The installations of orders: what `OrderSync` has of them. */
export abstract class Installations extends Setup {
  /**
   * Books the installation of an order: claims a free slot of the calendar for an installer of its team, the least busy of that day
   * or the one asked for, makes the appointment in GHL, and writes `ghl_appointment_id`, `installation_date` and
   * `installation_status` into your order. Of all who want a time of an installer, in whichever process, one gets it.
   *
   * Its `state` is `scheduled`; it is `booking` where GHL's reply was lost: the time is kept, and the worker finds out. Called again
   * for the same time it gives what was booked.
   *
   * @example
   * ```ts
   * import { OrderSync, SlotTakenError } from '@ghlkit/node'
   *
   * const sync = await OrderSync.open()
   * try {
   *   const { startsAt, installerId } = await sync.scheduleInstallation('5d2c', {
   *     at: '2026-10-26T09:00',
   *     timeZone: 'Europe/Prague',
   *   })
   *   console.log(startsAt, installerId)
   * } catch (error) {
   *   if (error instanceof SlotTakenError) console.log('free instead:', error.alternatives)
   *   else throw error
   * }
   * ```
   *
   * @throws `SlotTakenError`, `InvalidArgumentError` naming what is wrong (a time that is past, or missing or ambiguous where clocks
   * change), `TransitionError` for an order beside the path, `ConfigError` without a calendar. Nothing is written then.
   */
  async scheduleInstallation(orderId: string, options: ScheduleInstallation): Promise<OrderInstallation> {
    return this.ask('scheduleInstallation', { orderId }, timed(options))
  }

  /** The times at which an installation can begin, in order, each with who is free then, the least busy first. */
  async availableInstallations(options: AvailableInstallations): Promise<InstallationSlot[]> {
    return this.ask('availableInstallations', {}, timed(options))
  }

  /**
   * Moves the installation of an order, and gives it to another installer where its own is not free then or another is asked for.
   * Fails as `scheduleInstallation` does. Its `state` is `moving` where GHL's reply was lost.
   */
  async rescheduleInstallation(orderId: string, options: RescheduleInstallation): Promise<OrderInstallation> {
    return this.ask('rescheduleInstallation', { orderId }, timed(options))
  }

  /** Cancels the installation of an order, in GHL too. Its `state` is `cancelling` where GHL could not be told yet. */
  cancelInstallation(
    orderId: string,
    options?: OptionsOf<'cancelInstallation', 'orderId'> & Cancellable,
  ): Promise<OrderInstallation> {
    return this.ask('cancelInstallation', { orderId }, options)
  }

  /**
   * The installation of an order, as it is known here.
   *
   * @throws `NotFoundError` where none was booked.
   */
  installation(orderId: string, options?: OptionsOf<'installation', 'orderId'>): Promise<OrderInstallation> {
    return this.ask('installation', { orderId }, options)
  }
}

/** The options with their times as text. */
function timed<T extends object>(options: T): T {
  const given = parts(options, 'options') as Record<string, unknown>
  try {
    const written = Object.entries(given).map(([name, value]) => [name, isDate(value) ? text(value) : value])
    return Object.fromEntries(written) as T
  } catch (cause) {
    throw invalid('options', 'expected plain data, and a getter threw', { cause })
  }
}

/** A date, of whatever realm. */
function isDate(value: unknown): value is Date {
  return isObject(value) && Object.prototype.toString.call(value) === '[object Date]'
}

/** An invalid date has no ISO form, and is refused with what it is called. */
function text(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()
}
