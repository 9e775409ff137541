import { GhlError } from '../errors.js'
import type { Answer } from '../generated/types.js'
import { invalid } from '../raise.js'
import { evaluate } from '../settle.js'

export type { Answer }

/** The webhook is taken care of, now or when it came before. */
export const ACCEPTED: Answer = { status: 200, body: '{"success":true}' }

/** The body is declared to be something else than JSON. */
export const UNSUPPORTED_MEDIA_TYPE: Answer = {
  status: 415,
  body: '{"error":"content-type: expected application/json","code":"unsupported_media_type"}',
}

/** The method is none that the route takes: where nothing else is said, `POST`. */
export const METHOD_NOT_ALLOWED: Answer = { status: 405, body: '{"error":"Method not allowed","code":"method_not_allowed"}' }

/** The same, of a route that takes these methods. */
export function notAllowed(allow: string): Response {
  const headers = { ...headersOf(METHOD_NOT_ALLOWED), allow, 'cache-control': 'no-store' }
  return new Response(METHOD_NOT_ALLOWED.body, { status: METHOD_NOT_ALLOWED.status, headers })
}

/** The answer to a webhook that is refused, or cannot be taken care of now. */
export function refused(error: GhlError): Answer {
  const { code, message, retryAfterMs } = error
  const answer = evaluate('webhook.answer', { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  // An engine that was closed is as a rule about to be opened again.
  return error.field === 'sync' ? { ...answer, status: 429, retryAfter: answer.retryAfter ?? 30 } : answer
}

/** Whatever was thrown, as an error of this package. */
export function errorFrom(thrown: unknown): GhlError {
  return thrown instanceof GhlError ? thrown : invalid('request', 'cannot be read', { cause: thrown })
}

/** The headers of an answer. */
export function headersOf({ status, retryAfter }: Answer): Record<string, string> {
  return {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': `${retryAfter}` }),
    ...(status === METHOD_NOT_ALLOWED.status && { allow: 'POST' }),
    // The rest of the body is still to come.
    ...(status === 413 && { connection: 'close' }),
  }
}

/** Whether a body may be read: one that does not say what it is may be. */
export function isJson(contentType: string | null | undefined): boolean {
  if (contentType === null || contentType === undefined) return true
  return /^\s*application\/([^;\s]+\+)?json\s*(;|$)/i.test(contentType)
}
