import { answerTo, Refusal } from './refusal'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Handler<P> = (request: Request, params: P) => Promise<Response>
type Route<P> = (request: Request, context: { params: Promise<P> }) => Promise<Response>

const METHODS: Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The methods of a route: those that are there, and for all others an answer that says so. What fails is answered as JSON. */
export function route<P = object>(handlers: Partial<Record<Method, Handler<P>>>): Record<Method, Route<P>> {
  const allow = METHODS.filter((method) => handlers[method] !== undefined).join(', ')
  const refuse: Handler<P> = async (request) => {
    throw new Refusal('method_not_allowed', `${request.method}: expected ${allow}`, { allow })
  }
  const answered = (handler: Handler<P>): Route<P> => async (request, { params }) => {
    const act = async () => handler(request, await params)
    const answer = await act().catch(answerTo)
    // Of a body that is too large the rest is still to come: nothing else can be asked on that connection.
    if (answer.status === 413) answer.headers.set('connection', 'close')
    return answer
  }
  return Object.fromEntries(
    METHODS.map((method) => [method, answered(handlers[method] ?? refuse)]),
  ) as Record<Method, Route<P>>
}

/** A handler that reads a body: of one that does not say that it is JSON nothing is read. */
export const json =
  <P>(handler: Handler<P>): Handler<P> =>
  async (request, params) => {
    mustBeJson(request)
    return handler(request, params)
  }

function mustBeJson(request: Request): void {
  if (/^\s*application\/([^;\s]+\+)?json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) return
  throw new Refusal('unsupported_media_type', 'content-type: expected application/json')
}

/** No customer writes more than this. */
const MAX_BYTES = 16 * 1024

/** The body of a request: a JSON object. */
export async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  mustBeJson(request)
  const text = await textOf(request, MAX_BYTES)
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    // Said below, without the body.
  }
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Record<string, unknown>
  throw new Refusal('payload', 'body: expected a JSON object')
}

/** The text of a body that is small, whatever it says of its length. */
export async function textOf({ body }: Request, maxBytes: number): Promise<string> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for (;;) {
    const { value } = (await reader?.read()) ?? {}
    if (value === undefined) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) throw new Refusal('too_large', `body: expected at most ${maxBytes} bytes`)
    text += decoder.decode(value, { stream: true })
  }
}
