// How the module is loaded, whichever way its host has it.

import { name, refusal } from './arguments.mjs'
import * as module from './module.mjs'

/** Stands for the module until it is loaded. */
const UNLOADED = new Proxy(
  {},
  {
    get() {
      throw refusal('init', 'expected a loaded module; `await init()` once before anything else')
    },
  },
)
let loaded = false

/** The memory of the module, once it is loaded. */
export let memory
module.__wbg_set_wasm(UNLOADED)

/** Whether the module is loaded. */
export const ready = () => loaded

const isModule = (value) => name(value) === 'WebAssembly.Module'
const isBytes = (value) => ArrayBuffer.isView(value) || name(value) === 'ArrayBuffer'

/** Loads a compiled module, or the bytes of one. Again, it does nothing. */
export function initSync(options) {
  if (loaded) return
  const given = options?.module
  if (!isModule(given) && !isBytes(given)) throw refusal('init', 'expected `{ module }`, a WebAssembly.Module or its bytes')
  const compiled = isModule(given) ? given : new WebAssembly.Module(given)
  const { exports } = new WebAssembly.Instance(compiled, { './ghlkit_bg.js': module })
  module.__wbg_set_wasm(exports)
  memory = exports.memory
  exports.__wbindgen_start()
  loaded = true
}

/** Loads the module from an address, a response, its bytes or what it was compiled to, or a promise of one. */
export async function initFrom(input) {
  if (loaded) return
  let given = await input
  if (typeof given === 'string' || ['URL', 'Request'].includes(name(given))) given = await globalThis.fetch(given)
  if (name(given) === 'Response') {
    if (!given.ok) throw refusal('init', `expected the WASM module at ${given.url}, got status ${given.status}`)
    given = await given.arrayBuffer()
  }
  initSync({ module: isBytes(given) ? await WebAssembly.compile(given) : given })
}
