import { json, parts, text } from '../args.js'
import type { SyncHandle, WatchHandle } from '../binding.js'
import { engine } from '../host/node.js'
import { invalid } from '../raise.js'
import { errorFrom, METHOD_NOT_ALLOWED } from '../receiver/answer.js'
import { settle, thrown } from '../settle.js'
import { answering, corsOf, lets, refusal, tokenOf } from './customer.js'

/** Whose events a stream carries, and who may read it. */
export interface EventsOptions {
  /** The order. Default: the query's `orderId`. */
  orderId?: string
  /** The order's location, where several are configured. Default: the query's `locationId`. */
  locationId?: string
  /**
   * Lets a caller in by your own session instead of a token: true, or a promise of it, for the order that is asked for. Whatever else it gives,
   * or throws, keeps the caller out.
   */
  authorize?: (request: Request, asked: { orderId?: string; locationId?: string }) => boolean | Promise<boolean>
  /** With `authorize`: all orders, for a page of the shop's own. Default: false. */
  all?: boolean
}

const METHODS = 'GET, HEAD, OPTIONS'
const STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies such as nginx keep nothing back.
  'x-accel-buffering': 'no',
}

/** A route that streams what happens to an order, as `EventSource` reads it. */
export async function eventsRoute(
  request: Request,
  sync: SyncHandle,
  corsOrigins: readonly string[],
  options: EventsOptions = {},
): Promise<Response> {
  const cors = corsOf(request.headers.get('origin'), corsOrigins)
  const answer = answering({ ...cors, 'cache-control': 'no-store' })
  if (request.method === 'OPTIONS') {
    const allowed = { 'access-control-allow-methods': METHODS, 'access-control-allow-headers': 'authorization, last-event-id' }
    return new Response(null, { status: 204, headers: { ...cors, ...allowed, allow: METHODS } })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return answer(METHOD_NOT_ALLOWED, { allow: METHODS })
  }
  try {
    const watch = await open(request, sync, options)
    if (request.method === 'HEAD') engine.watchEnd(watch)
    const body = request.method === 'HEAD' ? null : streamOf(watch, request.signal)
    return new Response(body, { headers: { ...cors, ...STREAM } })
  } catch (error) {
    const refused = refusal(errorFrom(error))
    // A browser comes back after a stream that ended, and after no other status.
    if (refused.retryAfter !== undefined) return new Response(later(), { headers: { ...cors, ...STREAM } })
    return answer(refused)
  }
}

async function open(request: Request, sync: SyncHandle, options: EventsOptions): Promise<WatchHandle> {
  const { searchParams } = new URL(request.url, 'http://localhost')
  const { orderId = searchParams.get('orderId'), locationId = searchParams.get('locationId'), authorize, all } =
    parts(options, 'options')
  if (all === true && authorize === undefined) throw invalid('authorize', 'expected a function where `all` orders are watched')
  if (all !== true && (orderId === null || orderId === '')) throw invalid('orderId', 'expected the id of an order')
  const of = {
    ...(all !== true && { orderId: text(orderId, 'orderId') }),
    ...(locationId !== null && { locationId: text(locationId, 'locationId') }),
  }
  const allowed = authorize !== undefined && (await lets(() => authorize(request, of)))
  const token = tokenOf(request, searchParams)
  const asked = {
    ...of,
    ...(authorize === undefined && token !== null && { token }),
    // Browsers send the header; where it cannot be set, a query does.
    ...withId(request.headers.get('last-event-id') ?? searchParams.get('lastEventId')),
    allowed,
  }
  try {
    return await engine.watchOpen(sync, json(asked))
  } catch (error) {
    throw thrown(error, 'sync')
  }
}

/** What a stream says that cannot begin now: when to come back, each browser at a time of its own. */
function later(): string {
  return `retry: ${1_000 + Math.floor(Math.random() * 10_000)}\n\n`
}

function withId(lastEventId: string | null): { lastEventId?: string } {
  return lastEventId === null ? {} : { lastEventId }
}

/** The stream's bytes, each piece asked for when there is room for it. */
function streamOf(watch: WatchHandle, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const end = () => engine.watchEnd(watch)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const frames = await nextOf(watch)
    if (frames !== null) return controller.enqueue(encoder.encode(frames))
    signal.removeEventListener('abort', end)
    controller.close()
  }
  return new ReadableStream({ pull, cancel: end }, { highWaterMark: 0 })
}

async function nextOf(watch: WatchHandle): Promise<string | null> {
  try {
    return settle(await engine.watchNext(watch)) as string | null
  } catch {
    // It was ended by whoever reads it, or with the engine.
    return null
  }
}
