import { json, parts } from '../args.js'
import type { SyncHandle } from '../binding.js'
import { cancellable, type Cancellable } from '../call.js'
import type { EngineOps } from '../generated/ops.js'
import { engine } from '../host/node.js'

/** The options of an operation: its arguments but for those that stand before. */
export type OptionsOf<Op extends keyof EngineOps, Given extends string = never> = Omit<EngineOps[Op]['args'], Given> &
  Cancellable

/** Calls an operation of the engine. */
export type Calling = <Op extends keyof EngineOps>(
  op: Op,
  given: object,
  options?: object & Cancellable,
) => Promise<EngineOps[Op]['reply']>

export function calling(sync: SyncHandle): Calling {
  return async (op, given, options = {}) => {
    const { signal, ...rest } = parts(options, 'options')
    const args = json({ ...rest, ...given })
    return cancellable(signal, (cancel) => engine.syncCall(sync, op, args, cancel))
  }
}
