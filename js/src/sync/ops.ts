import type { Cancellable } from '../call.js'
import type { EngineOps } from '../generated/ops.js'

/** The options of an operation: its arguments but for those that stand before. */
export type OptionsOf<Op extends keyof EngineOps, Given extends string = never> = Omit<EngineOps[Op]['args'], Given> &
  Cancellable
