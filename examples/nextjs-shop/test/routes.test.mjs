// Each route with what it must refuse: JSON with a code, the right status, and nothing written.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'

import { sample } from '../scripts/samples.mjs'
import { CRON_SECRET, SHOP_TOKEN, WEBHOOK_SECRET } from '../scripts/services.mjs'
import { open, until } from './support.mjs'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const HUGE = JSON.stringify({ text: 'x'.repeat(2 * 1024 * 1024) })
const WEBHOOK = '/api/webhooks/ghl/order-status'

describe('the routes', () => {
  let shop, order, other
  before(async () => {
    shop = await open()
    order = await shop.order(0, 'shipped')
    other = await shop.order(1, 'shipped')
    await settled()
  })
  after(() => shop.stop())

  /** Until what GHL has told of the orders is applied, which writes too. */
  const settled = () =>
    until(async () => {
      const [{ open }] = await shop.rows('SELECT count(*)::int AS open FROM webhook_events WHERE NOT processed AND error IS NULL')
      const [before, , after] = [await shop.written(), await new Promise((on) => setTimeout(on, 300)), await shop.written()]
      return open === 0 && JSON.stringify(before) === JSON.stringify(after)
    }, 'the end of all webhooks')

  /** Asks, and expects to be refused with this, and nothing to be written. */
  const refused = async (path, init, status, code) => {
    const before = await shop.written()
    const answer = await shop.fetch(path, init)
    const text = await answer.text()
    const what = `${init.method ?? 'GET'} ${path}: ${text}`
    assert.equal(answer.status, status, what)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, what)
    const body = JSON.parse(text)
    assert.equal(typeof body.error, 'string', what)
    assert.equal(body.code, code, what)
    assert.ok(!text.includes(SHOP_TOKEN) && !text.includes(WEBHOOK_SECRET), what)
    assert.deepEqual(await shop.written(), before, what)
    return answer
  }
  const bearer = (token) => ({ authorization: `Bearer ${token}` })
  const json = { 'content-type': 'application/json' }
  const posted = (body, headers = {}) => ({ method: 'POST', body, headers: { ...json, ...headers } })
  const byShop = (body) => posted(typeof body === 'string' ? body : JSON.stringify(body), bearer(SHOP_TOKEN))

  const READ = ['/api/health/crm', '/api/auth/ghl', '/api/auth/ghl/callback', '/api/orders/ID/installation/slots', '/api/orders/ID/events']
  const WRITTEN = [
    WEBHOOK,
    '/api/edge/webhook',
    '/api/orders',
    '/api/orders/ID/status',
    '/api/orders/ID/installation',
    '/api/manufacturing/ID',
    '/api/test/webhook',
  ]
  const OF_THE_SHOP = ['/api/orders', '/api/orders/ID/status', '/api/manufacturing/ID']
  const OF_A_CUSTOMER = [
    ['GET', '/api/orders/ID/installation/slots', '/api/orders/ID/events'],
    ['POST', '/api/orders/ID/installation'],
    ['DELETE', '/api/orders/ID/installation'],
    ['GET', '/api/orders/ID/events'],
  ]
  const here = (path) => path.replace('ID', order.id)

  test('refuse other methods', async () => {
    const wrong = [...READ.map((path) => [path, ['POST', 'PUT', 'PATCH', 'DELETE'], 'GET'])]
    for (const path of WRITTEN) {
      const allowed = path.endsWith('installation') ? ['POST, DELETE', ['GET', 'PUT', 'PATCH']] : ['POST', ['GET', 'PUT', 'PATCH', 'DELETE']]
      wrong.push([path, allowed[1], allowed[0]])
    }
    wrong.push(['/api/cron/sync', ['PUT', 'PATCH', 'DELETE'], 'GET, POST'])
    for (const [path, methods, allow] of wrong) {
      for (const method of methods) {
        const answer = await refused(here(path), { method, headers: bearer(SHOP_TOKEN) }, 405, 'method_not_allowed')
        assert.equal(answer.headers.get('allow'), allow)
      }
    }
  })

  test('refuse bodies that are not JSON, none, or more than anybody writes', async () => {
    for (const path of WRITTEN.map(here)) {
      const auth = bearer(path.includes('test/webhook') ? CRON_SECRET : SHOP_TOKEN)
      const typed = (type) => ({ method: 'POST', body: 'status=shipped', headers: { ...auth, 'content-type': type } })
      await refused(path, typed('application/x-www-form-urlencoded'), 415, 'unsupported_media_type')
      await refused(path, typed('text/plain'), 415, 'unsupported_media_type')
    }
    for (const path of WRITTEN.filter((path) => !/webhook/.test(path)).map(here)) {
      for (const body of ['', '{', '[]', 'null', '"status"']) await refused(path, byShop(body), 400, 'payload')
      await refused(path, byShop(HUGE), 413, 'too_large')
      await refused(path, byShop({}), 400, 'invalid_argument')
    }
    await refused('/api/test/webhook', posted('{', bearer(CRON_SECRET)), 400, 'invalid_argument')
  })

  test('refuse what no order can be', async () => {
    const wrong = [
      { ...sample(5), product: 'hot-tub' },
      { ...sample(5), customer: { firstName: 'A', lastName: 'B', email: 'nobody' } },
      { ...sample(5), shippingAddress: undefined },
      { ...sample(5), installationNotes: 'x'.repeat(5_001) },
    ]
    for (const body of wrong) await refused('/api/orders', byShop(body), 400, 'invalid_argument')
    const withKey = { ...byShop(sample(5)) }
    withKey.headers = { ...withKey.headers, 'idempotency-key': 'short' }
    await refused('/api/orders', withKey, 400, 'invalid_argument')
    await refused(here('/api/orders/ID/status'), byShop({ status: 'paid' }), 400, 'invalid_argument')
    await refused(here('/api/orders/ID/status'), byShop({ status: 'processing' }), 409, 'transition_refused')
    await refused(here('/api/manufacturing/ID'), byShop({ percent: 101 }), 400, 'invalid_argument')
    await refused(here('/api/manufacturing/ID'), byShop({ percent: 50 }), 409, 'transition_refused')
    for (const at of ['tomorrow', '2001-01-01T09:00:00Z', '', 7]) {
      await refused(here('/api/orders/ID/installation'), byShop({ at }), 400, 'invalid_argument')
    }
  })

  test('refuse orders that are not there', async () => {
    for (const id of [UNKNOWN, 'x']) {
      const path = (tail) => `/api/orders/${id}/${tail}`
      await refused(path('status'), byShop({ status: 'shipped' }), 404, 'order_not_found')
      await refused(`/api/manufacturing/${id}`, byShop({ percent: 1 }), 404, 'order_not_found')
      await refused(path('installation'), byShop({ at: '2030-01-07T09:00:00Z' }), 404, 'not_found')
      await refused(path('installation/slots'), { headers: bearer(SHOP_TOKEN) }, 404, 'not_found')
    }
    const path = `/api/orders/${encodeURIComponent("'; DROP TABLE orders; --")}/status`
    await refused(path, byShop({ status: 'shipped' }), 400, 'invalid_argument')
  })

  test('let in whom they are for', async () => {
    for (const path of OF_THE_SHOP.map(here)) {
      for (const headers of [{}, bearer('x'), bearer(order.token), bearer(CRON_SECRET), { cookie: 'shop_session=9999999999999.x' }]) {
        await refused(path, posted('{}', headers), 401, 'unauthorized')
      }
    }
    for (const [method, path] of OF_A_CUSTOMER) {
      const body = method === 'POST' ? { body: JSON.stringify({ at: '2030-01-07T09:00:00Z' }) } : {}
      const as = (headers) => ({ method, ...body, headers: { ...json, ...headers } })
      await refused(here(path), as({}), 401, 'unauthorized')
      await refused(here(path), as(bearer(other.token)), 401, 'unauthorized')
      await refused(here(path), as(bearer(order.token.slice(0, -1))), 401, 'unauthorized')
      await refused(path.replace('ID', UNKNOWN), as(bearer(order.token)), 401, 'unauthorized')
    }
    for (const path of ['/api/auth/ghl', '/api/auth/ghl/callback?code=x&state=y']) {
      await refused(path, {}, 401, 'unauthorized')
      await refused(path, { headers: bearer(SHOP_TOKEN) }, 401, 'unauthorized')
    }
    await refused('/api/test/webhook', posted('{}', bearer(SHOP_TOKEN)), 401, 'unauthorized')
    await refused('/api/cron/sync', { headers: bearer(SHOP_TOKEN) }, 401, 'unauthorized')
  })

  test('do their work for those', async () => {
    const slots = await shop.fetch(here('/api/orders/ID/installation/slots'), { headers: bearer(order.token) })
    assert.equal(slots.status, 200)
    assert.ok((await slots.json()).slots.length > 0)
    const cron = await shop.fetch('/api/cron/sync', { headers: bearer(CRON_SECRET) })
    assert.deepEqual([cron.status, (await cron.json()).success], [200, true])
    const health = await shop.fetch('/api/health/crm')
    assert.deepEqual([health.status, (await health.json()).status], [200, 'healthy'])
    const tried = await shop.fetch('/api/test/webhook', posted('{}', bearer(CRON_SECRET)))
    assert.deepEqual([tried.status, (await tried.json()).success], [200, true])
    await settled()
  })

  test('write what is sent again once', async () => {
    const key = { 'idempotency-key': 'one-and-the-same' }
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.post('/api/orders', sample(20), key)))
    const bodies = await Promise.all(answers.map((answer) => answer.json()))
    assert.equal(new Set(bodies.map(({ id }) => id)).size, 1)
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201])
    const [{ id, orderNumber }] = bodies
    await until(() => shop.opportunity(orderNumber), 'the card')
    const init = byShop(sample(21))
    init.headers = { ...init.headers, ...key }
    await settled()
    await refused('/api/orders', init, 409, 'conflict')
    for (let again = 0; again < 2; again++) assert.equal((await shop.post(`/api/orders/${id}/status`, { status: 'shipped' })).status, 200)
    const { slots } = await (await shop.fetch(`/api/orders/${id}/installation/slots`, { headers: bearer(SHOP_TOKEN) })).json()
    for (let again = 0; again < 2; again++) {
      assert.equal((await shop.post(`/api/orders/${id}/installation`, { at: slots[0].startsAt })).status, 200)
    }
    const { opportunities, contacts, appointments } = await shop.ghl()
    const { contactId } = await until(async () => {
      const card = await shop.opportunity(orderNumber)
      return card.stageKey === 'stage_shipped' && card
    }, 'the stage')
    assert.equal(opportunities.filter(({ name }) => name === `Order #${orderNumber}`).length, 1)
    assert.equal(contacts.filter(({ email }) => email === sample(20).customer.email).length, 1)
    assert.equal(appointments.filter((one) => one.contactId === contactId).length, 1)
    await settled()
  })

  test('refuse webhooks that are forged, and take genuine ones', async () => {
    const card = await shop.opportunity(order.orderNumber)
    const body = JSON.stringify({ contactId: card.contactId, pipelineStage: 'stage_delivered', timestamp: new Date().toISOString() })
    const signed = (secret, text = body) => ({ 'x-ghl-signature': createHmac('sha256', secret).update(text).digest('hex') })
    for (const path of [WEBHOOK, '/api/edge/webhook']) {
      await refused(path, posted(body), 401, 'signature')
      await refused(path, posted(body, signed('another secret')), 401, 'signature')
      await refused(path, posted(body.replace('delivered', 'completed'), signed(WEBHOOK_SECRET)), 401, 'signature')
      await refused(path, posted('{', signed(WEBHOOK_SECRET, '{')), 400, 'payload')
      const stale = body.replace(/"timestamp":"[^"]+"/, '"timestamp":"2020-01-01T00:00:00Z"')
      await refused(path, posted(stale, signed(WEBHOOK_SECRET, stale)), 401, 'stale')
      await refused(path, posted(HUGE, signed(WEBHOOK_SECRET, HUGE)), 413, 'too_large')
    }
    const before = (await shop.written()).webhooks
    const answer = await shop.fetch('/api/edge/webhook', posted(body, signed(WEBHOOK_SECRET)))
    assert.deepEqual([answer.status, await answer.json()], [200, { success: true }])
    assert.equal((await shop.written()).webhooks, before + 1)
  })
})
