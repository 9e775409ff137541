import { GhlError } from './errors.js'
import { invalid } from './raise.js'

/** What a value is, in words that show nothing of it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return `${value}`
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1)
  return name === 'Object' ? 'an object' : `a ${name}`
}

/** Whether a value is an object of named parts. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An options object: nothing, or named parts, all of them known. */
export function options<T extends object>(
  value: T | undefined,
  name: string,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (value === undefined) return {}
  if (!isObject(value)) throw invalid(name, `expected an object of options, got ${shown(value)}`)
  for (const key in value) {
    if (!(known as readonly string[]).includes(key)) {
      throw invalid(key, `there is no such option; expected ${known.join(', ')}`)
    }
  }
  return value
}

/** An object of which some parts are taken out. */
export function parts<T extends object>(value: T, name: string): T {
  if (isObject(value)) return value
  throw invalid(name, `expected an object, got ${shown(value)}`)
}

/** Some parts of an object, where they are given, and all that it has beside. */
export function apart<T extends object, K extends keyof T & string>(
  value: T,
  name: string,
  names: readonly K[],
): [Pick<T, K>, Omit<T, K>] {
  parts(value, name)
  const [taken, rest] = [{}, {}] as [Partial<T>, Partial<T>]
  try {
    for (const key of Object.keys(value) as (keyof T & string)[]) {
      const into = (names as readonly string[]).includes(key) ? taken : rest
      if (value[key] !== undefined) into[key] = value[key]
    }
  } catch (cause) {
    throw invalid(name, 'expected plain data, and a getter threw', { cause })
  }
  return [taken as Pick<T, K>, rest as Omit<T, K>]
}

/** A whole number within bounds. */
export function whole(value: unknown, name: string, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  const got = typeof value === 'number' ? value : shown(value)
  throw invalid(name, `expected a whole number of at least ${least}, got ${got}`)
}

/** A function, e.g. an event's handler. */
export function callable<F extends Function>(value: F, name: string): F {
  if (typeof value === 'function') return value
  throw invalid(name, `expected a function, got ${shown(value)}`)
}

/** A text, empty or not. */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw invalid(name, `expected text, got ${shown(value)}`)
}

/**
 * The JSON of an object of arguments. What JSON would drop, blank or fail on is refused with its path:
 * functions, symbols, bigints, numbers that are none, maps, sets, promises, bytes and cycles.
 */
export function json(value: unknown, name = 'arguments'): string {
  if (!isObject(value)) throw invalid(name, `expected an object, got ${shown(value)}`)
  if (isFlat(value)) return JSON.stringify(value)
  const paths = new Map<unknown, string>()
  let path = ''
  function check(this: unknown, key: string, item: unknown): unknown {
    const parent = paths.get(this)
    // The first call is for the whole, which nothing known holds.
    if (parent !== undefined) {
      path = Array.isArray(this) ? `${parent}[${key}]` : parent === '' ? key : `${parent}.${key}`
      const problem = unwritable(item)
      if (problem !== undefined) throw invalid(path, problem)
    }
    if (typeof item === 'object' && item !== null) paths.set(item, path)
    return item
  }
  try {
    // There is nothing to write of what a `toJSON` makes nothing of.
    return JSON.stringify(value, check) ?? 'null'
  } catch (error) {
    if (error instanceof GhlError) throw error
    // A cycle, too deep a nesting, or a `toJSON` or getter that throws.
    const expected = 'cannot be written as JSON; expected plain data that does not contain itself'
    throw invalid(path === '' ? name : path, expected, { cause: error })
  }
}

/** Whether an object holds nothing but texts, truth values and numbers: then there is nothing to look for. */
function isFlat(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const item of Object.values(value)) {
    if (typeof item !== 'string' && typeof item !== 'boolean' && !Number.isFinite(item)) return false
  }
  return true
}

function unwritable(item: unknown): string | undefined {
  switch (typeof item) {
    case 'bigint':
      return 'expected text or a number, got a bigint'
    case 'function':
    case 'symbol':
      return `expected data, got a ${typeof item}`
    case 'number':
      return Number.isFinite(item) ? undefined : `expected a finite number, got ${item}`
    case 'object':
      return isOpaque(item) ? `expected plain data, got ${shown(item)}` : undefined
    default:
      return undefined
  }
}

/** Objects that JSON would write as `{}`. */
function isOpaque(item: object | null): boolean {
  return (
    item instanceof Map ||
    item instanceof Set ||
    item instanceof Promise ||
    item instanceof ArrayBuffer ||
    (typeof Headers === 'function' && item instanceof Headers) ||
    ArrayBuffer.isView(item)
  )
}
