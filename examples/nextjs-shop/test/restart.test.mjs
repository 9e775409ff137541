// A shop that is killed loses nothing and does nothing twice.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { sample } from '../scripts/samples.mjs'
import { open, until } from './support.mjs'

const ORDERS = 24

describe('a shop that is killed', () => {
  let shop
  before(async () => {
    shop = await open({ env: { SHOP_SYNC: '{"leaseMs":8000,"callTimeoutMs":2000,"searchLagMs":1000}' } })
  })
  after(() => shop.stop())

  test('knows all orders that it has taken, and each is in GHL once', async () => {
    // Slow enough for the end to come in the middle of everything.
    await shop.steer('faults', { latency_ms: [20, 60] })
    const place = async (index) => {
      const answer = await shop.post('/api/orders', sample(index), { 'idempotency-key': `restart-${index}` })
      assert.ok(answer.ok, await answer.clone().text())
      return (await answer.json()).orderNumber
    }
    const indices = Array.from({ length: ORDERS }, (_, index) => index)
    const first = indices.map((index) => place(index).catch(() => undefined))
    await until(async () => (await shop.ghl()).opportunities.length >= 2, 'some cards')
    await shop.kill()
    const taken = (await Promise.all(first)).filter((number) => number !== undefined)
    const [{ count }] = await shop.rows('SELECT count(*)::int AS count FROM ghlkit_orders WHERE pushed_version < version')
    assert.ok(count > 0, 'something was left to do')

    // An order of which the shop had written its own row, and no more.
    const [{ order_number: orphan }] = await shop.rows(
      `INSERT INTO orders (request_key, details) SELECT 'orphan', jsonb_set(details, '{customer,email}', '"orphan@example.com"')
       FROM orders ORDER BY order_number LIMIT 1 RETURNING order_number`,
    )
    await shop.start()
    // Who got no answer asks again.
    const again = await Promise.all(indices.map(place))
    assert.equal(new Set(again).size, ORDERS)
    for (const number of taken) assert.ok(again.includes(number))
    const names = [...again, orphan].map((number) => `Order #${number}`).sort()
    const cards = async () => (await shop.ghl()).opportunities.map(({ name }) => name).sort()
    await until(async () => (await cards()).length >= names.length, 'all cards', 60_000)
    await until(async () => {
      const [{ left }] = await shop.rows(`SELECT count(*)::int AS left FROM ghlkit_jobs WHERE state <> 'done'`)
      return left === 0
    }, 'the end of all work', 60_000)
    assert.deepEqual(await cards(), names)
    const { contacts } = await shop.ghl()
    assert.equal(new Set(contacts.map(({ email }) => email)).size, contacts.length)
    assert.equal((await shop.rows('SELECT 1 FROM orders')).length, names.length)
  })
})
