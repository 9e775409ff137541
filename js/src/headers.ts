import { isObject, shown } from './args.js'
import { invalid } from './raise.js'

/**
 * A request's headers, as the host has them: `Headers`, Node's `request.headers` or `request.rawHeaders`, a
 * `Map`, or pairs of name and value. Names in any case.
 */
export type HeadersInput =
  | Iterable<readonly [string, string]>
  | readonly string[]
  | { readonly [name: string]: string | readonly string[] | undefined }

type NamedHeaders = { readonly [name: string]: string | readonly string[] | undefined }

/**
 * Lines of `name:value`, one for each header that was received: all of them, or those of the given names in
 * lower case. One sent twice shows as two lines, or as one value that no signature has.
 */
export function headerLines(headers: HeadersInput, names?: readonly string[]): string {
  if (typeof headers !== 'object' || headers === null) throw unexpected(headers)
  // Nearly always headers are an object of Node's, or `Headers`.
  if (Object.getPrototypeOf(headers) === Object.prototype) return ofObject(headers as NamedHeaders, names)
  if (names !== undefined && isHeaders(headers)) return ofHeaders(headers, names)
  if (Symbol.iterator in headers) return ofPairs(headers as Iterable<unknown>, names)
  if ('then' in headers) throw unexpected(headers)
  return ofObject(headers as NamedHeaders, names)
}

/** What every signature is in. */
export const SIGNATURE = 'x-ghl-signature'
const SIGNATURES = [SIGNATURE]

/**
 * The signature's value, where it is sent once and looks like one. It then stands for the line, which need not
 * be put together; anything else is left to {@link headerLines}.
 */
export function onlySignature(headers: HeadersInput): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  let value: unknown
  if (Object.getPrototypeOf(headers) === Object.prototype) {
    let found = false
    for (const name in headers as NamedHeaders) {
      if (!isWanted(name, SIGNATURES)) continue
      if (found) return undefined
      found = true
      value = (headers as NamedHeaders)[name]
    }
  } else if (isHeaders(headers)) value = headers.get(SIGNATURE)
  if (typeof value !== 'string' || (value.length !== HEX && value.length !== BASE64)) return undefined
  return value.includes(':') ? undefined : value
}

/** The lengths of signatures: HMAC-SHA256 in hexadecimal, Ed25519 in base64. */
const HEX = 64
const BASE64 = 88

function ofObject(headers: NamedHeaders, names: readonly string[] | undefined): string {
  let lines = ''
  for (const name in headers) {
    if (!isWanted(name, names)) continue
    const value = headers[name]
    if (typeof value === 'string') lines = added(lines, name, value)
    else if (Array.isArray(value)) for (const one of value) lines = added(lines, name, one)
    else if (value !== undefined) lines = added(lines, name, value)
  }
  return lines
}

function ofHeaders(headers: Headers, names: readonly string[]): string {
  let lines = ''
  for (const name of names) {
    const value = headers.get(name)
    if (value !== null) lines = added(lines, name, value)
  }
  return lines
}

function ofPairs(headers: Iterable<unknown>, names: readonly string[] | undefined): string {
  let lines = ''
  let name: string | undefined
  for (const item of headers) {
    if (Array.isArray(item)) {
      if (isWanted(item[0], names)) lines = added(lines, item[0], item[1])
    } else if (name === undefined) {
      // A flat list, as Node's `rawHeaders` are: names and values in turn.
      if (typeof item !== 'string' || !Array.isArray(headers))
        throw invalid('headers', `expected pairs of name and value, got ${shown(item)}`)
      name = item
    } else {
      if (isWanted(name, names)) lines = added(lines, name, item)
      name = undefined
    }
  }
  return lines
}

function isHeaders(headers: object): headers is Headers {
  return (headers as Partial<Headers>)[Symbol.toStringTag as never] === 'Headers' && 'get' in headers
}

/** Whether a header has one of the names; without names all are wanted. */
function isWanted(name: unknown, names: readonly string[] | undefined): name is string {
  if (typeof name !== 'string') throw invalid('headers', `expected names as text, got ${shown(name)}`)
  if (names === undefined) return true
  for (let i = 0; i < names.length; i++) {
    // Few headers have the length, and only those are worth putting in lower case.
    if (names[i] === name || (names[i]!.length === name.length && names[i] === name.toLowerCase())) return true
  }
  return false
}

function added(lines: string, name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(`headers.${name.toLowerCase()}`, `expected text, got ${shown(value)}`)
  if (value.includes('\n') || value.includes('\r')) throw invalid(`headers.${name.toLowerCase()}`, 'expected one line')
  return lines === '' ? `${name}:${value}` : `${lines}\n${name}:${value}`
}

function unexpected(headers: unknown): Error {
  const hint = isObject(headers) && 'then' in headers ? '; await it first' : ''
  return invalid('headers', `expected Headers, an object, a Map or pairs, got ${shown(headers)}${hint}`)
}
