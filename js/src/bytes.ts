import { shown } from './args.js'
import { invalid } from './raise.js'
import { encode } from '#binding'

/** A raw body: exactly what was received, before any parsing. Text stands for its UTF-8. */
export type RawBody = string | Uint8Array | ArrayBuffer

const RAW = 'expected the raw body as text, a Uint8Array or an ArrayBuffer'

/** The bytes of a body. */
export function bytes(body: RawBody, name: string): Uint8Array {
  if (typeof body === 'string') return encode(body)
  const view = viewOf(body)
  if (view === undefined) throw invalid(name, `${RAW}, ${mistaken(body)}`)
  if (isShared(view.buffer)) throw invalid(name, `${RAW}, got shared memory; pass a copy`)
  if (view.length === 0 && isDetached(view)) throw invalid(name, `${RAW}, got a buffer that was transferred away`)
  return view
}

function viewOf(body: unknown): Uint8Array | undefined {
  if (body instanceof Uint8Array) return body
  switch (Object.prototype.toString.call(body)) {
    // Of another realm, as in a test runner or an edge runtime.
    case '[object Uint8Array]':
      return body as Uint8Array
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return view(body as ArrayBuffer)
    default:
      return undefined
  }
}

/** A view on a buffer; of a detached one there is none, so it stands for itself. */
function view(buffer: ArrayBuffer): Uint8Array | undefined {
  try {
    return new Uint8Array(buffer)
  } catch {
    return undefined
  }
}

function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer
}

function isDetached(bytes: Uint8Array): boolean {
  return view(bytes.buffer as ArrayBuffer) === undefined
}

/** What the caller most likely did. */
function mistaken(body: unknown): string {
  const got = `got ${shown(body)}`
  switch (Object.prototype.toString.call(body)) {
    case '[object Request]':
    case '[object Response]':
      return `${got}; pass \`await request.text()\`, read once and before anything else reads it`
    case '[object ReadableStream]':
    case '[object Promise]':
      return `${got}; await and collect it first`
    case '[object ArrayBuffer]':
      return 'got a buffer that was transferred away'
    case '[object Object]':
      return `${got}; a body that was parsed can no longer be verified`
    default:
      return got
  }
}
