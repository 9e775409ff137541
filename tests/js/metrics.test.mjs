import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { SECRET } from './support/mock.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'

/** Series and values of a text, which must be as Prometheus reads it: each family once, described before its samples. */
function read(text) {
  const [kinds, values] = [new Map(), new Map()]
  assert.ok(text.endsWith('\n'))
  for (const line of text.trimEnd().split('\n')) {
    const described = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line)
    if (described !== null) {
      const [, what, name, rest] = described
      if (what === 'TYPE') {
        assert.ok(!kinds.has(name), `${name} twice`)
        kinds.set(name, rest)
      }
      continue
    }
    const sample = /^(\w+)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\d+(?:\.\d+)?)$/.exec(line)
    assert.ok(sample !== null, line)
    const [, name, labels = '', value] = sample
    const series = name + labels
    assert.ok(kinds.has(name) || kinds.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram', line)
    assert.ok(!values.has(series), `${series} twice`)
    values.set(series, Number(value))
  }
  return values
}

describe('metrics', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const scrape = (sync, authorization, method = 'GET') =>
    sync.handlers.metrics(
      new Request('http://shop/metrics', { method, headers: authorization === undefined ? {} : { authorization } }),
    )

  test('tell what GHL received, and no more', async () => {
    const sync = await shop.open()
    const sent = await shop.mock.during(async () => {
      const { state } = await sync.createOrder(order('measured'))
      assert.equal(state, 'synced')
    })
    const asked = await shop.mock.during(async () => assert.ok((await sync.metrics()).length > 0))
    assert.deepEqual(asked, [], 'GHL is not asked')
    const values = read(await sync.metrics())
    let calls = 0
    for (const [series, value] of values) if (series.startsWith('ghlkit_calls_total{')) calls += value
    assert.equal(calls, sent.length, 'each request was one call')
    assert.equal(values.get('ghlkit_calls_total{method="POST",route="/contacts/",code="ok"}'), 1)
    assert.equal(values.get('ghlkit_jobs{state="dead"}'), 0)
    assert.equal(values.get('ghlkit_database_up'), 1)
    assert.ok(values.get('ghlkit_rate_headroom') > 0)
    assert.ok([...values.keys()].every((series) => !series.includes('location=')))
    const all = read(await sync.metrics({ locations: true }))
    assert.ok([...all.keys()].some((series) => series.startsWith('ghlkit_rate_headroom{location="')))
    await refused(() => sync.metrics({ nonsense: 1 }), 'invalid_argument', 'nonsense')
    await sync.close()
  })

  test('count webhooks by their verdict', async () => {
    const sync = await shop.open({ worker: false })
    const body = JSON.stringify({ type: 'NoteCreate', webhookId: 'm1' })
    const headers = ghlkit.webhooks.generateTestHeaders(body, { hmac: SECRET })
    const post = (given) => sync.handlers.webhook(new Request('http://shop/', { method: 'POST', body, headers: given }))
    await post(headers)
    await post(headers)
    await post({ 'content-type': 'application/json' })
    const values = read(await sync.metrics())
    for (const verdict of ['accepted', 'seen', 'signature']) {
      assert.equal(values.get(`ghlkit_webhooks_total{verdict="${verdict}"}`), 1, verdict)
    }
    await sync.drain()
    assert.equal(read(await sync.metrics()).get('ghlkit_webhook_apply_seconds_count'), 1)
    await sync.close()
  })

  test('have a route for Prometheus, for everyone or behind a token', async () => {
    const open = await shop.open({ worker: false })
    const answer = await scrape(open)
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
    read(await answer.text())
    assert.equal((await scrape(open, undefined, 'POST')).status, 405)
    await open.close()
    assert.equal((await scrape(open)).status, 503)
    for (const options of [{ metricsToken: 't0ken' }, { env: { GHLKIT_METRICS_TOKEN: 't0ken' } }]) {
      const sync = await shop.open({ worker: false, ...options })
      assert.equal((await scrape(sync)).status, 401)
      assert.equal((await scrape(sync, 'Bearer other')).status, 401)
      assert.equal((await scrape(sync, 'Bearer t0ken')).status, 200)
      await sync.close()
    }
  })
})

test('a receiver counts its webhooks by what became of them', async () => {
  const receiver = ghlkit.webhooks.receiver({ hmac: 's' })
  receiver.on('NoteDelete', () => {
    throw new Error('no')
  })
  const post = (type, webhookId, secret = 's') => {
    const body = JSON.stringify({ type, webhookId })
    return receiver.receive(body, ghlkit.webhooks.generateTestHeaders(body, { hmac: secret }))
  }
  await post('NoteCreate', 'r1')
  await post('NoteCreate', 'r1')
  await post('NoteCreate', 'r2', 'wrong')
  await post('NoteDelete', 'r3')
  assert.deepEqual(receiver.verdicts(), { accepted: 1, seen: 1, signature: 1, handler_failed: 1 })
})
