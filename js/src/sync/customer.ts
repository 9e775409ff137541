import type { GhlError } from '../errors.js'

/** Lets a caller in; whatever but true, or a promise of it, keeps the caller out. */
export type Authorize = (request: Request) => boolean | Promise<boolean>

/** Whether the shop's own code lets a caller in. */
export async function lets(authorize: Authorize, request: Request): Promise<boolean> {
  try {
    return (await authorize(request)) === true
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

/** The status of an answer that refuses a customer. */
export function statusOf({ code, field }: GhlError): number {
  // An engine that was closed is as a rule about to be opened again.
  if (field === 'sync') return 503
  const statuses: Partial<Record<GhlError['code'], number>> = {
    unauthorized: 401,
    invalid_argument: 400,
    order_not_found: 404,
  }
  // What is not set up, or a database that is away.
  return statuses[code] ?? 503
}
