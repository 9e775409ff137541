import { callable, options as known, whole } from '../args.js'
import { checked, type Cancellable } from '../call.js'
import type { GhlError } from '../errors.js'
import type { TrackedOrder } from '../generated/types.js'
import { errorOf } from '../raise.js'
import { holding } from './hold.js'

/**
 * How far an order is, in whole percent; nothing where it is not known. The signal fires once the answer is not waited
 * for any more.
 */
export type ManufacturingSource = (
  orderId: string,
  signal: AbortSignal,
) => number | null | undefined | Promise<number | null | undefined>

/** How a pull goes about it. */
export interface PullOptions extends Cancellable {
  /** The location, where several are configured. */
  locationId?: string
  /** How long the source may take over one order, in milliseconds; default 10,000. */
  timeoutMs?: number
  /** No order is asked about after this many milliseconds; default 25,000. */
  deadlineMs?: number
}

/** What a pull did. */
export interface Pulled {
  /** Orders that the source was asked about. */
  asked: number
  /** Orders whose progress rose. */
  changed: number
  /** Orders that failed, those of `failures` among them. */
  failed: number
  /** The first 100 that failed, and why: what the source threw, or a `GhlError`. */
  failures: { orderId: string; error: unknown }[]
  /** Whether the deadline came before the last order: the rest is asked about next time. */
  more: boolean
}

/** What a pull does with an engine. */
interface Orders {
  /** Orders in manufacturing after this one, at most this many. */
  list(page: { after?: string; limit: number; locationId?: string }): Promise<TrackedOrder[]>
  /** Takes what was said of one; whether its progress rose. */
  take(said: { orderId: string; percent: number; locationId?: string }): Promise<boolean>
}

const PAGE = 100
const AT_ONCE = 8
const TOLD_FAILURES = 100

/** Asks the source about every order in manufacturing, a few at a time, and writes down what rose. */
export async function pull(orders: Orders, source: ManufacturingSource, given: PullOptions): Promise<Pulled> {
  const { signal, locationId, timeoutMs, deadlineMs } = known(given, 'options', [
    'signal',
    'locationId',
    'timeoutMs',
    'deadlineMs',
  ])
  const patience = whole(timeoutMs ?? 10_000, 'timeoutMs', 1)
  const until = Date.now() + whole(deadlineMs ?? 25_000, 'deadlineMs', 0)
  callable(source, 'source')
  if (signal !== undefined) checked(signal)
  const here = locationId === undefined ? {} : { locationId }
  const done: Pulled = { asked: 0, changed: 0, failed: 0, failures: [], more: false }

  const one = async (id: string): Promise<void> => {
    try {
      const percent = await answer(source, id, patience, signal)
      if (percent === null || percent === undefined) return
      if (await orders.take({ orderId: id, percent, ...here })) done.changed += 1
    } catch (error) {
      done.failed += 1
      if (done.failures.length < TOLD_FAILURES) done.failures.push({ orderId: id, error })
    }
  }

  let after: string | undefined
  for (;;) {
    const page = await orders.list({ limit: PAGE, ...here, ...(after === undefined ? {} : { after }) })
    after = page.at(-1)?.id
    if (after === undefined) return done
    const waiting = page.values()
    const lane = async (): Promise<void> => {
      while (Date.now() < until && signal?.aborted !== true) {
        const { value: order } = waiting.next()
        if (order === undefined) return
        done.asked += 1
        await one(order.id)
      }
    }
    await holding(() => Promise.all(Array.from({ length: AT_ONCE }, lane)))
    if (waiting.next().done !== true) return { ...done, more: true }
  }
}

/** What the source answers in time. */
async function answer(
  source: ManufacturingSource,
  orderId: string,
  patience: number,
  signal: AbortSignal | undefined,
): Promise<number | null | undefined> {
  const ending = new AbortController()
  const ended = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason), { once: true })
  })
  const give = () => ending.abort(signal?.reason)
  signal?.addEventListener('abort', give, { once: true })
  const timer = setTimeout(() => ending.abort(tooLong(patience)), patience)
  try {
    return await Promise.race([source(orderId, ending.signal), ended])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', give)
  }
}

function tooLong(patience: number): GhlError {
  const message = `the manufacturing source took longer than ${patience} ms`
  return errorOf({ code: 'timeout', message, retryable: true, delivery: 'not_sent' })
}
