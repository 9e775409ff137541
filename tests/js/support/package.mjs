// The package under test: the suite runs once for each.
import { createRequire } from 'node:module'

/** `@ghlkit/node` or `@ghlkit/wasm`. */
export const NAME = process.env.GHLKIT_PACKAGE ?? '@ghlkit/node'
export const ON_NODE = NAME === '@ghlkit/node'

export const ghlkit = await import(NAME)
export const require = createRequire(import.meta.url)

/** Options of a test that only `@ghlkit/node` can pass. */
export const nodeOnly = { skip: ON_NODE ? false : 'only @ghlkit/node has an engine' }
/** Options of a test that only `@ghlkit/wasm` can pass. */
export const wasmOnly = { skip: ON_NODE ? 'only @ghlkit/wasm' : false }
