import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { database, order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const { OrderSync } = ghlkit

/** Due every second. */
const OFTEN = '* * * * * *'

describe('schedules', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  test('are called by the clock while the worker runs, and not once they are ended', async () => {
    const sync = await shop.open()
    const firings = []
    const end = await sync.schedule('often', OFTEN, (firing) => firings.push(firing))
    await until(() => firings.length >= 2, 'two firings')
    end()
    const due = firings.map((firing) => firing.dueAt)
    assert.deepEqual(
      due,
      [...new Set(due)].sort((a, b) => a - b),
      'each once, in order',
    )
    assert.ok(firings.every(({ name, dueAt }) => name === 'often' && dueAt % 1000 === 0 && dueAt <= Date.now()))
    await sync.close()
  })

  test('are done by tick where no worker runs, each in one process of a database', async () => {
    const databaseUrl = database()
    const one = await shop.open({ databaseUrl, worker: false })
    let called = 0
    await one.schedule('often', OFTEN, () => called++)
    assert.deepEqual((await one.tick()).fired, [], 'a new one waits for its time')
    await until(async () => (await one.tick()).fired.length === 1, 'a firing')
    const before = called
    const ticks = await Promise.all([one.tick(), one.tick(), one.tick()])
    assert.ok(called - before <= 1, 'ticks at the same time are one')
    assert.ok(ticks.every(({ nextAt }) => nextAt > Date.now() - 1000))
    await one.close()
  })

  test('that fail are told and called again the next time', async () => {
    const sync = await shop.open({ worker: false })
    const failure = new Error('no plant')
    await sync.schedule('fails', OFTEN, () => Promise.reject(failure))
    const ticked = await until(async () => {
      const ticked = await sync.tick()
      return ticked.failed.length > 0 && ticked
    }, 'a failure')
    assert.deepEqual(ticked.failed, [{ name: 'fails', error: failure }])
    await until(async () => (await sync.tick()).failed.length > 0, 'another')
    await sync.close()
  })

  test('that are wrong are refused by what is wrong', async () => {
    const sync = await shop.open({ worker: false })
    const nothing = () => {}
    await refused(() => sync.schedule('', OFTEN, nothing), 'invalid_argument', 'name')
    await refused(() => sync.schedule(7, OFTEN, nothing), 'invalid_argument', 'name')
    await refused(() => sync.schedule('x', 'every day', nothing), 'invalid_argument', 'cron')
    await refused(() => sync.schedule('x', '0 0 30 2 *', nothing), 'invalid_argument', 'cron')
    await refused(() => sync.schedule('x', OFTEN, 'nothing'), 'invalid_argument', 'handler')
    await refused(() => sync.schedule('x', OFTEN, nothing, { timeZone: 'Mars' }), 'invalid_argument', 'timeZone')
    await refused(() => sync.schedule('x', OFTEN, nothing, { zone: 'UTC' }), 'invalid_argument', 'zone')
    assert.deepEqual((await sync.tick()).fired, [])
    await sync.close()
    await refused(() => sync.schedule('x', OFTEN, nothing), 'invalid_argument', 'sync')
  })
})

describe('a cron route', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const call = (sync, authorization, method = 'GET') =>
    sync.handlers.cron(new Request('http://shop/api/cron', { method, headers: authorization ? { authorization } : {} }))

  test('does what is due for whoever has the secret, and nothing for others', async () => {
    const sync = await shop.open({ worker: false, cronSecret: 's3cret' })
    await sync.createOrder(order('route'), { waitMs: 0 })
    for (const wrong of [undefined, 's3cret', 'Bearer', 'Bearer s3cre', 'Bearer s3cretx', 'bearer s3cret', 'Basic s3cret']) {
      const refusal = await call(sync, wrong)
      assert.equal(refusal.status, 401, `${wrong}`)
      assert.equal((await refusal.json()).code, 'unauthorized')
    }
    assert.equal((await call(sync, 'Bearer s3cret', 'PUT')).status, 405)
    assert.equal((await sync.jobs({ state: 'waiting' })).length, 1, 'nothing was done')
    const done = await call(sync, 'Bearer s3cret')
    assert.deepEqual([done.status, (await done.json()).passes], [200, 1])
    assert.equal((await sync.jobs({ state: 'done' })).length, 1)
    await sync.close()
  })

  test('without a secret is closed, and takes it from the environment', async () => {
    const closed = await shop.open({ worker: false })
    assert.equal((await call(closed, 'Bearer ')).status, 503)
    await closed.close()
    const empty = await shop.open({ worker: false, cronSecret: '' })
    assert.equal((await call(empty, 'Bearer ')).status, 503, 'an empty secret is none')
    await empty.close()
    const sync = await shop.open({ worker: false, env: { CRON_SECRET: 'from-env' } })
    assert.equal((await call(sync, 'Bearer from-env')).status, 200)
    await sync.close()
    await refused(() => OrderSync.open({ ...shop.options(), cronSecret: 7 }), 'invalid_argument', 'cronSecret')
  })
})
