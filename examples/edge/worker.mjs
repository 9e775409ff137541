// What all hosts do, on what all have: Request, Response and fetch.
import { Ghl, GhlError, orders, progressFor, statusForStage, webhooks } from '@ghlkit/wasm'

const STATUSES = { invalid_argument: 400, payload: 400, unauthorized: 401, signature: 401, stale: 401, too_large: 413, config: 503 }
/** What GHL sends, and a shop, is far smaller. */
const MAX_BYTES = 1024 * 1024

/** Why a request is refused here. */
class Refusal extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** Answers a request; `env` is what the host knows of settings. */
export async function handle(request, env) {
  const route = `${request.method} ${new URL(request.url).pathname}`
  try {
    if (route === 'POST /webhook') return await webhook(request, env)
    if (route === 'POST /status') return await status(request, env)
    return Response.json({ error: `${route}: there is no such route`, code: 'not_found' }, { status: 404 })
  } catch (error) {
    if (!(error instanceof GhlError || error instanceof Refusal)) throw error
    const { code, message } = error
    return Response.json({ error: message, code }, { status: STATUSES[code] ?? 502 })
  }
}

/** A webhook of GHL's, verified: which status the card's stage stands for. */
async function webhook(request, env) {
  const secret = env.GOHIGHLEVEL_WEBHOOK_SECRET ?? ''
  const { contactId, stage } = webhooks.constructEvent(await textOf(request), request.headers, { hmac: secret })
  const status = stage === undefined ? undefined : statusForStage(stage)
  return Response.json({ contactId, status, progress: status && progressFor(status) })
}

/** Tells GHL that an order has another status: `{ order: { contactId, opportunityId, … }, status }`. */
async function status(request, env) {
  if (!env.EDGE_TOKEN) throw new Refusal('config', 'EDGE_TOKEN: expected the token that the shop sends')
  if (!(await same(request.headers.get('authorization') ?? '', `Bearer ${env.EDGE_TOKEN}`))) {
    throw new Refusal('unauthorized', 'authorization: expected the token of the shop')
  }
  const { order, status } = objectOf(await textOf(request))
  const { missing } = await orders.push(Ghl.fromEnv(env), order, status, { pipelineId: env.GHL_ORDERS_PIPELINE_ID })
  return Response.json({ success: true, missing })
}

/** The text of a body that is small, whatever it says of its length. */
async function textOf({ body }) {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for (;;) {
    const { value } = (await reader?.read()) ?? {}
    if (value === undefined) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > MAX_BYTES) throw new Refusal('too_large', `body: expected at most ${MAX_BYTES} bytes`)
    text += decoder.decode(value, { stream: true })
  }
}

function objectOf(text) {
  let given
  try {
    given = JSON.parse(text)
  } catch {
    // Said below, without the body.
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given
  throw new Refusal('payload', 'body: expected a JSON object')
}

/** Whether two texts are the same; how long that takes tells nothing of them. */
async function same(one, other) {
  const digest = async (text) => new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const [left, right] = await Promise.all([digest(one), digest(other)])
  return left.reduce((different, byte, index) => different | (byte ^ right[index]), 0) === 0
}
