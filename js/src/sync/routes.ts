import { GhlError } from '../errors.js'
import { invalid } from '../raise.js'
import type { HeadersInput } from '../headers.js'

/** Takes a webhook in: verified and written down, or an error. */
type Receive = (rawBody: Uint8Array, headers: HeadersInput, locationId: string) => Promise<unknown>

/** What to answer to whom: GHL repeats an app webhook only after a 429. */
const STATUS: { readonly [code: string]: number } = {
  signature: 401,
  stale: 401,
  payload: 400,
  too_large: 413,
  wrong_location: 403,
  invalid_argument: 500,
}
const AGAIN = 429
const DEFAULT_RETRY_SECONDS = 30

/** The route that GHL posts to, for any framework whose handlers are `(Request) => Promise<Response>`. */
export async function webhookRoute(request: Request, maxBytes: number, receive: Receive): Promise<Response> {
  if (request.method !== 'POST') return answer(405, { error: 'Method not allowed' }, { allow: 'POST' })
  try {
    const locationId = new URL(request.url).searchParams.get('locationId') ?? ''
    await receive(await read(request, maxBytes), request.headers, locationId)
    return answer(200, { success: true })
  } catch (error) {
    return refusal(error instanceof GhlError ? error : invalid('request', 'cannot be read', { cause: error }))
  }
}

function refusal(error: GhlError): Response {
  // An engine that was closed is as a rule about to be opened again.
  const status = error.field === 'sync' ? AGAIN : (STATUS[error.code] ?? AGAIN)
  const body = { error: error.code === 'signature' ? 'Invalid signature' : error.message, code: error.code }
  if (status !== AGAIN) return answer(status, body)
  const seconds = Math.ceil((error.retryAfterMs ?? DEFAULT_RETRY_SECONDS * 1_000) / 1_000)
  return answer(status, body, { 'retry-after': `${seconds}` })
}

function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

/** The body, of which no more is kept than may be. */
async function read(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) throw invalid('request', 'its body was read before; hand the request over untouched')
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk)
    length += chunk.length
    // What exceeds the limit by a byte is refused as all larger ones are.
    if (length > maxBytes) break
  }
  return Buffer.concat(chunks)
}
