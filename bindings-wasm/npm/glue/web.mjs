// Browsers, and every host that is not known here: the module is beside this file, or handed over.

import { initFrom } from './load.mjs'

export * from './binding.mjs'

export const init = (input = new URL('./ghlkit.wasm', import.meta.url)) => initFrom(input)
