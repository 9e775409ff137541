// What the module asks of its host. Nothing here throws or rejects: a failure is a value.

/** The longest time `setTimeout` takes; a longer one it takes for none. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** Is done after this many milliseconds. */
export function sleep(ms) {
  let timer
  const done = new Promise((resolve) => {
    const next = (left) => {
      const part = Math.min(left, MAX_TIMEOUT_MS)
      timer = globalThis.setTimeout(() => (left > part ? next(left - part) : resolve()), part)
    }
    next(ms)
  })
  return { done, stop: () => globalThis.clearTimeout(timer) }
}

export const hasRandom = () => typeof globalThis.crypto?.getRandomValues === 'function'

export function random(buffer) {
  try {
    globalThis.crypto.getRandomValues(buffer)
  } catch {
    // A host may refuse outside a request. What is drawn here spreads retries: they are not spread, then.
  }
}

/** Sends a request through `fetch` and reads the reply. It is done with that or a `Failure`. */
export function exchange(fetch, method, url, headers, body, limit) {
  const abort = new AbortController()
  let under = true
  const init = { method, headers: Object.fromEntries(named(headers)), body, signal: abort.signal, redirect: 'manual' }
  const done = reply(fetch ?? globalThis.fetch, url, init, limit).catch(failed)
  return { done: done.finally(() => (under = false)), stop: () => under && abort.abort() }
}

class Failure {
  constructor(failure, message) {
    this.failure = failure
    this.message = message
  }
}

async function reply(fetch, url, init, limit) {
  if (typeof fetch !== 'function') throw new Failure('connect', 'this runtime has no `fetch`; hand one over as `fetch`')
  const response = await fetch(url, init)
  return {
    // A browser hides what a redirect says; that it is one is enough.
    status: response.type === 'opaqueredirect' ? 302 : response.status,
    headers: Array.from(response.headers, ([name, value]) => `${name}:${value}`).join('\n'),
    body: await read(response, limit),
  }
}

async function read(response, limit) {
  const chunks = []
  let length = 0
  for await (const chunk of parts(response)) {
    length += chunk.length
    if (length > limit) throw new Failure('too_large', `the reply is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}

async function* parts(response) {
  const reader = response.body?.getReader?.()
  // There may be no body, and a `fetch` that was handed over may know no streams.
  if (!reader) return yield new Uint8Array(await response.arrayBuffer())
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}

/** No connection was made, so the request surely never left: in the words of Node, Bun and Deno. */
const UNSENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|CONNECT_TIMEOUT|CERT|ERR_TLS|ConnectionRefused|FailedToOpenSocket|\(Connect\)/

/** Why there is no reply. Of what is not known the core assumes the worst: that the request has arrived. */
function failed(error) {
  if (error instanceof Failure) return error
  const cause = error?.cause ?? error
  const code = String(cause?.code ?? '')
  // The address may hold a customer's e-mail.
  const said = String(cause?.message || code || error).replace(/\bhttps?:\S+/g, 'the API')
  const kind = error?.name === 'TimeoutError' ? 'timeout' : UNSENT.test(code) || UNSENT.test(said) ? 'connect' : 'broken'
  return new Failure(kind, `fetch failed: ${said.slice(0, 200)}`)
}

/** Names and values of lines of `name:value`. A browser has a `user-agent` of its own, and may fail over another. */
function named(lines) {
  const headers = lines.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)])
  return inBrowser() ? headers.filter(([name]) => name !== 'user-agent') : headers
}

const inBrowser = () => String(globalThis.navigator?.userAgent).startsWith('Mozilla/')

/** What wakes the calls under way, by their ids. */
const waits = new Map()

/** Fulfils once the call is woken. */
export const woken = (id) => new Promise((resolve) => waits.set(id, resolve))

export const wake = (id) => waits.get(id)?.()

/** The module must not be entered while it is at work, which a listener may do. */
export const tell = (listener, event) => globalThis.queueMicrotask(() => listener(event))

export const ended = (id) => waits.delete(id)
