// Values that are none of what a function asks for.

/** A view whose bytes were given away. */
export function detached() {
  const bytes = new Uint8Array(100)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

const cyclic = {}
cyclic.self = cyclic

/** What is neither text, number, boolean, function, bytes nor handle. */
export const NEVER_RIGHT = {
  undefined: undefined,
  null: null,
  symbol: Symbol('x'),
  bigint: 10n,
  object: {},
  'cyclic object': cyclic,
  array: ['x'],
  'boxed text': new String('x'),
  'throwing object': new Proxy({}, { get: () => { throw new Error('looked into') } }),
}

export const NOT_A_TEXT = { ...NEVER_RIGHT, number: 1, boolean: true, function: () => 'x', bytes: new Uint8Array(1) }
export const NOT_A_NUMBER = { ...NEVER_RIGHT, text: '1', NaN: NaN, infinity: Infinity, date: new Date() }
export const NOT_BYTES = {
  ...NEVER_RIGHT,
  text: 'x',
  number: 1,
  'array buffer': new ArrayBuffer(8),
  'data view': new DataView(new ArrayBuffer(8)),
  'clamped bytes': new Uint8ClampedArray(8),
  'signed bytes': new Int8Array(8),
  doubles: new Float64Array(8),
  shared: new Uint8Array(new SharedArrayBuffer(8)),
  'shared and empty': new Uint8Array(new SharedArrayBuffer(0)),
  detached: detached(),
}
