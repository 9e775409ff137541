import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'

describe('health', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const route = (sync, method = 'GET') => sync.handlers.health(new Request('http://shop/api/health/crm', { method }))

  test('is good while orders reach GHL, and is told in the form that monitors read', async () => {
    const sync = await shop.open()
    await sync.createOrder(order('healthy'))
    const health = await sync.health()
    assert.equal(health.status, 'healthy', JSON.stringify(health))
    assert.deepEqual(Object.keys(health.checks).sort(), ['ghl_api', 'last_sync', 'sync_queue', 'webhook_listener'])
    assert.ok(Object.values(health.checks).every(({ status, detail }) => status === 'ok' && detail !== ''))
    assert.ok(Math.abs(Date.parse(health.timestamp) - Date.now()) < 60_000)
    const answer = await route(sync)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal((await answer.json()).status, 'healthy')
    assert.equal((await route(sync, 'POST')).status, 405)
    await sync.close()
  })

  test('is bad where GHL cannot be reached, and says which part', async () => {
    const sync = await shop.open({ worker: false, baseUrl: 'http://127.0.0.1:9' })
    const health = await sync.health()
    assert.deepEqual([health.status, health.checks.ghl_api.status], ['degraded', 'failing'])
    assert.match(health.checks.ghl_api.detail, /network/)
    assert.equal(health.checks.sync_queue.status, 'ok')
    assert.equal((await route(sync)).status, 503)
    await sync.close()
  })

  test('counts what was given up where it is asked to', async () => {
    const sync = await shop.open()
    await refused(() => sync.health({ dead: -1 }), 'invalid_argument', 'dead')
    await refused(() => sync.health({ queueMs: 'soon' }), 'invalid_argument', 'queueMs')
    assert.equal((await sync.health({ dead: 0, queueMs: 1_000 })).checks.sync_queue.status, 'ok')
    await sync.close()
    await refused(() => sync.health(), 'invalid_argument', 'sync')
    assert.equal((await route(sync)).status, 503)
  })

  test('takes its limits from the options, and a call may say otherwise', async () => {
    const sync = await shop.open({ worker: false, health: { queueMs: 0 } })
    await sync.createOrder(order('late'), { waitMs: 0 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal((await sync.health()).checks.sync_queue.status, 'failing')
    assert.equal((await route(sync)).status, 503)
    assert.equal((await sync.health({ queueMs: 60_000 })).checks.sync_queue.status, 'ok')
    await sync.close()
    const wrong = await shop.open({ worker: false, health: { queueMs: -1 } })
    await refused(() => wrong.health(), 'invalid_argument', 'queueMs')
    await wrong.close()
  })

  test('asks GHL nothing while calls have shown how it is', async () => {
    const sync = await shop.open()
    const first = await shop.mock.during(async () => assert.equal((await sync.health()).checks.ghl_api.status, 'ok'))
    assert.equal(first.length, 1)
    const more = await shop.mock.during(async () => {
      const all = await Promise.all(Array.from({ length: 50 }, () => sync.health()))
      assert.ok(all.every(({ checks }) => checks.ghl_api.status === 'ok'))
    })
    assert.deepEqual(more, [])
    await sync.close()
  })

  test('has a route beside it that only tells that the process lives', async () => {
    const sync = await shop.open({ worker: false, baseUrl: 'http://127.0.0.1:9' })
    const live = (method = 'GET') => sync.handlers.live(new Request('http://shop/api/live', { method }))
    assert.equal((await live()).status, 200)
    assert.deepEqual(await (await live()).json(), { status: 'live' })
    assert.equal((await live('POST')).status, 405)
    await sync.close()
    assert.equal((await live()).status, 503)
  })
})
