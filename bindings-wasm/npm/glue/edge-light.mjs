// Vercel's edge runtime: the bundler compiles what is imported with `?module`.

import compiled from './ghlkit.wasm?module'

import { initFrom, initSync } from './load.mjs'

export * from './binding.mjs'

initSync({ module: compiled })

export const init = initFrom
