import { binding } from '#binding'

import { isObject, json, options as known, shown, text } from './args.js'
import type { CancelHandle, ClientHandle } from './binding.js'
import { AbortedError, GhlError } from './errors.js'
import { errorOf, invalid } from './raise.js'
import type { ClientOps } from './generated/ops.js'
import type { CallOptions as Options, Delivery } from './generated/types.js'
import { settle, thrown } from './settle.js'

/** What can be cancelled from outside. */
export interface Cancellable {
  /** Ends the call when it fires: it then rejects with an `AbortedError` whose `cause` is the signal's reason. */
  signal?: AbortSignal
}

/** What one call does differently. */
export interface CallOptions extends Options, Cancellable {}

const OPTIONS = ['signal', 'timeoutMs', 'maxRetries', 'maxWaitMs', 'deadlineMs', 'priority', 'locationId', 'headers'] as const

/** Calls an operation of GHL's API. */
export function call<K extends keyof ClientOps>(
  client: ClientHandle,
  op: K,
  args: ClientOps[K]['args'],
  options: CallOptions | undefined,
): Promise<ClientOps[K]['reply']> {
  return send(client, op, args, options)
}

/** The same, whatever it is called by. */
export async function send<T>(
  client: ClientHandle,
  op: string,
  args: object,
  options: CallOptions | undefined,
): Promise<T> {
  const { signal, ...rest } = known(options, 'options', OPTIONS)
  const written = json(args)
  const chosen = json(rest, 'options')
  const name = text(op, 'op')
  const start = (cancel?: CancelHandle) => binding.clientCall(client, name, written, chosen, cancel)
  return signal === undefined ? settle(await begun(start)) : cancellable(signal, start)
}

/** Starts a call that ends when the signal fires, and settles it. */
export async function cancellable<T>(
  signal: AbortSignal | undefined,
  start: (cancel?: CancelHandle) => Promise<string>,
): Promise<T> {
  if (signal === undefined) return settle(await begun(start))
  if (checked(signal).aborted) throw aborted(signal, 'not_sent')
  const cancel = binding.cancelNew()
  const fire = () => binding.cancelFire(cancel)
  signal.addEventListener('abort', fire, { once: true })
  try {
    return settle(await begun(start, cancel))
  } catch (error) {
    throw error instanceof AbortedError ? aborted(signal, 'unknown') : error
  } finally {
    signal.removeEventListener('abort', fire)
  }
}

async function begun(start: (cancel?: CancelHandle) => Promise<string>, cancel?: CancelHandle): Promise<string> {
  try {
    return await start(cancel)
  } catch (error) {
    throw thrown(error, 'arguments')
  }
}

/** A signal, of whatever realm or library. */
export function checked(signal: AbortSignal): AbortSignal {
  const { aborted, addEventListener } = (isObject(signal) ? signal : {}) as Partial<AbortSignal>
  if (typeof aborted === 'boolean' && typeof addEventListener === 'function') return signal
  throw invalid('signal', `expected an AbortSignal, got ${shown(signal)}`)
}

export function aborted(signal: AbortSignal, delivery: Delivery): GhlError {
  const details = {
    code: 'aborted',
    message: 'the call was cancelled by its caller',
    retryable: false,
    delivery,
  } as const
  return errorOf(details, { cause: signal.reason })
}
