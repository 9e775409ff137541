import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { ghlkit, nodeOnly } from './support/package.mjs'
import { refused } from './support/errors.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const SECRETS = ['an events secret of at least 32 bytes!']
const URL_OF = 'https://shop.example/api/orders/x/events'

describe('streams of events', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })
  const open = (options = {}) => shop.open({ events: { secrets: SECRETS, ...options } })
  const get = (sync, orderId, { query = {}, headers = {}, ...options } = {}) =>
    sync.handlers.events(new Request(`${URL_OF}?${new URLSearchParams(query)}`, { headers }), { orderId, ...options })

  test('tell an order as it is and then each change once, also across a cut', async () => {
    const sync = await open()
    await sync.createOrder(order('streamed'))
    const token = await sync.orderToken('streamed')
    const first = await get(sync, 'streamed', { query: { token } })
    assert.equal(first.status, 200)
    assert.equal(first.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(first.headers.get('cache-control'), 'no-store, no-transform')
    const stream = new Frames(first)
    const now = await stream.next()
    assert.match(stream.retry, /^[0-9]+$/)
    assert.deepEqual(pick(now.data), { type: 'STATUS_UPDATE', orderId: 'streamed', status: 'order_placed', progress: 10 })
    assert.equal(now.data.current, true)
    await sync.updateStatus('streamed', 'processing')
    const change = await stream.next()
    assert.deepEqual(pick(change.data), { type: 'STATUS_UPDATE', orderId: 'streamed', status: 'processing', progress: 25 })
    assert.match(change.data.timestamp, /^\d{4}-\d\d-\d\dT.*Z$/)
    await stream.cut()
    await sync.updateStatus('streamed', 'manufacturing')
    await sync.setManufacturingProgress('streamed', 50)
    const again = new Frames(await get(sync, 'streamed', { query: { token }, headers: { 'last-event-id': change.id } }))
    const rest = [await again.next(), await again.next(), await again.next(), await again.next()]
    assert.deepEqual(
      rest.map(({ data }) => [data.type, data.progress, data.milestone].filter((one) => one !== undefined)),
      [['STATUS_UPDATE', 50], ['PROGRESS_UPDATE', 58], ['MILESTONE', 58, 25], ['MILESTONE', 58, 50]],
    )
    await again.cut()
    await until(async () => /^ghlkit_event_streams 0$/m.test(await sync.metrics()), 'the streams have ended')
    await sync.close()
  })

  test('are for whoever has a token of the order, or whom the shop lets in', async () => {
    const sync = await open({ corsOrigins: ['https://shop.example'] })
    for (const id of ['mine', 'yours']) await sync.createOrder(order(id))
    const token = await sync.orderToken('mine', { expiresInMs: 60_000 })
    const status = async (...given) => {
      const response = await get(sync, ...given)
      await response.body?.cancel()
      return response.status
    }
    assert.equal(await status('mine', { query: { token } }), 200)
    assert.equal(await status('mine', { headers: { authorization: `Bearer ${token}` } }), 200)
    for (const [orderId, query] of [['yours', { token }], ['mine', {}], ['mine', { token: '' }], ['mine', { token: `${token}A` }], ['none', { token }]]) {
      assert.equal(await status(orderId, { query }), 401, orderId)
    }
    assert.equal(await status('yours', { authorize: () => true }), 200)
    assert.equal(await status('yours', { authorize: async () => true }), 200)
    const asked = []
    await status('yours', { authorize: (_, what) => asked.push(what) })
    assert.deepEqual(asked, [{ orderId: 'yours' }])
    assert.equal(await status('none', { authorize: () => true }), 404)
    for (const authorize of [() => false, () => 'yes', () => undefined, () => Promise.reject(new Error('no'))]) {
      assert.equal(await status('mine', { authorize, query: { token } }), 401)
    }
    assert.equal(await status(undefined, { all: true, authorize: () => true }), 200)
    assert.equal(await status(undefined, { all: true }), 400)
    assert.equal(await status(undefined), 400)
    assert.equal(await status('mine', { locationId: 'nowhere', query: { token } }), 400)
    // The token is in no answer.
    const denied = await get(sync, 'yours', { query: { token } })
    assert.ok(!(await denied.text()).includes(token))
    assert.equal(await sync.checkOrderToken('mine', token), null)
    for (const wrong of ['', 'x', token.slice(1), `${token}=`]) {
      await refused(() => sync.checkOrderToken('mine', wrong), 'unauthorized', 'token')
    }
    await refused(() => sync.checkOrderToken('other', token), 'unauthorized', 'token')
    await refused(() => sync.checkOrderToken('mine', 7), 'invalid_argument', 'token')
    await refused(() => sync.orderToken('none'), 'order_not_found')
    await refused(() => sync.orderToken('mine', { expiresInMs: 0 }), 'invalid_argument', 'expiresInMs')

    const from = async (origin) => {
      const response = await get(sync, 'mine', { query: { token }, headers: { origin } })
      await response.body.cancel()
      return response.headers.get('access-control-allow-origin')
    }
    assert.equal(await from('https://shop.example'), 'https://shop.example')
    assert.equal(await from('https://evil.example'), null)
    const preflight = await sync.handlers.events(new Request(URL_OF, { method: 'OPTIONS', headers: { origin: 'https://shop.example' } }))
    assert.deepEqual(
      [preflight.status, preflight.headers.get('access-control-allow-origin')],
      [204, 'https://shop.example'],
    )
    assert.equal((await sync.handlers.events(new Request(URL_OF, { method: 'POST' }))).status, 405)
    await sync.close()
    // Its browser comes back, as it would not after any other status.
    const later = await get(sync, 'mine', { query: { token } })
    assert.deepEqual([later.status, later.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8'])
    assert.match(await later.text(), /^retry: [0-9]+\n\n$/)
  })

  test('end with the engine, and are bounded where nobody reads', async () => {
    const sync = await open()
    await sync.createOrder(order('slow'))
    const response = await get(sync, 'slow', { authorize: () => true })
    for (let n = 0; n < 50; n++) {
      await sync.updateStatus('slow', n % 2 === 0 ? 'processing' : 'order_placed', { allowBackward: true, waitMs: 0 })
    }
    const stream = new Frames(response)
    const seen = []
    while (seen.length < 51) seen.push((await stream.next()).data.status)
    const [current, ...changes] = seen
    assert.equal(current, 'order_placed')
    assert.ok(changes.every((status, n) => status === (n % 2 === 0 ? 'processing' : 'order_placed')))
    const end = stream.next()
    await sync.close()
    assert.equal(await end, undefined)
  })

  test('need a secret for their tokens, and good settings', async () => {
    const sync = await shop.open()
    await sync.createOrder(order('plain'))
    await refused(() => sync.orderToken('plain'), 'config', 'events.secrets')
    const unset = await get(sync, 'plain', { query: { token: '1.x' } })
    assert.deepEqual([unset.status, await unset.json()], [503, { error: 'the shop cannot answer now', code: 'config' }])
    await sync.close()
    const { OrderSync } = ghlkit
    for (const [events, code, field] of [
      [{ secrets: ['short'] }, 'config', 'events.secrets'],
      [{ corsOrigins: ['shop'] }, 'config', 'events.corsOrigins[0]'],
      [{ pingMs: 1 }, 'config', 'events.pingMs'],
      [{ corsOrigins: 'https://shop.example' }, 'invalid_argument', 'events.corsOrigins'],
      [{ unknown: 1 }, 'invalid_argument', 'events.unknown'],
    ]) {
      await refused(() => OrderSync.open(shop.options({ events })), code, field)
    }
  })
})

const pick = ({ type, orderId, status, progress }) => ({ type, orderId, status, progress })

/** Frames as a browser reads them. */
class Frames {
  #reader
  #text = ''
  #decoder = new TextDecoder()
  retry

  constructor(response) {
    this.#reader = response.body.getReader()
  }

  async next() {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n')
        this.#text = this.#text.slice(end + 2)
        const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
        this.retry ??= field('retry')
        if (field('data') !== undefined) return { id: field('id'), data: JSON.parse(field('data')) }
        continue
      }
      const { done, value } = await this.#reader.read()
      if (done) return undefined
      this.#text += this.#decoder.decode(value, { stream: true })
    }
  }

  cut() {
    return this.#reader.cancel()
  }
}
