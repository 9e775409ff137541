// What crosses the border often: laid into the memory of the module and read there, with nothing allocated.

import { memory } from './load.mjs'
import * as module from './module.mjs'

/** Room for a webhook of the usual size. */
const USUAL = 16 * 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
/** Node's buffers read and write texts in a third of the time. */
const { Buffer } = globalThis

let desk
let seen
let reader

/** All of the memory, which moves when it grows: what was seen of it is empty then. To ask the memory itself takes longer. */
function view() {
  if (seen === undefined || seen.length === 0) {
    seen = new Uint8Array(memory.buffer)
    reader = Buffer?.from(memory.buffer)
  }
  return seen
}

/** The desk itself. */
export const own = () => (desk ??= new module.Desk())

/** Lays a body on the desk and a text behind it: how many bytes the text takes. */
export function laid(desk, body, text) {
  const start = desk.room(Math.max(body.length + text.length * 3, USUAL))
  const bytes = view()
  bytes.set(body, start)
  const at = start + body.length
  return reader === undefined ? encoder.encodeInto(text, bytes.subarray(at)).written : reader.write(text, at)
}

/** The answer that lies on the desk, of so many bytes. */
export function answered(desk, length) {
  const start = desk.answer()
  const bytes = view()
  const end = start + length
  return reader === undefined ? decoder.decode(bytes.subarray(start, end)) : reader.toString('utf8', start, end)
}
