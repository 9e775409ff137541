import { binding } from '#binding'

import { callable, text } from './args.js'
import type { ClientHandle } from './binding.js'
import type { CallEvent } from './generated/types.js'
import { invalid } from './raise.js'
import { said, warn } from './warn.js'

/** What happens to calls, by name. */
export type CallEvents = { [Type in CallEvent['type']]: Extract<CallEvent, { type: Type }> }

/**
 * Hears what happens to calls. What it throws is a warning of the process, and does not disturb the call.
 */
export type CallListener<Type extends keyof CallEvents = keyof CallEvents> = (event: CallEvents[Type]) => unknown

type Listeners = Map<keyof CallEvents, Set<CallListener<any>>>

const TYPES: readonly string[] = ['request', 'response', 'retry', 'rateLimit', 'error'] satisfies (keyof CallEvents)[]

/** Who listens to the calls of each client, as long as anybody has that. */
const LISTENERS = new WeakMap<ClientHandle, Listeners>()

/** Tells of a client's calls from now on. */
export function on(client: ClientHandle, type: keyof CallEvents, listener: CallListener<any>): void {
  const all = LISTENERS.get(client) ?? new Map()
  const listeners = all.get(checked(type)) ?? new Set()
  LISTENERS.set(client, all.set(type, listeners.add(callable(listener, 'listener'))))
  listen(client, all)
}

/** Ends what `on` has begun. */
export function off(client: ClientHandle, type: keyof CallEvents, listener: CallListener<any>): void {
  const all: Listeners = LISTENERS.get(client) ?? new Map()
  const listeners = all.get(checked(type)) ?? new Set()
  listeners.delete(callable(listener, 'listener'))
  if (listeners.size === 0) all.delete(type)
  listen(client, all)
}

/** The core is told what anybody listens to, so that the rest costs nothing. It must not hold on to the client. */
function listen(client: ClientHandle, all: Listeners): void {
  const weak = weakly(all)
  binding.clientListen(client, [...all.keys()].join(','), (json) => {
    const event = JSON.parse(json) as CallEvent
    for (const listener of [...(weak.deref()?.get(event.type) ?? [])]) void tell(listener, event)
  })
}

/** Some edge runtimes have no weak references; there, nothing is let go of anyway. */
function weakly<T extends object>(held: T): Pick<WeakRef<T>, 'deref'> {
  return typeof WeakRef === 'function' ? new WeakRef(held) : { deref: () => held }
}

async function tell(listener: CallListener, event: CallEvent): Promise<void> {
  try {
    await listener(event)
  } catch (error) {
    warn(`a listener of ${event.type} failed: ${said(error)}`)
  }
}

function checked(type: keyof CallEvents): keyof CallEvents {
  if (TYPES.includes(text(type, 'type'))) return type
  throw invalid('type', `expected one of ${TYPES.join(', ')}`)
}
