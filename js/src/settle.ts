import { binding } from '#binding'

import { json } from './args.js'
import { GhlError } from './errors.js'
import { errorOf, invalid } from './raise.js'
import type { PureOps } from './generated/ops.js'
import type { ErrorJson } from './generated/types.js'

/** The value of a settled text, or its error thrown. */
export function settle<T>(text: string, options?: { cause?: unknown }): T {
  const settled = JSON.parse(text) as { ok: T } | { error: ErrorJson }
  if ('error' in settled) throw errorOf(settled.error, options)
  return settled.ok
}

/** The error to throw in place of what a binding has thrown. */
export function thrown(error: unknown, argument: string): GhlError {
  if (error instanceof GhlError) return error
  const text = error instanceof Error ? error.message : ''
  if (text.startsWith('{"error":')) {
    try {
      settle(text)
    } catch (settled) {
      if (settled instanceof GhlError) return settled
    }
  }
  return invalid(argument, 'is not of the expected type', { cause: error })
}

/** Evaluates a function of the core that has no I/O. */
export function evaluate<K extends keyof PureOps>(op: K, args: PureOps[K]['args']): PureOps[K]['reply'] {
  const written = json(args)
  let text
  try {
    text = binding.evaluate(op, written)
  } catch (error) {
    throw thrown(error, 'arguments')
  }
  return settle(text)
}
