import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

import { engine } from './engine'
import { Refusal } from './refusal'

/** The cookie of the shop's people. */
export const SESSION = 'shop_session'
export const SESSION_SECONDS = 12 * 3600

/** What the shop's programs send, and its people sign in with. */
function shopToken(): string {
  const token = process.env.SHOP_TOKEN
  if (token !== undefined && token.length >= 16) return token
  throw new Error('SHOP_TOKEN: expected the secret of the shop, of at least 16 characters')
}

/** How long this takes tells nothing of the secret. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

const sign = (text: string): string => createHmac('sha256', shopToken()).update(text).digest('base64url')

export const isShopToken = (given: string): boolean => same(given, shopToken())

/** A session from now on, as its cookie's value. */
export function newSession(now = Date.now()): string {
  const until = `${now + SESSION_SECONDS * 1000}`
  return `${until}.${sign(`session ${until}`)}`
}

export function isSession(cookie: string | undefined, now = Date.now()): boolean {
  const [until = '', signature = ''] = (cookie ?? '').split('.')
  return Number(until) > now && same(signature, sign(`session ${until}`))
}

/** Lets the shop in: its people by their session, its programs by `Authorization: Bearer`. */
export function mustBeShop(request: Request): void {
  if (!isShop(request)) throw stranger('the token of the shop, or its session')
}

/** Lets the customer of an order in, by the order's token, and the shop. */
export async function mustBeOf(request: Request, orderId: string): Promise<void> {
  if (isShop(request)) return
  const token = bearer(request) ?? new URL(request.url).searchParams.get('token')
  if (token === null) throw stranger('the token of the order')
  await (await engine()).checkOrderToken(orderId, token)
}

function isShop(request: Request): boolean {
  const token = bearer(request)
  return token === undefined ? isSession(cookie(request)) : isShopToken(token)
}

const stranger = (expected: string) =>
  new Refusal('unauthorized', `authorization: expected ${expected}`, { 'www-authenticate': 'Bearer' })

function bearer(request: Request): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
}

function cookie(request: Request): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/)
  return pairs.find((pair) => pair.startsWith(`${SESSION}=`))?.slice(SESSION.length + 1)
}
