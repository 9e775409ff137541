import type { HeadersInput } from '../headers.js'
import { invalid } from '../raise.js'
import { errorFrom, headersOf, isJson, METHOD_NOT_ALLOWED, refused, UNSUPPORTED_MEDIA_TYPE, type Answer } from './answer.js'
import { collect, type Take } from './web.js'

/** What is used of Node's `IncomingMessage`, or of a framework's request that is made of one. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly rawHeaders?: readonly string[]
  readonly readableEnded?: boolean
  /** What a body parser has left. */
  readonly body?: unknown
  /** The bytes, where the platform keeps them beside what it has parsed. */
  readonly rawBody?: unknown
}

/** What is used of Node's `ServerResponse`. */
export interface NodeResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}

/** A route of Node's `http`, of Express and of Next.js' Pages Router. */
export async function nodeRoute(
  request: NodeRequest,
  response: NodeResponse,
  maxBytes: number,
  take: Take,
): Promise<void> {
  const answer = await answerTo(request, maxBytes, take)
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(headersOf(answer))) response.setHeader(name, value)
  // Of a body that is too large the rest is still to come.
  if (request.readableEnded === false) response.setHeader('connection', 'close')
  response.end(answer.body)
}

async function answerTo(request: NodeRequest, maxBytes: number, take: Take): Promise<Answer> {
  if (request.method !== 'POST') return METHOD_NOT_ALLOWED
  if (!isJson(one(request.headers['content-type']))) return UNSUPPORTED_MEDIA_TYPE
  try {
    // The raw ones show a header that was sent twice.
    const headers: HeadersInput = request.rawHeaders ?? request.headers
    return await take(() => bodyOf(request, maxBytes), headers)
  } catch (error) {
    return refused(errorFrom(error))
  }
}

const PARSED =
  'expected the raw body, but a body parser has read it: on this route use `express.raw({ type: "application/json" })`, ' +
  'or in the Pages Router `export const config = { api: { bodyParser: false } }`'

async function bodyOf(request: NodeRequest, maxBytes: number): Promise<Uint8Array> {
  for (const kept of [request.body, request.rawBody]) {
    if (kept instanceof Uint8Array) return kept
    if (typeof kept === 'string') return Buffer.from(kept)
  }
  if (request.readableEnded === true) throw invalid('body', PARSED)
  return collect(request as AsyncIterable<Uint8Array>, maxBytes)
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
