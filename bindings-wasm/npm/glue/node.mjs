// Node, Bun and Deno: the module is read and loaded at once.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { initFrom, initSync } from './load.mjs'

export * from './binding.mjs'

// A path, since bundlers take `new URL(…, import.meta.url)` for an address to be served.
initSync({ module: readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'ghlkit.wasm')) })

export const init = initFrom
