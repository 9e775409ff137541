import { NotFoundError } from '@ghlkit/node'

import { isBookable } from './bookable'
import { engine } from './engine'
import { known } from './orders'
import { Refusal } from './refusal'

const DAY = 86_400_000
/** How far ahead customers may choose, in days; GHL tells a month at a time. */
const AHEAD = 14

/** When it is, as a customer may know it: not who comes. */
export interface Booked {
  state: string
  startsAt: string
  endsAt: string
  /** The customer's zone, in which they are told of it. */
  timeZone: string
}

/** The installation of an order, if there is one. */
export async function booked(orderId: string): Promise<Booked | undefined> {
  try {
    return told(await (await engine()).installation(orderId))
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

export async function freeTimes(orderId: string, timeZone?: string): Promise<{ startsAt: string; endsAt: string }[]> {
  await mustBeBookable(orderId)
  const [from, to] = [new Date(Date.now() + DAY), new Date(Date.now() + AHEAD * DAY)]
  const free = await (await engine()).availableInstallations({ from, to, ...(timeZone && { timeZone }) })
  return free.map(({ startsAt, endsAt }) => ({ startsAt, endsAt }))
}

/** Books an installation, or moves the one that is booked. */
export async function book(orderId: string, wanted: Record<string, unknown>): Promise<Booked> {
  await mustBeBookable(orderId)
  const { at, timeZone, instructions } = wanted as { at: string; timeZone?: string; instructions?: string }
  const sync = await engine()
  const before = await booked(orderId)
  const zone = timeZone === undefined ? {} : { timeZone }
  if (before !== undefined && before.state !== 'cancelled' && Date.parse(before.startsAt) !== Date.parse(at)) {
    return told(await sync.rescheduleInstallation(orderId, { at, ...zone }))
  }
  return told(await sync.scheduleInstallation(orderId, { at, ...zone, ...(instructions && { instructions }) }))
}

export async function callOff(orderId: string): Promise<Booked> {
  return told(await (await engine()).cancelInstallation(orderId))
}

async function mustBeBookable(orderId: string): Promise<void> {
  const found = await known(orderId)
  if (found === undefined) throw new Refusal('not_found', 'order: there is none of this id')
  if (isBookable(found.order.status)) return
  throw new Refusal('conflict', 'order: its installation can be planned once it is shipped')
}

const told = ({ state, startsAt, endsAt, timeZone }: Booked): Booked => ({ state, startsAt, endsAt, timeZone })
