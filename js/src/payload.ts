import { isObject, json } from './args.js'
import { bytes, type RawBody } from './bytes.js'

/** A body as an argument of the core's functions; a plain object stands for its `JSON.stringify`. */
export function bodyOf(payload: RawBody | object): { body: string } | { bodyBase64: string } {
  if (typeof payload === 'string') return { body: payload }
  if (isObject(payload) && Object.getPrototypeOf(payload) === Object.prototype)
    return { body: json(payload, 'payload') }
  const binary = Array.from(bytes(payload as RawBody, 'payload'), (byte) => String.fromCharCode(byte))
  return { bodyBase64: btoa(binary.join('')) }
}
