import { isObject, options as known, parts, shown } from './args.js'
import type { CallOptions } from './call.js'
import type { ModelSpec, Order, OrderData, PushChange, PushOrder, PushPlan, Pushed } from './generated/types.js'
import type { Ghl } from './ghl.js'
import { invalid } from './raise.js'
import { evaluate } from './settle.js'

/** What happened to an order: its status now, alone or with more. `at` is now by default. */
export type OrderChange = string | (Omit<PushChange, 'at'> & { at?: number })

/** How an order's changes are pushed. */
export interface PushOptions extends CallOptions {
  /** The pipeline of orders. Default: the only one. */
  pipelineId?: string
  /** The stages of single statuses, by id, name or key. The others are found by name. */
  stages?: { [status: string]: string }
  /** The shop's own statuses. Default: the built-in ones. */
  model?: ModelSpec
}

/** What GHL has to be told when an order changes, without telling it. */
function plan(order: PushOrder, change: OrderChange, options?: { model?: ModelSpec }): PushPlan {
  return evaluate('orders.plan', { order, change: read(change), ...known(options, 'options', ['model']) })
}

/**
 * Tells GHL of an order's change, in at most four writes: for hosts without a database. Nothing is remembered, so
 * give `previousStatus` for its tag to be removed. Where orders must not get lost, use `OrderSync`.
 *
 * @example
 * ```ts
 * import { Ghl, orders } from '@ghlkit/wasm'
 *
 * const ghl = Ghl.fromEnv()
 * const order = { contactId: 'c1', opportunityId: 'o1', previousStatus: 'manufacturing' }
 * const { missing } = await orders.push(ghl, order, 'shipped')
 * console.log('the location lacks', missing)
 * ```
 */
async function push(ghl: Ghl, order: PushOrder, change: OrderChange, options?: PushOptions): Promise<Pushed> {
  if (!isObject(ghl) || typeof ghl.call !== 'function') throw invalid('ghl', `expected a client, got ${shown(ghl)}`)
  const { pipelineId, stages, model, ...rest } = parts(options ?? {}, 'options')
  const given = Object.entries({ pipelineId, stages, model }).filter(([, value]) => value !== undefined)
  return ghl.call('orders.push', { order, change: read(change), ...Object.fromEntries(given) }, rest)
}

function read(change: OrderChange): PushChange {
  if (typeof change === 'string') return { status: change, at: Date.now() }
  return { at: Date.now(), ...parts(change, 'change') }
}

/**
 * The order as an engine would take it: trimmed, with a normalised identity and an exact total. For what a shop has to know
 * before it writes down an order of its own. `currency` is that of a total that is a bare number.
 *
 * @throws `InvalidArgumentError` naming what is wrong, e.g. `customer.email`.
 */
function check(order: OrderData, options?: { currency?: string }): Order {
  return evaluate('order.check', { order, ...known(options, 'options', ['currency']) })
}

/** Orders without a database: whether one is well, what GHL has to be told, and telling it. */
export const orders = Object.freeze({ check, plan, push })
