import { callable } from './args.js'
import type { MonitorHandle } from './binding.js'
import type { Observation } from './generated/types.js'
import { engine } from './host/node.js'
import { said, warn } from './warn.js'

/** Hears what happens in the process. What it throws is a warning of the process, and disturbs nothing. */
export type Monitor = (observation: Observation) => unknown

/** Who listens, kept here: the core lets go of whoever nobody holds. */
const OPEN = new Set<MonitorHandle>()

/**
 * Tells your monitoring what happens in all clients and engines of this process: what begins and ends, such as a call or the sync
 * of an order, and what goes wrong meanwhile, with what led to it. It shows codes, routes, ids of orders and locations; no token, no
 * body, no message of GHL's, and nothing known of a customer.
 *
 * Before the first call nothing is made of it. It does not keep the process running.
 *
 * @example
 * ```ts
 * import { monitor } from '@ghlkit/node'
 *
 * const stop = monitor((seen) => {
 *   if (seen.type !== 'event' || seen.level !== 'error') return
 *   console.error(seen.message, seen.fields, 'after', seen.breadcrumbs.map(({ message }) => message))
 * })
 * ```
 *
 * @returns What ends it.
 */
export function monitor(listener: Monitor): () => void {
  callable(listener, 'listener')
  const handle = engine.monitorOpen((json) => void tell(listener, JSON.parse(json) as Observation))
  OPEN.add(handle)
  return () => {
    if (OPEN.delete(handle)) engine.monitorEnd(handle)
  }
}

async function tell(listener: Monitor, observation: Observation): Promise<void> {
  try {
    await listener(observation)
  } catch (error) {
    warn(`a monitor failed: ${said(error)}`)
  }
}
