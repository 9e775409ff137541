import { shown } from './args.js'
import type { ClientHandle } from './binding.js'
import { send, type CallOptions } from './call.js'
import type { GhlError } from './errors.js'
import type { ClientOps } from './generated/ops.js'
import type { CallOptions as Options, ErrorJson } from './generated/types.js'
import { errorOf, invalid } from './raise.js'

/** One call of a batch: an operation by its name, e.g. `contacts.get`. Its options go before those of the batch. */
export type BatchCall = {
  [Op in keyof ClientOps]: { readonly op: Op; readonly args: ClientOps[Op]['args']; readonly options?: Options }
}[keyof ClientOps]

/** What became of one call of a batch. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: GhlError }

/** What became of the calls of a batch, each at its place. */
export type Outcomes<Calls extends readonly BatchCall[]> = {
  -readonly [Place in keyof Calls]: Outcome<ClientOps[Calls[Place]['op']]['reply']>
}

/** Makes many calls in one crossing of the border. */
export async function batch<Calls extends readonly BatchCall[]>(
  client: ClientHandle,
  calls: Calls,
  options: CallOptions | undefined,
): Promise<Outcomes<Calls>> {
  if (!Array.isArray(calls)) throw invalid('calls', `expected a list of calls, got ${shown(calls)}`)
  const settled = await send<({ ok: unknown } | { error: ErrorJson })[]>(client, 'batch', { calls }, options)
  return settled.map((one) =>
    'error' in one ? { ok: false, error: errorOf(one.error) } : { ok: true, value: one.ok },
  ) as Outcomes<Calls>
}
