import { isObject, shown } from '../args.js'
import type { TestWebhook } from '../generated/types.js'
import { invalid } from '../raise.js'
import { errorFrom, notAllowed } from '../receiver/answer.js'
import { answer, refusal } from './cron.js'

/** Sends a test webhook. */
type Send = (url: string, options: { event?: string; locationId?: string }) => Promise<TestWebhook>

/**
 * A route that sends a signed test webhook to the shop's own route, and tells what that answered. Whoever calls it may choose a
 * path of the shop's, and no other host: what is signed, or a secret that is sent as it is, goes nowhere else.
 */
export async function testWebhookRoute(
  request: Request,
  secret: string | undefined,
  configured: string | undefined,
  send: Send,
): Promise<Response> {
  if (request.method !== 'POST') return notAllowed('POST')
  const stranger = refusal(request, secret)
  if (stranger !== undefined) return stranger
  try {
    const { url = configured, ...options } = wishes(await request.text())
    if (configured === undefined) throw invalid('webhookUrl', 'expected the option, or GHLKIT_WEBHOOK_URL')
    if (origin(url) !== origin(configured)) throw invalid('url', `expected one of ${origin(configured)}, or nothing`)
    const sent = await send(url ?? configured, options)
    return answer(sent.ok ? 200 : 502, { success: sent.ok, ...sent })
  } catch (error) {
    const { code, message } = errorFrom(error)
    const status = { invalid_argument: 400, payload: 400, config: 503 }[code as string] ?? 502
    return answer(status, { success: false, error: message, code })
  }
}

/** Scheme, host and port of a URL. */
function origin(url: unknown): string | undefined {
  try {
    return new URL(String(url)).origin
  } catch {
    return undefined
  }
}

/** What a body asks for; an empty one asks for nothing special. */
function wishes(body: string): { url?: string; event?: string; locationId?: string } {
  if (body.trim() === '') return {}
  let given: unknown
  try {
    given = JSON.parse(body)
  } catch (cause) {
    throw invalid('body', 'expected JSON such as {"url":"https://…"}, or nothing', { cause })
  }
  if (!isObject(given)) throw invalid('body', `expected an object, got ${shown(given)}`)
  return given
}
