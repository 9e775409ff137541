import { callable, isObject, options as known, whole } from './args.js'
import { aborted, checked, type Cancellable } from './call.js'
import { GhlError } from './errors.js'
import { invalid } from './raise.js'
import { evaluate } from './settle.js'

/** How often an operation may be tried at most. */
const MAX_TRIES = 10
/** The longest first delay, and the largest factor. */
const MAX_BASE_MS = 300_000
const MAX_FACTOR = 10

/** A try that failed. */
export interface FailedTry {
  /** Which try it was, from 1. */
  attempt: number
  /** In how many milliseconds the next one begins; absent after the last. */
  delayMs?: number
}

/** How an operation is repeated. */
export interface RetryOptions extends Cancellable {
  /** Tries in all; 1 to 10, default 3. */
  tries?: number
  /** The delay after the first try, in milliseconds; 0 to 300,000, default 1000. */
  baseMs?: number
  /** What each further delay is multiplied by; 1 to 10, default 2. */
  factor?: number
  /**
   * Whether an error may pass. Default: what a `GhlError` says of itself; of other errors all, but for what was
   * cancelled.
   */
  retryable?: (error: unknown) => boolean
  /** Hears of each try that failed. What it throws ends the operation. */
  onFailure?: (error: unknown, failed: FailedTry) => void
}

const OPTIONS = ['tries', 'baseMs', 'factor', 'retryable', 'onFailure', 'signal'] as const

/**
 * Does something of your own up to three times, as the calls to GHL are done: again after 1 s and 2 s, or after what the
 * error asks for, and only where it may pass. What is repeated must do no harm when it is done twice.
 *
 * @returns What `operation` gave at last. It is handed the number of the try, from 1.
 * @throws The error of the last try; `AbortedError` once the signal has fired.
 *
 * @example
 * ```ts
 * import { retry } from '@ghlkit/node'
 *
 * const reply = await retry(() => fetch('https://shop.example/labels'), {
 *   onFailure: (error, { attempt, delayMs }) => console.warn(`try ${attempt} failed`, error, delayMs),
 * })
 * ```
 */
export async function retry<T>(
  operation: (attempt: number) => T | PromiseLike<T>,
  options?: RetryOptions,
): Promise<T> {
  const { tries = 3, baseMs = 1000, factor = 2, signal, ...given } = known(options, 'options', OPTIONS)
  callable(operation, 'operation')
  bounded(tries, 'tries', 1, MAX_TRIES)
  bounded(baseMs, 'baseMs', 0, MAX_BASE_MS)
  bounded(factor, 'factor', 1, MAX_FACTOR)
  const retryable = given.retryable === undefined ? mayPass : callable(given.retryable, 'retryable')
  const onFailure = given.onFailure === undefined ? undefined : callable(given.onFailure, 'onFailure')
  if (signal !== undefined) checked(signal)
  const ended = () => signal?.aborted === true
  for (let attempt = 1; ; attempt++) {
    if (signal !== undefined && ended()) throw aborted(signal, attempt === 1 ? 'not_sent' : 'unknown')
    try {
      return await operation(attempt)
    } catch (error) {
      const again = attempt < tries && !ended() && retryable(error)
      const delayMs = again ? delay(error, { attempt, baseMs, factor }) : undefined
      onFailure?.(error, delayMs === undefined ? { attempt } : { attempt, delayMs })
      if (delayMs === undefined) throw error
      await pause(delayMs, signal)
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof GhlError) return error.retryable
  return !(isObject(error) && error['name'] === 'AbortError')
}

function delay(error: unknown, policy: { attempt: number; baseMs: number; factor: number }): number {
  const askedMs = error instanceof GhlError ? error.retryAfterMs : undefined
  return evaluate('retry.delay', { ...policy, ...(askedMs !== undefined && { askedMs }), random: Math.random() })
}

/** Ends early once the signal fires: it is looked at next. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted === true) end()
  })
}

function bounded(value: number, name: string, least: number, most: number): void {
  if (whole(value, name, least) > most) throw invalid(name, `expected ${least} to ${most}, got ${value}`)
}
