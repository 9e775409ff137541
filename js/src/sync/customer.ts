import type { GhlError } from '../errors.js'
import { headersOf, type Answer } from '../receiver/answer.js'
import { evaluate } from '../settle.js'
import { said, warn } from '../warn.js'

/** Whether the shop's own code lets a caller in: whatever but true, or a promise of it, keeps the caller out. */
export async function lets(authorize: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return (await authorize()) === true
  } catch {
    return false
  }
}

/** The token that a customer shows: of the header, else of the query. */
export function tokenOf(request: Request, query: URLSearchParams): string | null {
  const [, bearer] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? []
  return bearer ?? query.get('token')
}

/** What a page of another origin may read. */
export function corsOf(origin: string | null, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {}
  const fits = origin !== null && (allowed.includes('*') || allowed.includes(origin))
  return { vary: 'origin', ...(fits && { 'access-control-allow-origin': origin }) }
}

/** Gives answers as replies that all have these headers. */
export function answering(common: Record<string, string>) {
  return (answer: Answer, headers: Record<string, string> = {}): Response =>
    new Response(answer.body, { status: answer.status, headers: { ...common, ...headersOf(answer), ...headers } })
}

/** How a customer is refused who may not see an order, or not now; with `retryAfter` where it is worth asking again. */
export function refusal(error: GhlError): Answer {
  // An engine that was closed is as a rule about to be opened again.
  const { message, field } = error
  const code = field === 'sync' ? 'aborted' : error.code
  const answer = evaluate('customer.answer', { code, message, ...(field !== undefined && { field }) })
  // What is not set up, or a database that is away, is for the shop to read.
  if (answer.status === 503) warn(said(error))
  return answer
}
