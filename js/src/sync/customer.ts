import type { GhlError } from '../errors.js'
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

/** How a customer is refused: the status, and what is said. */
export function refusal(error: GhlError): [number, { error: string; code: string; field?: string }] {
  const { code, message, field } = error
  const statuses: Partial<Record<GhlError['code'], number>> = {
    unauthorized: 401,
    invalid_argument: 400,
    order_not_found: 404,
  }
  const status = passes(error) ? undefined : statuses[code]
  if (status !== undefined) return [status, { error: message, code, ...(field !== undefined && { field }) }]
  // What is not set up, or a database that is away, is for the shop to read.
  warn(said(error))
  return [503, { error: 'the shop cannot answer now', code }]
}

/** Whether it is worth asking again: the database is away, or the engine was closed and is as a rule about to be opened again. */
export function passes({ code, field }: GhlError): boolean {
  return field === 'sync' || code === 'store' || code === 'aborted'
}
