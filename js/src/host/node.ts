import type { Binding, NodeBinding } from '../binding.js'

/** The engine and all else of the addon. */
export const engine = require('./native.cjs') as NodeBinding

/** What every core offers. */
export const binding: Binding = engine

/** Whether calls go through a `fetch` of the host's. */
export const fetches = false

/** The UTF-8 of a text. */
export const encode = (text: string): Uint8Array => Buffer.from(text, 'utf8')
