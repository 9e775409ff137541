// What `bindings-wasm/npm/glue` exports, whichever host it is for; the build puts it in this place.
import type { Binding } from '../binding.js'
import type { ModuleSource } from '../init.js'

export const version: Binding['version']
export const evaluate: Binding['evaluate']
export const verifierNew: Binding['verifierNew']
export const webhookOpen: Binding['webhookOpen']
export const webhookParse: Binding['webhookParse']
export const clientNew: Binding['clientNew']
export const clientCall: Binding['clientCall']
export const clientListen: Binding['clientListen']
export const cancelNew: Binding['cancelNew']
export const cancelFire: Binding['cancelFire']

/** Rejects with an `Error` whose message is a settled error. */
export function init(input?: ModuleSource | Promise<ModuleSource>): Promise<void>
/** Throws as above. */
export function initSync(options: { module: BufferSource | WebAssembly.Module }): void
