// Arguments that are none of what a function asks for, refused as the core refuses them.

/** More is never copied in: the memory of a module grows, and never shrinks. */
const MAX_LENGTH = 64 * 1024 * 1024

/** An error whose message is a settled text. */
export const refusal = (field, message, code = 'invalid_argument') =>
  new Error(JSON.stringify({ error: { code, message: `${field}: ${message}`, field, retryable: false, delivery: 'not_sent' } }))

export function text(value, field) {
  if (typeof value !== 'string') throw refusal(field, `expected text, got ${typeof value}`)
  return bounded(value, field)
}

export function number(value, field) {
  if (!Number.isFinite(value)) throw refusal(field, `expected a finite number, got ${typeof value}`)
  return value
}

export function handle(value, type, field) {
  if (!(value instanceof type)) throw refusal(field, `expected a handle of this module, got ${typeof value}`)
  return value
}

export function bytes(value, field) {
  if (!(value instanceof Uint8Array) && arrayName(value) !== 'Uint8Array') {
    throw refusal(field, `expected a Uint8Array, got ${typeof value}`)
  }
  if (typeof SharedArrayBuffer === 'function' && value.buffer instanceof SharedArrayBuffer) {
    throw refusal(field, 'expected bytes that nobody else writes to, got shared memory')
  }
  if (value.length === 0 && isDetached(value.buffer)) throw refusal(field, 'expected a Uint8Array, got one that was transferred away')
  return bounded(value, field)
}

/** What a value is, in any realm. */
export const name = (value) => Object.prototype.toString.call(value).slice(8, -1)

/** What a typed array is, in any realm and whatever it says of itself; nothing for other values. */
const { get: tag } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
const arrayName = (value) => tag.call(value)

function isDetached(buffer) {
  try {
    return !new Uint8Array(buffer)
  } catch {
    return true
  }
}

function bounded(value, field) {
  if (value.length > MAX_LENGTH) throw refusal(field, `expected at most ${MAX_LENGTH} bytes, got ${value.length}`, 'too_large')
  return value
}
