// What `bindings-wasm/npm/glue` exports, whichever host it is for; the build puts it in this place.
import type { Binding, SocketHandle } from '../binding.js'
import type { ModuleSource } from '../init.js'

export const version: Binding['version']
export const evaluate: Binding['evaluate']
export const verifierNew: Binding['verifierNew']
export const webhookOpen: Binding['webhookOpen']
export const webhookParse: Binding['webhookParse']
export const webhookRead: Binding['webhookRead']
export const clientNew: Binding['clientNew']
export const clientCall: Binding['clientCall']
export const clientListen: Binding['clientListen']
export const cancelNew: Binding['cancelNew']
export const cancelFire: Binding['cancelFire']

/** Throws an `Error` whose message is a settled error. */
export function socketNew(options: string): SocketHandle
/** Tells a session what came; JSON of what to do, and until when. */
export function socketTell(socket: SocketHandle, what: string, text: string, nowMs: number, random: number): string

/** Rejects with an `Error` whose message is a settled error. */
export function init(input?: ModuleSource | Promise<ModuleSource>): Promise<void>
/** Throws as above. */
export function initSync(options: { module: BufferSource | WebAssembly.Module }): void
