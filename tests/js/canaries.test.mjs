// Every secret is planted, and looked for in all that JavaScript can print of what holds it, and in what is told.
import assert from 'node:assert/strict'
import { format, inspect } from 'node:util'
import { after, before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { Raw } from './support/raw.mjs'
import { Scripted } from './support/scripted.mjs'
import { database, order } from './support/shop.mjs'

const { Ghl, OAuth, OrderSync, webhooks } = ghlkit
const CANARY = /5ecret/
const TYPES = ['request', 'response', 'retry', 'rateLimit', 'error']

/** All that a log may make of a value. */
function printed(value) {
  const deep = { depth: 12, showHidden: true, getters: false }
  const texts = [inspect(value, deep), format('%o %O %j %s', value, value, value, value), JSON.stringify(value) ?? '']
  for (let error = value; error instanceof Error; error = error.cause) {
    texts.push(String(error), error.stack, error.message, inspect(error, deep), JSON.stringify(error))
  }
  return texts.join('\n')
}

function assertClean(what, value) {
  const text = printed(value)
  assert.notEqual(text.trim(), '', what)
  const at = text.search(CANARY)
  assert.ok(at < 0, `${what} tells a secret: …${text.slice(Math.max(0, at - 200), at + 60)}…`)
}

/** GHL refuses what it is asked, and repeats all it was sent. */
const echo = (status) => (response, request) => {
  const said = `${JSON.stringify(request.headers)}`
  const { authorization } = request.headers
  response.writeHead(status).end(JSON.stringify({ statusCode: status, message: [said], error: authorization, traceId: authorization }))
}

describe('no secret is told', () => {
  const scripted = new Scripted()
  let baseUrl
  before(async () => (baseUrl = await scripted.start()))
  after(() => scripted.stop())

  test('by a client, its hooks and its errors', async () => {
    const ghl = new Ghl({ token: 'pit-5ecret', locationId: 'loc1', baseUrl })
    const events = []
    for (const type of TYPES) ghl.on(type, (event) => events.push(event))
    const options = { headers: { 'x-key': '5ecret-header' }, maxRetries: 1, deadlineMs: 20_000 }
    for (const status of [400, 401, 403, 404, 422, 500]) {
      scripted.always = echo(status)
      const acts = [() => ghl.contacts.get('con1', options), () => ghl.messages.send({ type: 'SMS', contactId: 'con1', message: 'Hei' }, options)]
      for (const act of acts) {
        const error = await act().then(assert.fail, (error) => error)
        assert.ok(error instanceof ghlkit.GhlError, error.stack)
        assert.equal(error.status, status, error.stack)
        assertClean(`${status}`, error)
      }
      const settled = await ghl.batch([{ op: 'contacts.get', args: { contactId: 'con1' } }]).catch((error) => error)
      assertClean('a batch', settled)
    }
    assert.ok(events.length > 20, `${events.length}`)
    assertClean('hooks', events)
    for (const what of [ghl, ghl.contacts, ghl.messages]) assertClean('a client', what)
  })

  test('by what verifies webhooks', async () => {
    const schemes = { hmac: ['5ecret-hmac'], sharedSecret: { header: 'x-shop', secret: '5ecret-shared' } }
    assertClean('a verifier', webhooks.verifier(schemes))
    assertClean('a receiver', webhooks.receiver(schemes))
    for (const headers of [{}, { 'x-shop': '5ecret-sharee' }, { 'x-ghl-signature': '5ecret-hmac' }]) {
      const error = await refused(async () => webhooks.constructEvent('{}', headers, schemes), 'signature')
      assertClean('a refusal', error)
    }
  })

  test('by malformed settings', async () => {
    for (const token of ['5ecret\r\n', '5ecret ü', ['5ecret'], { value: '5ecret' }, 5n]) {
      assertClean('an error', await refused(async () => new Ghl({ token, locationId: 'loc1', baseUrl }), 'config').catch((error) => error))
    }
  })

  test('by an engine, its routes and what it says of itself', nodeOnly, async () => {
    scripted.always = echo(403)
    const sync = await OrderSync.open({
      databaseUrl: database(),
      token: 'pit-5ecret-token',
      locationId: 'loc1',
      pipelineId: 'pip1',
      baseUrl,
      webhooks: { hmac: '5ecret-webhook', sharedSecret: { header: 'x-shop', secret: '5ecret-shared' } },
      events: { secrets: ['5ecret-stream-0123456789-0123456789'] },
      cronSecret: '5ecret-cron',
      metricsToken: '5ecret-metrics',
      notifications: { webhook: { url: `${baseUrl}/5ecret-path?key=5ecret`, secret: '5ecret-sign' } },
      worker: false,
      env: {},
    })
    try {
      assertClean('an engine', sync)
      assertClean('its routes', sync.handlers)
      assertClean('an outcome', await sync.createOrder(order('c1')).catch((error) => error))
      assertClean('a drain', await sync.drain().catch((error) => error))
      assertClean('jobs', await sync.jobs())
      assertClean('the doctor', await sync.doctor())
      assertClean('health', await sync.health())
      assertClean('metrics', await sync.metrics())
      const url = 'https://shop.example/api'
      const wrong = { authorization: 'Bearer 5ecret-wrong' }
      for (const [name, request] of [
        ['webhook', new Request(url, { method: 'POST', body: '{}', headers: { 'x-shop': '5ecret-wrong' } })],
        ['cron', new Request(url, { method: 'POST', headers: wrong })],
        ['metrics', new Request(url, { headers: wrong })],
        ['testWebhook', new Request(url, { method: 'POST', body: '{}', headers: wrong })],
        ['events', new Request(`${url}?orderId=c1&token=5ecret.5ecret`)],
      ]) {
        const response = await sync.handlers[name](request)
        assert.ok(response.status >= 400, `${name}: ${response.status}`)
        assertClean(name, [response.status, [...response.headers], await response.text()])
      }
    } finally {
      await sync.close()
    }
  })

  test('by an app', nodeOnly, async () => {
    for (const status of [400, 401, 500]) {
      const body = JSON.stringify({ error: 'invalid', error_description: 'code=5ecret-code and client_secret=5ecret-client' })
      const raw = await Raw.start(`HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      const oauth = await OAuth.open({
        clientId: '65f0c0ffee0000000000abcd-saunaapp',
        clientSecret: '5ecret-client',
        redirectUri: 'https://shop.example/oauth/callback',
        scopes: ['contacts.readonly'],
        tokenKeys: 'k1:S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2U=',
        databaseUrl: database(),
        baseUrl: raw.url,
        env: {},
      })
      try {
        assertClean('an app', oauth)
        const url = oauth.authorizeUrl('session-1')
        assertClean('its address', url)
        const state = encodeURIComponent(new URL(url).searchParams.get('state'))
        const error = await oauth.callback(`?code=5ecret-code&state=${state}`, 'session-1').then(assert.fail, (error) => error)
        assert.equal(error.status, status, error.stack)
        assert.match(raw.requests[0], /5ecret-client/)
        assertClean(`${status}`, error)
      } finally {
        await oauth.close()
        raw.stop()
      }
    }
  })
})
