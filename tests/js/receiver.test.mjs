import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { refusedAtOnce } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'

const { MemorySeenStore, webhooks } = ghlkit
const SECRET = 'a secret of ten words'
const sign = (body, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex')
const eventOf = (webhookId, more = {}) => JSON.stringify({ type: 'ContactUpdate', id: 'con1', webhookId, ...more })

/** A receiver, what its handler was called with, and what went wrong. */
function shop(options = {}, handle = () => {}) {
  const receiver = webhooks.receiver({ hmac: SECRET, ...options })
  const [handled, errors] = [[], []]
  receiver.on('ContactUpdate', async (event) => {
    handled.push(event.webhookId ?? event.contactId)
    await handle(event)
  })
  receiver.onError((error, event) => errors.push([error.code, event?.webhookId]))
  return { receiver, handled, errors }
}

function request(body, { signature = sign(body), method = 'POST', type = 'application/json' } = {}) {
  const headers = { ...(type && { 'content-type': type }), ...(signature && { 'x-ghl-signature': signature }) }
  // Without a type of its own, a body of bytes has none.
  return new Request('https://shop.example/hook', { method, headers, ...(method === 'POST' && { body: Buffer.from(body) }) })
}

async function answer(route, ...given) {
  const response = await route(request(...given))
  return [response.status, await response.json(), response.headers.get('retry-after')]
}

test('a genuine webhook is handled once', async () => {
  const { receiver, handled, errors } = shop()
  for (let times = 0; times < 3; times++) {
    assert.deepEqual(await answer(receiver.fetch, eventOf('wh-1')), [200, { success: true }, null])
  }
  assert.deepEqual(await answer(receiver.fetch, eventOf('wh-2')), [200, { success: true }, null])
  assert.deepEqual(handled, ['wh-1', 'wh-2'])
  assert.deepEqual(errors, [])
})

test('what is not genuine, too old, or no webhook is refused and not handled', async () => {
  const { receiver, handled, errors } = shop({ maxBytes: 200 })
  const body = eventOf('wh-1')
  const old = eventOf('wh-1', { timestamp: '2020-01-31T12:00:00Z' })
  const table = [
    [401, [body, { signature: null }], 'signature'],
    [401, [body, { signature: sign(body, 'other') }], 'signature'],
    [401, [body, { signature: sign(body).toUpperCase() }], 'signature'],
    [401, [body, { signature: `${sign(body)}, ${sign(body)}` }], 'signature'],
    [401, [old], 'stale'],
    [400, ['{"type":'], 'payload'],
    [413, [eventOf('x'.repeat(300))], 'too_large'],
  ]
  for (const [status, given, code] of table) {
    const [got, said] = await answer(receiver.fetch, ...given)
    assert.deepEqual([got, said.code], [status, code], JSON.stringify(given))
  }
  assert.deepEqual(
    errors.map(([code]) => code),
    table.map(([, , code]) => code),
  )
  assert.deepEqual(await answer(receiver.fetch, body, { type: 'text/plain' }), [
    415,
    { error: 'content-type: expected application/json', code: 'unsupported_media_type' },
    null,
  ])
  assert.equal((await answer(receiver.fetch, body, { type: null }))[0], 200, 'it need not say what it is')
  const get = await receiver.fetch(request('', { method: 'GET' }))
  assert.deepEqual([get.status, get.headers.get('allow'), (await get.json()).code], [405, 'POST', 'method_not_allowed'])
  const large = await receiver.fetch(request(eventOf('x'.repeat(300))))
  assert.deepEqual([large.status, large.headers.get('connection')], [413, 'close'])
  assert.deepEqual(handled, ['wh-1'])
})

test('a handler that throws leaves the webhook to be handled when it comes again', async () => {
  let down = true
  const failure = new Error('the mail server, with its password')
  const { receiver, handled, errors } = shop({}, () => {
    if (down) throw failure
  })
  const causes = []
  receiver.onError((error) => causes.push(error.cause))
  for (let times = 0; times < 2; times++) {
    const [status, said, retryAfter] = await answer(receiver.fetch, eventOf('wh-1'))
    assert.deepEqual([status, said.code, retryAfter], [429, 'handler_failed', '30'])
    assert.ok(!JSON.stringify(said).includes('mail'), 'senders are told nothing of the shop')
  }
  down = false
  for (let times = 0; times < 2; times++) assert.equal((await answer(receiver.fetch, eventOf('wh-1')))[0], 200)
  assert.deepEqual(handled, ['wh-1', 'wh-1', 'wh-1'])
  assert.deepEqual(errors, [
    ['handler_failed', 'wh-1'],
    ['handler_failed', 'wh-1'],
  ])
  assert.deepEqual(causes, [failure, failure])
})

test('of many deliveries at once one is handled, and the others come again', async () => {
  let end
  const { receiver, handled } = shop({}, () => new Promise((resolve) => (end = resolve)))
  const first = answer(receiver.fetch, eventOf('wh-1'))
  while (end === undefined) await new Promise(setImmediate)
  const [status, said] = await answer(receiver.fetch, eventOf('wh-1'))
  assert.deepEqual([status, said.code], [429, 'conflict'])
  end()
  assert.equal((await first)[0], 200)
  assert.equal((await answer(receiver.fetch, eventOf('wh-1')))[0], 200)
  assert.deepEqual(handled, ['wh-1'])
})

test('without an id a body with a time is known by its bytes, and one without comes as often as it does', async () => {
  const { receiver, handled } = shop()
  const timed = JSON.stringify({ type: 'ContactUpdate', id: 'con1', timestamp: new Date().toISOString() })
  const untimed = JSON.stringify({ type: 'ContactUpdate', id: 'con2' })
  for (const body of [timed, timed, untimed, untimed]) assert.equal((await answer(receiver.fetch, body))[0], 200)
  assert.deepEqual(handled, ['con1', 'con2', 'con2'])
})

test('a memory that fails means: come again', async () => {
  const down = () => Promise.reject(new Error('postgres://user:s3cret@host'))
  const { receiver, handled, errors } = shop({ seen: { claim: down, remember: down, release: down } })
  const [status, said, retryAfter] = await answer(receiver.fetch, eventOf('wh-1'))
  assert.deepEqual([status, said.code, retryAfter], [429, 'store', '30'])
  assert.ok(!JSON.stringify(said).includes('s3cret'))
  assert.deepEqual([handled, errors], [[], [['store', 'wh-1']]])
})

test('what was handled but cannot be remembered was handled all the same', async () => {
  const seen = new MemorySeenStore()
  seen.remember = () => Promise.reject(new Error('down'))
  const { receiver, errors } = shop({ seen })
  assert.equal((await answer(receiver.fetch, eventOf('wh-1')))[0], 200)
  assert.deepEqual(errors, [['store', 'wh-1']])
})

test('handlers come and go, and any hears all', async () => {
  const receiver = webhooks.receiver({ hmac: SECRET })
  const heard = []
  receiver.onAny((event) => heard.push(`any ${event.type}`))
  const off = receiver.on('NoteCreate', (event) => heard.push(event.type))
  for (const [id, type] of [
    ['1', 'NoteCreate'],
    ['2', 'TaskCreate'],
  ])
    await receiver.receive(eventOf(id, { type }), { 'x-ghl-signature': sign(eventOf(id, { type })) })
  off()
  await receiver.receive(eventOf('3', { type: 'NoteCreate' }), {
    'x-ghl-signature': sign(eventOf('3', { type: 'NoteCreate' })),
  })
  assert.deepEqual(heard, ['NoteCreate', 'any NoteCreate', 'any TaskCreate', 'any NoteCreate'])
})

test('what is wrong with options is named', () => {
  const table = [
    [{ hmac: SECRET, keepMs: 1_000 }, 'keepMs', 'config'],
    [{ hmac: SECRET, claimMs: 0 }, 'claimMs', 'invalid_argument'],
    [{ hmac: SECRET, claimMs: '5' }, 'claimMs', 'invalid_argument'],
    [{ hmac: SECRET, name: 5 }, 'name', 'invalid_argument'],
    [{ hmac: SECRET, seen: {} }, 'seen', 'invalid_argument'],
    [{ hmac: SECRET, secret: 'x' }, 'secret', 'invalid_argument'],
    [{}, 'hmac', 'config'],
    [{ hmac: '' }, 'hmac', 'config'],
  ]
  for (const [options, field, code] of table) {
    refusedAtOnce(() => webhooks.receiver(options), code, field)
  }
  const receiver = webhooks.receiver({ hmac: SECRET })
  refusedAtOnce(() => receiver.on('ContactUpdate'), 'invalid_argument', 'handler')
  refusedAtOnce(() => receiver.on(5, () => {}), 'invalid_argument', 'type')
})

/** Runs `use` with the URL of a server of Node's. */
async function served(listener, use) {
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${server.address().port}/hook`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-ghl-signature': sign(body), ...headers },
  })
  return [response.status, await response.json()]
}

test('a server of Node alone receives', async () => {
  const { receiver, handled } = shop({ maxBytes: 100_000 })
  await served(receiver.node, async (url) => {
    const large = eventOf('wh-2', { note: 'ä'.repeat(40_000) })
    for (const body of [eventOf('wh-1'), eventOf('wh-1'), large]) {
      assert.deepEqual(await post(url, body), [200, { success: true }])
    }
    assert.equal((await post(url, eventOf('wh-3'), { 'x-ghl-signature': '0'.repeat(64) }))[0], 401)
    assert.equal((await post(url, eventOf('wh-3'), { 'content-type': 'text/plain' }))[0], 415)
    assert.equal((await post(url, eventOf('x'.repeat(200_000))))[0], 413)
    assert.equal((await fetch(url)).status, 405)
  })
  assert.deepEqual(handled, ['wh-1', 'wh-2'])
})

test('a body that a parser has read is received if its bytes were kept, else the error says how to keep them', async () => {
  const parsers = [
    ['raw', 200, (bytes) => ({ body: bytes })],
    ['text', 200, (bytes) => ({ body: bytes.toString() })],
    ['kept beside', 200, (bytes) => ({ body: JSON.parse(bytes), rawBody: bytes })],
    ['json', 500, (bytes) => ({ body: JSON.parse(bytes) })],
  ]
  for (const [name, expected, parse] of parsers) {
    const { receiver, handled, errors } = shop()
    const listener = async (req, res) => {
      const chunks = []
      for await (const chunk of req) chunks.push(chunk)
      await receiver.node(Object.assign(req, parse(Buffer.concat(chunks))), res)
    }
    await served(listener, async (url) => {
      const [status, said] = await post(url, eventOf('wh-1'))
      assert.equal(status, expected, name)
      if (expected === 200) return assert.deepEqual(handled, ['wh-1'], name)
      assert.ok(said.error.includes('express.raw') && said.error.includes('bodyParser: false'), said.error)
      assert.deepEqual([handled, errors], [[], [['invalid_argument', undefined]]])
    })
  }
})

test('a sample of an event is received as one of its type', async () => {
  const receiver = webhooks.receiver({ hmac: SECRET })
  const received = []
  receiver.onAny((event) => received.push(event))
  for (const type of ['OpportunityStageUpdate', 'INSTALL', 'AppointmentUpdate', 'InboundMessage', 'workflow']) {
    const body = webhooks.generateTestEvent(type, { locationId: 'loc9' })
    const headers = webhooks.generateTestHeaders(body, { hmac: SECRET })
    assert.equal((await receiver.receive(body, headers)).status, 200, type)
    const event = received.at(-1)
    assert.deepEqual([event.type, event.locationId, event.webhookId === undefined], [type, 'loc9', type === 'workflow'])
    assert.ok(Math.abs(event.timestampMs - Date.now()) < 60_000)
  }
  assert.equal(received[0].details.pipelineStageId, received[0].stage)
  assert.notEqual(received[0].webhookId, received[1].webhookId)
  refusedAtOnce(() => webhooks.generateTestEvent('ContactTeleported'), 'invalid_argument', 'type')
  refusedAtOnce(() => webhooks.generateTestEvent('ContactUpdate', 'x'), 'invalid_argument', 'members')
  refusedAtOnce(() => webhooks.generateTestEvent(5), 'invalid_argument', 'type')
})

test('a secret that is being replaced is accepted until its last moment', async () => {
  const [soon, gone] = [60_000, -60_000].map((ms) => new Date(Date.now() + ms).toISOString())
  const body = eventOf('wh-1')
  const with_ = (hmac) => webhooks.receiver({ hmac }).receive(body, { 'x-ghl-signature': sign(body) })
  assert.equal((await with_(['another', { secret: SECRET, notAfter: soon }])).status, 200)
  assert.equal((await with_(['another', { secret: SECRET, notAfter: gone }])).status, 401)
  const { constructEvent } = webhooks
  const headers = { 'x-ghl-signature': sign(body) }
  const config = { hmac: { secret: SECRET, notAfter: '2026-01-31T12:00:00Z' } }
  const last = Date.parse('2026-01-31T12:00:00Z')
  assert.equal(constructEvent(body, headers, config, { nowMs: last }).contactId, 'con1')
  refusedAtOnce(() => constructEvent(body, headers, config, { nowMs: last + 1 }), 'signature')
})
