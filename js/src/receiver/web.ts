import type { HeadersInput } from '../headers.js'
import { invalid } from '../raise.js'
import { errorFrom, headersOf, isJson, METHOD_NOT_ALLOWED, refused, UNSUPPORTED_MEDIA_TYPE, type Answer } from './answer.js'

/** Takes a webhook in, whose body `read` gives. What it throws is answered with what fits. */
export type Take = (read: () => Promise<Uint8Array>, headers: HeadersInput) => Promise<Answer>

/** A route of any framework whose handlers are `(Request) => Promise<Response>`. */
export async function webRoute(request: Request, maxBytes: number, take: Take): Promise<Response> {
  const answer = await answerTo(request, maxBytes, take)
  return new Response(answer.body, { status: answer.status, headers: headersOf(answer) })
}

async function answerTo(request: Request, maxBytes: number, take: Take): Promise<Answer> {
  if (request.method !== 'POST') return METHOD_NOT_ALLOWED
  if (!isJson(request.headers.get('content-type'))) return UNSUPPORTED_MEDIA_TYPE
  try {
    return await take(() => bodyOf(request, maxBytes), request.headers)
  } catch (error) {
    return refused(errorFrom(error))
  }
}

async function bodyOf(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) throw invalid('request', 'its body was read before; hand the request over untouched')
  return collect(request.body ?? [], maxBytes)
}

/** The bytes of a body, of which no more is kept than may be. What exceeds the limit is refused as any larger one is. */
export async function collect(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxBytes) break
  }
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
