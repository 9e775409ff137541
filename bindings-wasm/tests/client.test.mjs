// Calls to GHL's API through a `fetch`: what it is asked, and what becomes of what it does.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { failed, ghlkit, ok } from './support/module.mjs'

const GET = ['contacts.get', '{"contactId":"con1"}']
const SETTINGS = { token: 'pit-5ecret', locationId: 'loc1', maxRetries: 0 }

/** A client over this `fetch`. */
const client = (fetch, options) => ghlkit.clientNew(JSON.stringify({ options: { ...SETTINGS, ...options } }), { fetch })

const contact = () => Response.json({ contact: { id: 'con1', email: 'zoë@example.com' } }, { headers: { 'x-ratelimit-max': '100' } })

/** Never answers, until its signal fires. */
const silent = (seen) => (_, { signal }) => {
  seen.signal = signal
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** Waits until something holds. */
async function until(holds) {
  const end = Date.now() + 10_000
  while (!holds()) {
    assert.ok(Date.now() < end, 'it never came to hold')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

test('the request is what GHL documents, and the reply comes back', async () => {
  const requests = []
  const over = client(async (url, init) => {
    requests.push([url, init])
    return contact()
  })
  const { contact: made } = ok(await ghlkit.clientCall(over, 'contacts.upsert', '{"contact":{"email":"zoë@example.com"}}', '{}'))
  assert.equal(made.email, 'zoë@example.com')
  const [[url, { method, headers, body, redirect, signal }]] = requests
  assert.deepEqual([requests.length, method, url], [1, 'POST', 'https://services.leadconnectorhq.com/contacts/upsert'])
  assert.deepEqual(headers, {
    accept: 'application/json',
    version: '2021-07-28',
    'content-type': 'application/json',
    authorization: 'Bearer pit-5ecret',
    'user-agent': `ghlkit/${ghlkit.version()}`,
  })
  assert.deepEqual(JSON.parse(Buffer.from(body)), { locationId: 'loc1', email: 'zoë@example.com' })
  assert.deepEqual([redirect, signal.aborted], ['manual', false])
  ok(await ghlkit.clientCall(over, ...GET, '{}'))
  assert.deepEqual([requests[1][1].method, requests[1][1].body], ['GET', undefined])
})

test('without one handed over, the `fetch` of the moment is called', async (t) => {
  const plain = ghlkit.clientNew(JSON.stringify({ options: SETTINGS }))
  const { fetch } = globalThis
  t.after(() => (globalThis.fetch = fetch))
  globalThis.fetch = async () => contact()
  assert.equal(ok(await ghlkit.clientCall(plain, ...GET, '{}')).id, 'con1')
  globalThis.fetch = undefined
  const error = failed(await ghlkit.clientCall(plain, ...GET, '{}'))
  assert.deepEqual([error.code, error.delivery], ['network', 'not_sent'])
  assert.match(error.message, /no `fetch`/)
})

test('a call that is cancelled ends, and so does its fetch', async () => {
  const seen = {}
  const cancel = ghlkit.cancelNew()
  const call = ghlkit.clientCall(client(silent(seen)), ...GET, '{}', cancel)
  await until(() => seen.signal)
  assert.equal(seen.signal.aborted, false)
  ghlkit.cancelFire(cancel)
  assert.equal(failed(await call).code, 'aborted')
  assert.equal(seen.signal.aborted, true)
  ghlkit.cancelFire(cancel)
  const before = {}
  assert.equal(failed(await ghlkit.clientCall(client(silent(before)), ...GET, '{}', cancel)).code, 'aborted')
  assert.equal(before.signal, undefined, 'it never began')
})

test('a fetch that has ended is not aborted', async () => {
  let signal
  const over = client(async (_, init) => {
    signal = init.signal
    return contact()
  })
  ok(await ghlkit.clientCall(over, ...GET, '{}'))
  assert.equal(signal.aborted, false)
})

test('a fetch that takes too long ends', async () => {
  const seen = {}
  const error = failed(await ghlkit.clientCall(client(silent(seen)), ...GET, '{"timeoutMs":20}'))
  assert.deepEqual([error.code, error.retryable, error.delivery], ['timeout', true, 'unknown'])
  assert.equal(seen.signal.aborted, true)
})

test('a timer of a call that has ended holds nothing open', async (t) => {
  const cleared = t.mock.method(globalThis, 'clearTimeout')
  const set = t.mock.method(globalThis, 'setTimeout')
  ok(await ghlkit.clientCall(client(async () => contact()), ...GET, '{}'))
  const timers = set.mock.calls.map((call) => call.result)
  const ended = cleared.mock.calls.map((call) => call.arguments[0])
  assert.ok(timers.length > 0)
  assert.deepEqual(timers.filter((timer) => !ended.includes(timer)), [])
})

test('a reply is read up to its limit', async () => {
  let pulled = 0
  let cancelled = false
  const endless = new ReadableStream(
    {
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(100))
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  const error = failed(await ghlkit.clientCall(client(async () => new Response(endless), { maxReplyBytes: 1_000 }), ...GET, '{}'))
  assert.deepEqual([error.code, error.delivery], ['unexpected_reply', 'unknown'])
  assert.match(error.message, /larger than 1000 bytes/)
  assert.ok(cancelled && pulled <= 12, `${pulled}`)
  const fits = new Response(`{"contact":{"id":"con1"}}${' '.repeat(75)}`)
  ok(await ghlkit.clientCall(client(async () => fits, { maxReplyBytes: 100 }), ...GET, '{}'))
})

test('a redirect is not followed', async () => {
  const redirect = () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example.com' } })
  const opaque = () => ({ type: 'opaqueredirect', status: 0, headers: new Headers(), body: null, arrayBuffer: async () => new ArrayBuffer(0) })
  for (const answer of [redirect, opaque]) {
    let calls = 0
    const over = client(async () => {
      calls += 1
      return answer()
    }, { maxRetries: 2 })
    const error = failed(await ghlkit.clientCall(over, ...GET, '{}'))
    assert.deepEqual([error.status, error.retryable, calls], [302, false, 1])
  }
})

test('what a fetch says of its failure decides whether it may have arrived', async () => {
  const cause = (code, message = 'connect') => Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(message), { code }) })
  for (const [error, delivery, code] of [
    [cause('ECONNREFUSED'), 'not_sent', 'network'],
    [cause('ENOTFOUND'), 'not_sent', 'network'],
    [cause('CERT_HAS_EXPIRED'), 'not_sent', 'network'],
    [Object.assign(new Error('Unable to connect'), { code: 'ConnectionRefused' }), 'not_sent', 'network'],
    [new TypeError('error sending request for url (https://x/?email=a@b.c): client error (Connect): refused'), 'not_sent', 'network'],
    [cause('ECONNRESET'), 'unknown', 'network'],
    [new TypeError('Failed to fetch'), 'unknown', 'network'],
    [new DOMException('slow', 'TimeoutError'), 'unknown', 'timeout'],
    ['a text', 'unknown', 'network'],
    [undefined, 'unknown', 'network'],
    [{ failure: 'connect', message: 5 }, 'unknown', 'network'],
  ]) {
    const over = client(async () => {
      throw error
    })
    const said = failed(await ghlkit.clientCall(over, 'contacts.create', '{"contact":{"email":"a@b.c"}}', '{}'))
    assert.equal(said.delivery, delivery, String(error))
    assert.ok(!JSON.stringify(said).includes('a@b.c') && !JSON.stringify(said).includes('5ecret'), JSON.stringify(said))
    assert.ok([code, 'outcome_unknown'].includes(said.code), said.code)
  }
})

test('replies that are none are errors, not traps', async () => {
  for (const answer of [undefined, null, 5, 'text', {}, { status: 'x', headers: 5 }, { status: 200, headers: [[1]], body: { getReader: () => ({}) } }]) {
    const settled = await ghlkit.clientCall(client(async () => answer), ...GET, '{}')
    assert.equal(failed(settled).code, 'network', String(answer))
  }
  const throwing = client(() => {
    throw new Error('at once')
  })
  assert.equal(failed(await ghlkit.clientCall(throwing, ...GET, '{}')).code, 'network')
})

test('a `fetch` that knows no streams will do', async () => {
  const body = Buffer.from('{"contact":{"id":"con1"}}')
  const answer = { status: 200, headers: new Map([['date', 'Sat, 31 Jan 2026 12:00:00 GMT']]), arrayBuffer: async () => Uint8Array.from(body).buffer }
  assert.equal(ok(await ghlkit.clientCall(client(async () => answer), ...GET, '{}')).id, 'con1')
})

test('a host without randomness is refused', async (t) => {
  t.mock.getter(globalThis, 'crypto', () => undefined)
  assert.throws(() => client(async () => contact()), (error) => {
    const { code, field } = failed(error.message)
    return code === 'config' && field === 'crypto'
  })
})

test('many calls at once each get their own reply', async () => {
  const over = client(async (url) => Response.json({ contact: { id: url.split('/').at(-1) } }))
  const ids = Array.from({ length: 60 }, (_, index) => `con${index}`)
  const calls = ids.map((contactId) => ghlkit.clientCall(over, 'contacts.get', JSON.stringify({ contactId }), '{}'))
  assert.deepEqual((await Promise.all(calls)).map((settled) => ok(settled).id), ids)
})
