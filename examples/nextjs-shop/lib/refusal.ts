import type { GhlError } from '@ghlkit/node'

/** The status of a refusal of the shop's own. */
const OWN = {
  unauthorized: 401,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid_argument: 400,
  payload: 400,
} as const

/** The statuses of what ghlkit refuses; what else fails is GHL's, or the network's. */
const THEIRS: { [code: string]: number } = {
  ...OWN,
  order_not_found: 404,
  order_exists: 409,
  transition_refused: 409,
  slot_taken: 409,
  signature: 401,
  stale: 401,
  rate_limited: 503,
  config: 503,
  store: 503,
}

/** A request that the shop turns down. */
export class Refusal extends Error {
  constructor(
    readonly code: keyof typeof OWN,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message)
  }
}

/** Whether it is an error of ghlkit's, of whichever of its packages: this file serves the edge too. */
const isGhlError = (error: unknown): error is GhlError =>
  error instanceof Error && 'code' in error && 'retryable' in error

/** The answer to a request that failed: JSON with a stable `code`. */
export function answerTo(error: unknown): Response {
  if (error instanceof Refusal) {
    const { code, message, headers } = error
    return Response.json({ error: message, code }, { status: OWN[code], headers })
  }
  if (isGhlError(error)) {
    const { code, message, field, alternatives } = error
    return Response.json({ error: message, code, field, alternatives }, { status: THEIRS[code] ?? 502 })
  }
  console.error(error)
  return Response.json({ error: 'The shop failed', code: 'internal' }, { status: 500 })
}
