import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const SECRETS = ['an events secret of at least 32 bytes!']

describe('pusher', nodeOnly, () => {
  let shop, soketi, app, Pusher
  before(async () => {
    const peer = await import('../peers/soketi.mjs')
    Pusher = (await import('../peers/node_modules/pusher-js/dist/node/pusher.js')).default
    app = peer.APP
    ;[shop, soketi] = await Promise.all([startShop(), peer.startSoketi()])
  })
  after(() => soketi?.stop())

  const open = (pusher = {}, options = {}) =>
    shop.open({ notifications: { pusher: { ...app, host: soketi.url, ...pusher } }, events: { secrets: SECRETS }, ...options })

  /** A page: pusher-js, connected to soketi. */
  const page = async (options = {}) => {
    const client = new Pusher(app.key, {
      wsHost: '127.0.0.1',
      wsPort: soketi.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      cluster: '',
      ...options,
    })
    await until(() => client.connection.state === 'connected', 'the page is connected')
    return client
  }
  const joined = async (client, name) => {
    const channel = client.subscribe(name)
    const heard = []
    const outcome = await new Promise((resolve) => {
      channel.bind('pusher:subscription_succeeded', (members) => resolve({ members }))
      channel.bind('pusher:subscription_error', (error) => resolve({ error }))
    })
    channel.bind_global((event, data) => {
      if (!event.startsWith('pusher:')) heard.push([event, data])
    })
    return { channel, heard, ...outcome }
  }

  test('tells a page each change of its order once', async () => {
    const sync = await open()
    const client = await page()
    const { heard } = await joined(client, 'order-told')
    await sync.createOrder(order('told'))
    await sync.updateStatus('told', 'manufacturing')
    await sync.setManufacturingProgress('told', 25)
    await sync.updateStatus('told', 'shipped')
    await until(() => heard.length === 5, 'all was heard')
    assert.deepEqual(
      heard.map(([event, { status, progress }]) => [event, status, progress]),
      [
        ['status-changed', 'order_placed', 10],
        ['status-changed', 'manufacturing', 50],
        ['progress-changed', 'manufacturing', 54],
        ['milestone', 'manufacturing', 54],
        ['status-changed', 'shipped', 75],
      ],
    )
    for (const [, data] of heard) {
      assert.match(data.timestamp, /^\d{4}-\d\d-\d\dT/)
      assert.deepEqual([data.orderId, typeof data.id, data.by], ['told', 'number', undefined])
    }
    // The page may hear of it before Pusher's answer is here.
    await until(async () => (await sync.notifications.list({ channel: 'pusher', state: 'done' })).length === 5, 'all is done')
    assert.equal((await sync.notifications.list({ channel: 'pusher' })).length, 5)
    client.disconnect()
    await sync.close()
  })

  test('lets nobody into a private channel without the order’s token', async () => {
    const sync = await open({ private: true })
    await sync.createOrder(order('mine'))
    await sync.createOrder(order('yours'))
    const token = await sync.orderToken('mine')
    const route = await serve((request) => sync.handlers.pusherAuth(request))
    const client = await page({ channelAuthorization: { endpoint: `${route.url}/auth`, transport: 'ajax', params: { token } } })
    const mine = await joined(client, 'private-order-mine')
    assert.equal(mine.error, undefined)
    assert.equal((await joined(client, 'private-order-yours')).error?.status, 403)
    assert.equal((await joined(client, 'private-other')).error?.status, 403)
    await sync.updateStatus('mine', 'processing')
    await sync.updateStatus('yours', 'processing')
    await until(() => mine.heard.some(([, { status }]) => status === 'processing'), 'it was heard')
    assert.ok(mine.heard.every(([, { orderId }]) => orderId === 'mine'))
    client.disconnect()
    await route.close()

    // By the shop's own session, also on a presence channel.
    const members = await serve((request) =>
      sync.handlers.pusherAuth(request, {
        authorize: (_, channel) => channel === 'presence-desk' || channel === 'private-desk',
        member: { userId: '10', userInfo: { name: 'Aino' } },
      }),
    )
    const desk = await page({ channelAuthorization: { endpoint: `${members.url}/auth`, transport: 'ajax' } })
    const present = await joined(desk, 'presence-desk')
    assert.deepEqual(present.members.me, { id: '10', info: { name: 'Aino' } })
    assert.equal((await joined(desk, 'private-desk')).error, undefined)
    assert.equal((await joined(desk, 'presence-other')).error?.status, 403)
    await sync.pusher.trigger('presence-desk', { event: 'note', data: { text: 'ä\n' } })
    await until(() => present.heard.length === 1, 'the note')
    assert.deepEqual(present.heard, [['note', { text: 'ä\n' }]])
    await sync.pusher.triggerBatch([1, 2, 3].map((n) => ({ event: `n${n}`, channel: 'presence-desk', data: n })))
    await until(() => present.heard.length === 4, 'the batch')
    assert.deepEqual(present.heard.slice(1), [['n1', 1], ['n2', 2], ['n3', 3]])
    desk.disconnect()
    await members.close()
    await sync.close()
  })

  test('is asked again while it is away, and gives up what it refuses', async () => {
    const sync = await open()
    await sync.createOrder(order('a!b'))
    const dead = await until(async () => (await sync.notifications.list({ channel: 'pusher', state: 'dead' }))[0], 'it is given up')
    assert.deepEqual([dead.orderId, dead.error.code, /channel: expected/.test(dead.error.message)], ['a!b', 'invalid_argument', true])
    await sync.close()

    const wrong = await open({ secret: 'not-the-secret' })
    await wrong.createOrder(order('wrong'))
    const refusedBy = await until(async () => (await wrong.notifications.list({ channel: 'pusher', state: 'dead', orderId: 'wrong' }))[0], 'it is refused')
    assert.equal(refusedBy.error.code, 'refused')
    assert.ok(!JSON.stringify(refusedBy).includes('not-the-secret'))
    await wrong.close()

    const away = await open({ host: 'http://127.0.0.1:9' })
    await away.createOrder(order('away'))
    const waiting = await until(async () => {
      const rows = await away.notifications.list({ channel: 'pusher', state: 'waiting', orderId: 'away' })
      return rows.find((row) => row.error !== undefined)
    }, 'it waits')
    assert.equal(waiting.error.code, 'network')
    await away.close()
  })

  test('sends nothing that Pusher would refuse, and signs nothing else', async () => {
    const sync = await open()
    const channels = Array.from({ length: 101 }, (_, n) => `c${n}`)
    const trigger = (given, event = {}) => sync.pusher.trigger(given, { event: 'e', data: 1, ...event })
    await refused(() => trigger(channels), 'invalid_argument', 'channels')
    await refused(() => trigger([]), 'invalid_argument', 'channels')
    await refused(() => trigger('a/b'), 'invalid_argument', 'channel')
    await refused(() => trigger('a', { event: '' }), 'invalid_argument', 'event')
    await refused(() => trigger('a', { data: 'x'.repeat(10 * 1024) }), 'invalid_argument', 'data')
    await refused(() => trigger('a', { except: '1' }), 'invalid_argument', 'socketId')
    await refused(() => sync.pusher.triggerBatch(channels.slice(0, 11).map((channel) => ({ event: 'e', channel, data: 1 }))), 'invalid_argument', 'batch')
    await refused(() => sync.pusher.authorize('1.2:private-x', 'private-a'), 'invalid_argument', 'socketId')
    await refused(() => sync.pusher.authorize('1.2', 'order-1'), 'invalid_argument', 'channel')
    await refused(() => sync.pusher.authorize('1.2', 'presence-a'), 'invalid_argument', 'member')
    await sync.pusher.trigger(channels.slice(0, 100), { event: 'e', data: 1 })

    const body = JSON.stringify({ time_ms: 1327078148132, events: [{ name: 'member_added', channel: 'presence-desk', user_id: '10' }] })
    const sign = (secret) => createHmac('sha256', secret).update(body).digest('hex')
    const headers = { 'X-Pusher-Key': app.key, 'X-Pusher-Signature': sign(app.secret) }
    assert.deepEqual(await sync.pusher.webhook(body, headers), {
      timeMs: 1327078148132,
      events: [{ name: 'member_added', channel: 'presence-desk', userId: '10' }],
    })
    await refused(() => sync.pusher.webhook(`${body} `, headers), 'signature')
    await refused(() => sync.pusher.webhook(body, { ...headers, 'X-Pusher-Signature': sign('x') }), 'signature')
    await refused(() => sync.pusher.webhook(body, { 'X-Pusher-Signature': headers['X-Pusher-Signature'] }), 'signature')
    await sync.close()
    const without = await shop.open()
    await refused(() => without.pusher.trigger('a', { event: 'e', data: 1 }), 'config', 'notifications.pusher')
    await without.close()
  })

  test('its route refuses what is no question of a client', async () => {
    const sync = await open({ private: true })
    await sync.createOrder(order('asked'))
    const token = await sync.orderToken('asked')
    const ask = async (init, options) => {
      const response = await sync.handlers.pusherAuth(new Request('http://shop/auth', { method: 'POST', ...init }), options)
      return [response.status, await response.json()]
    }
    const form = (fields) => ({ body: new URLSearchParams(fields) })
    const good = { socket_id: '1.2', channel_name: 'private-order-asked', token }
    assert.equal((await ask(form(good)))[0], 200)
    assert.equal((await ask({ ...form({ ...good, token: '' }), headers: { authorization: `Bearer ${token}` } }))[0], 403)
    const { token: _, ...bare } = good
    assert.equal((await ask({ ...form(bare), headers: { authorization: `Bearer ${token}` } }))[0], 200)
    for (const [fields, status] of [
      [bare, 403],
      [{ ...good, socket_id: '1.2:x' }, 400],
      [{ ...good, channel_name: 'order-asked' }, 403],
      [{}, 403],
    ]) {
      assert.equal((await ask(form(fields)))[0], status, JSON.stringify(fields))
    }
    assert.equal((await ask({ body: 'x'.repeat(10_000) }))[0], 413)
    assert.equal((await sync.handlers.pusherAuth(new Request('http://shop/auth'))).status, 405)
    assert.equal((await ask(form(good), { authorize: () => false }))[0], 403)
    await sync.close()
  })
})

/** A server on this machine whose one route this is. */
async function serve(handler) {
  const server = createServer(async (incoming, outgoing) => {
    const chunks = []
    for await (const chunk of incoming) chunks.push(chunk)
    const { method, headers, url } = incoming
    const answer = await handler(new Request(`http://127.0.0.1${url}`, { method, headers, body: Buffer.concat(chunks) }))
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
