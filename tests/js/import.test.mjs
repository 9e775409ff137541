// Existing orders, many at once.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'

describe('an import', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const existing = (id, changes) => order(`i${id}`, { status: 'shipped', ...changes })

  test('takes what is given once, chunk by chunk, and tells how far it has come', async () => {
    const sync = await shop.open({ worker: false })
    let made = 0
    let inMemory = 0
    async function* cursor(count) {
      for (let id = 0; id < count; id++) {
        made++
        inMemory = Math.max(inMemory, made - written)
        yield existing(id)
      }
    }
    let written = 0
    const told = []
    const onProgress = (progress) => {
      told.push(progress)
      written = progress.done
    }
    const done = await sync.import(cursor(250), { total: 250, everyMs: 0, onProgress })
    assert.deepEqual([done.done, done.imported, done.skipped, done.failed, done.leftMs], [250, 250, 0, 0, 0])
    assert.deepEqual(told.map(({ done }) => done), [100, 200, 250])
    assert.ok(told.every(({ perSecond, total }) => perSecond > 0 && total === 250))
    assert.ok(told[0].leftMs > 0)
    assert.ok(inMemory <= 101, `${inMemory} orders were held at a time`)

    const again = await sync.import(Array.from({ length: 252 }, (_, id) => existing(id)))
    assert.deepEqual([again.imported, again.skipped, again.total], [2, 250, 252])
    assert.equal((await sync.jobs({ state: 'waiting', limit: 1000 })).length, 252)
    const { passes } = await sync.drain({ max: 2 })
    assert.equal(passes, 2)
    assert.equal((await sync.order('i0')).status, 'shipped')
    await sync.close()
  })

  test('tells of each order that is refused, and ends only when asked', async () => {
    const sync = await shop.open({ worker: false })
    const orders = Array.from({ length: 150 }, (_, id) => existing(id))
    orders[3] = order('i3')
    orders[120] = existing(120, { customer: { ...orders[120].customer, email: 'nobody' } })
    const failures = []
    const done = await sync.import(orders, { onError: (failure) => failures.push(failure) })
    assert.deepEqual([done.imported, done.failed], [148, 2])
    assert.deepEqual(
      failures.map(({ index, error }) => [index, error.code, error.field]),
      [
        [3, 'invalid_argument', 'status'],
        [120, 'invalid_argument', 'customer.email'],
      ],
    )
    const enough = new Error('enough')
    const ended = sync.import([order('j0'), ...Array.from({ length: 200 }, (_, id) => existing(1000 + id))], {
      onError: () => {
        throw enough
      },
    })
    await assert.rejects(ended, enough)
    assert.equal((await sync.order('i1098')).status, 'shipped')
    await refused(() => sync.order('i1099'), 'order_not_found')
    await sync.close()
  })

  test('ends with its signal and keeps what it has done', async () => {
    const sync = await shop.open({ worker: false })
    const stop = new AbortController()
    const orders = Array.from({ length: 300 }, (_, id) => existing(id))
    const ended = sync.import(orders, { signal: stop.signal, onProgress: () => stop.abort('enough') })
    const error = await refused(() => ended, 'aborted')
    assert.equal(error.cause, 'enough')
    assert.equal((await sync.order('i99')).status, 'shipped')
    await refused(() => sync.order('i100'), 'order_not_found')
    await sync.close()
    await refused(() => sync.import([]), 'invalid_argument', 'sync')
  })

  test('names what is wrong with its arguments', async () => {
    const sync = await shop.open({ worker: false })
    await refused(() => sync.import(), 'invalid_argument', 'orders')
    await refused(() => sync.import(5), 'invalid_argument', 'orders')
    await refused(() => sync.import([existing(0)], { everyMs: -1 }), 'invalid_argument', 'everyMs')
    await refused(() => sync.import([], { total: 0.5 }), 'invalid_argument', 'total')
    await refused(() => sync.import([], { onError: true }), 'invalid_argument', 'onError')
    await refused(() => sync.import([], { onProgress: 1 }), 'invalid_argument', 'onProgress')
    await refused(() => sync.import([], { signal: {} }), 'invalid_argument', 'signal')
    await refused(() => sync.import([], { every: 1 }), 'invalid_argument', 'every')
    await refused(() => sync.import([existing(0), () => {}]), 'invalid_argument', 'orders[1]')
    assert.deepEqual(await sync.jobs(), [])
    await sync.close()
  })
})
