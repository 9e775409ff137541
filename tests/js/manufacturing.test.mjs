import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

describe('manufacturing progress', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const making = async (sync, id) => {
    const created = await sync.createOrder(order(id, { customer: { firstName: 'Aino', email: `${id}@example.com` } }))
    assert.equal((await sync.updateStatus(id, 'manufacturing')).state, 'synced')
    return created
  }

  const fields = async (contactId) => {
    const { contacts } = await shop.mock.state()
    return contacts.find((one) => one.id === contactId).fieldsByKey
  }

  test('reaches the contact, tells each milestone once, and at 100 the order goes on', async () => {
    const sync = await shop.open()
    const heard = []
    sync.on('milestone', (event) => heard.push([event.orderId, event.payload.milestone, event.payload.progress]))
    const { contactId } = await making(sync, 'mfg')
    assert.equal((await sync.setManufacturingProgress('mfg', 50)).state, 'synced')
    const { manufacturing_progress: made, progress_percentage: overall } = await fields(contactId)
    assert.deepEqual([`${made}`, `${overall}`], ['50', '58'])
    const error = await refused(() => sync.setManufacturingProgress('mfg', 49), 'transition_refused', 'percent')
    assert.ok(error instanceof ghlkit.TransitionError)
    assert.equal((await sync.setManufacturingProgress('mfg', 100)).state, 'synced')
    assert.equal((await sync.order('mfg')).status, 'quality_check')
    await until(() => heard.length === 4, 'four milestones')
    assert.deepEqual(heard, [
      ['mfg', 25, 58],
      ['mfg', 50, 58],
      ['mfg', 75, 65],
      ['mfg', 100, 65],
    ])
    await sync.close()
  })

  test('refuses what is no whole percentage, and writes nothing', async () => {
    const sync = await shop.open()
    await making(sync, 'bad')
    for (const percent of [-1, 101, 33.3, NaN, Infinity, '50', null, undefined, 5n, {}]) {
      await refused(() => sync.setManufacturingProgress('bad', percent), 'invalid_argument', 'percent')
    }
    await refused(() => sync.setManufacturingProgress('nosuch', 5), 'order_not_found')
    await refused(() => sync.pullManufacturing('plant'), 'invalid_argument', 'source')
    await refused(() => sync.pullManufacturing(() => 1, { timeoutMs: 0 }), 'invalid_argument', 'timeoutMs')
    await refused(() => sync.pullManufacturing(() => 1, { patience: 1 }), 'invalid_argument', 'patience')
    await refused(() => sync.orders({ status: 'paid' }), 'invalid_argument', 'status')
    assert.equal((await sync.order('bad')).manufacturingProgress, undefined)
    await sync.updateStatus('bad', 'shipped')
    await refused(() => sync.setManufacturingProgress('bad', 50), 'transition_refused', 'status')
    await sync.close()
  })

  test('is pulled for the orders in manufacturing, and one failure concerns one order', async () => {
    const sync = await shop.open()
    const told = { one: 30, none: null, late: 'never', wrong: 200 }
    for (const id of [...Object.keys(told), 'thrown', 'later']) await making(sync, id)
    await sync.updateStatus('later', 'shipped')
    const asked = []
    const source = (id, signal) => {
      asked.push(id)
      if (id === 'thrown') throw new Error('the plant is on fire')
      return told[id] === 'never' ? new Promise((_, no) => signal.addEventListener('abort', () => no(1))) : told[id]
    }
    const pulled = await sync.pullManufacturing(source, { timeoutMs: 200 })
    assert.deepEqual(asked.sort(), ['late', 'none', 'one', 'thrown', 'wrong'])
    assert.deepEqual([pulled.asked, pulled.changed, pulled.failed, pulled.more], [5, 1, 3, false])
    const why = Object.fromEntries(pulled.failures.map(({ orderId, error }) => [orderId, error.code ?? error.message]))
    assert.deepEqual(why, { late: 'timeout', thrown: 'the plant is on fire', wrong: 'invalid_argument' })
    assert.equal((await sync.order('one')).manufacturingProgress, 30)
    assert.deepEqual(
      (await sync.orders({ status: 'manufacturing' })).map((row) => row.id),
      ['late', 'none', 'one', 'thrown', 'wrong'],
    )
    const ended = await sync.pullManufacturing(source, { deadlineMs: 0 })
    assert.deepEqual([ended.asked, ended.more], [0, true])
    const given = await sync.pullManufacturing(source, { signal: AbortSignal.abort() })
    assert.deepEqual([given.asked, given.more], [0, true])
    await sync.close()
  })
})
