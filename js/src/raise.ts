import * as errors from './errors.js'
import type { ErrorJson } from './generated/types.js'

const FAMILIES: readonly (typeof errors.GhlError)[] = Object.values(errors)

/** The error of the family that has its code. */
export function errorOf(details: ErrorJson, options?: { cause?: unknown }): errors.GhlError {
  const Family = FAMILIES.find((family) => family.codes.includes(details.code)) ?? errors.GhlError
  return new Family(details, options)
}

/** An argument is not what was expected. */
export function invalid(field: string, expected: string, options?: { cause?: unknown }): errors.GhlError {
  const message = `${field}: ${expected}`
  const details = { code: 'invalid_argument', message, field, retryable: false, delivery: 'not_sent' } as const
  return new errors.InvalidArgumentError(details, options)
}
