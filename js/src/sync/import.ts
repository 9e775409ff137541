import { callable, options as known, shown, whole } from '../args.js'
import { aborted, checked, type Cancellable } from '../call.js'
import type { GhlError } from '../errors.js'
import type { ImportedChunk, OrderData } from '../generated/types.js'
import { errorOf, invalid } from '../raise.js'

/** How far an import has come. */
export interface ImportProgress {
  /** Orders that were dealt with, whatever became of them. */
  done: number
  /** Orders that were written down. */
  imported: number
  /** Orders that were there already. */
  skipped: number
  /** Orders that were refused. */
  failed: number
  /** How many there are, where it is known. */
  total?: number
  /** Orders a second since it began. */
  perSecond: number
  /** How long the rest will take at that rate, in milliseconds, where the total is known. */
  leftMs?: number
}

/** An order that was refused. */
export interface ImportFailure {
  /** Its place among those that were given, from 0. */
  index: number
  /** Why; its `field` is the order's. */
  error: GhlError
}

/** How an import goes. */
export interface ImportOptions extends Cancellable {
  /** How many orders there are. Default: the length of an array, else unknown. */
  total?: number
  /** The jobs of a location are due this far apart, in milliseconds; 0 to 60,000, default 500. */
  everyMs?: number
  /** Hears after each 100 orders how far it has come. What it throws ends the import. */
  onProgress?: (progress: ImportProgress) => void
  /** Hears of each order that was refused. What it throws ends the import; else it goes on. */
  onError?: (failure: ImportFailure) => void
}

/** Orders from wherever they are. */
export type Orders = Iterable<OrderData> | AsyncIterable<OrderData>

/** Writes a chunk down. */
type Write = (chunk: { orders: OrderData[]; everyMs?: number }) => Promise<ImportedChunk>

/** How many orders are held in memory at a time. */
const CHUNK = 100
const OPTIONS = ['total', 'everyMs', 'onProgress', 'onError', 'signal'] as const

/** Reads the orders chunk by chunk, each once the one before it is written down. */
export async function importAll(orders: Orders, given: ImportOptions | undefined, write: Write): Promise<ImportProgress> {
  const { signal, everyMs, ...rest } = known(given, 'options', OPTIONS)
  const total = rest.total === undefined ? lengthOf(orders) : whole(rest.total, 'total', 0)
  const onProgress = rest.onProgress === undefined ? undefined : callable(rest.onProgress, 'onProgress')
  const onError = rest.onError === undefined ? undefined : callable(rest.onError, 'onError')
  if (signal !== undefined) checked(signal)
  const begun = performance.now()
  const counts = { imported: 0, skipped: 0, failed: 0 }
  let progress = at(counts, total, begun)
  for await (const chunk of chunks(orders)) {
    // What was written stays; run again, the import goes on after it.
    if (signal?.aborted === true) throw aborted(signal, 'not_sent')
    const first = progress.done
    const done = await write({ orders: chunk, ...(everyMs !== undefined && { everyMs }) })
    counts.imported += done.imported
    counts.skipped += done.skipped
    counts.failed += done.failed.length
    progress = at(counts, total, begun)
    for (const { index, error } of done.failed) onError?.({ index: first + index, error: errorOf(error) })
    onProgress?.(progress)
  }
  return progress
}

async function* chunks(orders: Orders): AsyncGenerator<OrderData[]> {
  let chunk: OrderData[] = []
  for await (const order of listed(orders)) {
    chunk.push(order)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

function listed(orders: Orders): Orders {
  const given: object = typeof orders === 'object' && orders !== null ? orders : {}
  if (Symbol.iterator in given || Symbol.asyncIterator in given) return orders
  throw invalid('orders', `expected an array, or what can be gone through with for or for await, got ${shown(orders)}`)
}

function lengthOf(orders: Orders): number | undefined {
  return Array.isArray(orders) ? orders.length : undefined
}

function at(counts: { imported: number; skipped: number; failed: number }, total: number | undefined, begun: number): ImportProgress {
  const done = counts.imported + counts.skipped + counts.failed
  const perSecond = (done * 1000) / Math.max(performance.now() - begun, 1)
  const leftMs = total === undefined || done === 0 ? undefined : Math.round((Math.max(total - done, 0) * 1000) / perSecond)
  return {
    done,
    ...counts,
    ...(total !== undefined && { total }),
    perSecond,
    ...(leftMs !== undefined && { leftMs }),
  }
}
