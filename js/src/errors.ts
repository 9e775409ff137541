import type { Delivery, DuplicateOf, ErrorCode, ErrorJson, InstallationSlot } from './generated/types.js'

/** Tells errors of every loaded copy of this package. */
const BRAND = Symbol.for('ghlkit.GhlError')

/**
 * The error of this package. `code` is stable and made to be matched on; `instanceof` works across versions
 * and copies of the package, for its families too.
 *
 * @example
 * ```ts
 * import { DuplicateError, Ghl, RateLimitError } from '@ghlkit/node'
 *
 * try {
 *   await Ghl.fromEnv().contacts.create({ email: 'aino@example.com' })
 * } catch (error) {
 *   if (error instanceof DuplicateError) console.log('known as', error.duplicateOf?.contactId)
 *   else if (error instanceof RateLimitError) console.log('again in', error.retryAfterMs)
 *   else throw error
 * }
 * ```
 */
export class GhlError extends Error implements ErrorJson {
  /** The stable code, e.g. `rate_limited`. */
  declare readonly code: ErrorCode
  /** The argument, field or setting at fault, e.g. `customer.email`. */
  declare readonly field?: string
  /** The HTTP status of GHL's reply. */
  declare readonly status?: number
  /** GHL's trace id, which its support asks for. */
  declare readonly traceId?: string
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean
  /** How long to wait before, in milliseconds. */
  declare readonly retryAfterMs?: number
  /** How far the request got: `unknown` means that it may have arrived. */
  declare readonly delivery: Delivery
  /** The contact that stands in the way of a `duplicate`. */
  declare readonly duplicateOf?: DuplicateOf
  /** The times that are free in place of that of a `slot_taken`, the nearest first. */
  declare readonly alternatives?: InstallationSlot[]

  constructor(details: ErrorJson, options?: { cause?: unknown }) {
    super(details.message, options)
    const { message: _, ...rest } = details
    Object.assign(this, rest)
  }

  /** What a log may hold of it: never a secret, no stack. */
  toJSON(): ErrorJson {
    return { ...this, message: this.message }
  }

  /** @internal */
  static override [Symbol.hasInstance](this: Function, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    if (!Object.hasOwn(this, 'codes')) return Function.prototype[Symbol.hasInstance].call(this, value)
    const { codes } = this as typeof GhlError
    return BRAND in value && (codes.length === 0 || codes.includes((value as { code?: string }).code ?? ''))
  }

  /** The codes of this family; of `GhlError` itself none, as it holds all. */
  static readonly codes: readonly string[] = []

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true })
    named(this, 'GhlError')
  }
}

/** Names a class and its errors in a way that survives minifying. */
function named(family: { prototype: Error }, name: string): void {
  for (const one of [family, family.prototype]) Object.defineProperty(one, 'name', { value: name, configurable: true })
}

/** An argument is missing or malformed: `field` names it. */
export class InvalidArgumentError extends GhlError {
  static override readonly codes = ['invalid_argument'] as const
  declare readonly code: (typeof InvalidArgumentError.codes)[number]
  static {
    named(this, 'InvalidArgumentError')
  }
}

/** A setting is missing or malformed: `field` names it. */
export class ConfigError extends GhlError {
  static override readonly codes = ['config'] as const
  declare readonly code: (typeof ConfigError.codes)[number]
  static {
    named(this, 'ConfigError')
  }
}

/** A webhook's signature is missing, malformed or wrong, or its timestamp too old: answer 401. */
export class SignatureError extends GhlError {
  static override readonly codes = ['signature', 'stale'] as const
  declare readonly code: (typeof SignatureError.codes)[number]
  static {
    named(this, 'SignatureError')
  }
}

/** A body is not the JSON that was expected, or too large. */
export class PayloadError extends GhlError {
  static override readonly codes = ['payload', 'too_large'] as const
  declare readonly code: (typeof PayloadError.codes)[number]
  static {
    named(this, 'PayloadError')
  }
}

/** A limit of calls is reached; wait `retryAfterMs`. */
export class RateLimitError extends GhlError {
  static override readonly codes = ['rate_limited', 'daily_limit', 'retry_budget'] as const
  declare readonly code: (typeof RateLimitError.codes)[number]
  static {
    named(this, 'RateLimitError')
  }
}

/** No reply arrived in time. */
export class TimeoutError extends GhlError {
  static override readonly codes = ['timeout'] as const
  declare readonly code: (typeof TimeoutError.codes)[number]
  static {
    named(this, 'TimeoutError')
  }
}

/** The caller cancelled; `cause` is the reason of its signal. */
export class AbortedError extends GhlError {
  static override readonly codes = ['aborted'] as const
  declare readonly code: (typeof AbortedError.codes)[number]
  static {
    named(this, 'AbortedError')
  }
}

/** The connection failed; `delivery` tells whether the request may have arrived. */
export class NetworkError extends GhlError {
  static override readonly codes = ['network', 'outcome_unknown'] as const
  declare readonly code: (typeof NetworkError.codes)[number]
  static {
    named(this, 'NetworkError')
  }
}

/** There is no such object in GHL, or no such order. */
export class NotFoundError extends GhlError {
  static override readonly codes = ['not_found', 'order_not_found'] as const
  declare readonly code: (typeof NotFoundError.codes)[number]
  static {
    named(this, 'NotFoundError')
  }
}

/** There is one already: for a contact, `duplicateOf` names it. */
export class DuplicateError extends GhlError {
  static override readonly codes = ['duplicate', 'duplicate_opportunity', 'order_exists'] as const
  declare readonly code: (typeof DuplicateError.codes)[number]
  static {
    named(this, 'DuplicateError')
  }
}

/** The status may not change that way. */
export class TransitionError extends GhlError {
  static override readonly codes = ['transition_refused'] as const
  declare readonly code: (typeof TransitionError.codes)[number]
  static {
    named(this, 'TransitionError')
  }
}

/** No installer is free at that time: `alternatives` are the nearest times that are free. */
export class SlotTakenError extends GhlError {
  static override readonly codes = ['slot_taken'] as const
  declare readonly code: (typeof SlotTakenError.codes)[number]
  static {
    named(this, 'SlotTakenError')
  }
}

/** The token is refused, of another class, lacks a scope, or belongs to another location. */
export class AuthError extends GhlError {
  static override readonly codes = [
    'unauthorized',
    'reauthorize',
    'wrong_token_class',
    'scope_missing',
    'wrong_location',
  ] as const
  declare readonly code: (typeof AuthError.codes)[number]
  static {
    named(this, 'AuthError')
  }
}

/** GHL failed, or refused the request. */
export class ApiError extends GhlError {
  static override readonly codes = ['server', 'validation', 'version_header', 'refused', 'unexpected_reply'] as const
  declare readonly code: (typeof ApiError.codes)[number]
  static {
    named(this, 'ApiError')
  }
}

/** A handler of a webhook threw: `cause` is what. The webhook was not handled. */
export class HandlerError extends GhlError {
  static override readonly codes = ['handler_failed'] as const
  declare readonly code: (typeof HandlerError.codes)[number]
  static {
    named(this, 'HandlerError')
  }
}

/** The database failed, another worker was quicker, or this process has no room; nothing was written. */
export class StoreError extends GhlError {
  static override readonly codes = ['store', 'conflict', 'lease_lost', 'busy'] as const
  declare readonly code: (typeof StoreError.codes)[number]
  static {
    named(this, 'StoreError')
  }
}
