// Cloudflare's workerd: the module is compiled with the worker.

import compiled from './ghlkit.wasm'

import { initFrom, initSync } from './load.mjs'

export * from './binding.mjs'

initSync({ module: compiled })

export const init = initFrom
