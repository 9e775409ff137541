// The functions of the module, in the shape that every binding has.

import { bytes, handle, number, refusal, text } from './arguments.mjs'
import { answered, laid, own } from './desk.mjs'
import { ended, woken } from './host.mjs'
import * as module from './module.mjs'

export * from './load.mjs'

const verifierOf = (value) => handle(value, module.VerifierHandle, 'verifier')
const clientOf = (value) => handle(value, module.ClientHandle, 'client')
const cancelOf = (value) => handle(value, Cancel, 'cancel')

export const version = () => module.version()

export const evaluate = (op, args) => module.evaluate(text(op, 'op'), text(args, 'args'))

export const verifierNew = (spec) => module.verifierNew(text(spec, 'spec'))

export function webhookOpen(verifier, body, headers, nowMs) {
  const [opener, time] = [verifierOf(verifier), number(nowMs, 'nowMs')]
  const desk = own()
  const lines = laid(desk, bytes(body, 'body'), text(headers, 'headers'))
  return answered(desk, desk.webhookOpen(opener, body.length, lines, time))
}

export function webhookRead(verifier, body, headers, nowMs) {
  const [opener, time] = [verifierOf(verifier), number(nowMs, 'nowMs')]
  const desk = own()
  const lines = laid(desk, bytes(body, 'body'), text(headers, 'headers'))
  return answered(desk, desk.webhookRead(opener, body.length, lines, time))
}

export const webhookParse = (body) => module.webhookParse(bytes(body, 'body'))

export function clientNew(settings, host) {
  const fetch = host?.fetch
  if (fetch !== undefined && typeof fetch !== 'function') throw refusal('fetch', `expected a function, got ${typeof fetch}`)
  return module.clientNew(text(settings, 'settings'), fetch)
}

export function clientListen(client, kinds, listener) {
  if (typeof listener !== 'function') throw refusal('listener', `expected a function, got ${typeof listener}`)
  module.clientListen(clientOf(client), text(kinds, 'kinds'), listener)
}

const socketOf = (value) => handle(value, module.SocketHandle, 'socket')

export const socketNew = (options) => module.socketNew(text(options, 'options'))

export function socketTell(socket, what, given, nowMs, random) {
  const [told, frame] = [text(what, 'what'), text(given, 'text')]
  return module.socketTell(socketOf(socket), told, frame, number(nowMs, 'nowMs'), number(random, 'random'))
}

/** Ends one call, once that has begun. */
class Cancel {
  fired = false
  call = undefined
}

export const cancelNew = () => new Cancel()

export function cancelFire(cancel) {
  cancelOf(cancel).fired = true
  cancel.call?.cancel()
}

let calls = 0

/** Drives a call to its end, each from a promise of its own: workerd ties I/O to the request it was begun in. */
export async function clientCall(client, op, args, options, cancel) {
  const id = (calls = (calls + 1) >>> 0)
  if (cancel !== undefined && cancel !== null) cancelOf(cancel)
  const call = module.clientCall(clientOf(client), text(op, 'op'), text(args, 'args'), text(options, 'options'), id)
  if (cancel?.fired) call.cancel()
  if (cancel) cancel.call = call
  for (let settled; ; ) {
    const rung = woken(id)
    if ((settled = call.poll()) === undefined) await rung
    else {
      if (cancel) cancel.call = undefined
      ended(id)
      call.free()
      return settled
    }
  }
}
