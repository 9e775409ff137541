import * as glue from '#glue'

import { thrown } from './settle.js'

/** Where a WASM module comes from: an address, a reply, its bytes, or what it was compiled to. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module

/**
 * Loads the WASM module: once, before anything else. Node, Bun, Deno, Cloudflare Workers and Vercel's edge runtime
 * need none of it, as the package loads the module there by itself. Again, it does nothing.
 *
 * @param input Where the module is, or what it was compiled to. Default: the file beside this one.
 * @throws `InvalidArgumentError`, field `init`.
 */
export async function init(input?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  try {
    await glue.init(input)
  } catch (error) {
    throw thrown(error, 'init')
  }
}

/** The same at once, with a module that was compiled before, or its bytes. */
export function initSync(options: { module: BufferSource | WebAssembly.Module }): void {
  try {
    glue.initSync(options)
  } catch (error) {
    throw thrown(error, 'init')
  }
}
