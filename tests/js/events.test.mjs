import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { capped, until } from './support/until.mjs'

describe('events of an engine', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  /** Waits for no GHL: the events tell of what the shop did. */
  const now = { waitMs: 0 }

  /** Waits for an event that was given back. The worker takes half a minute before it offers again; a drain does so at once. */
  const offeredAgain = (sync, seen, what) => until(async () => (await sync.drain()) && seen(), what)

  test('reach the handlers of their type and of all types, until these are taken off', async () => {
    const sync = await shop.open()
    const typed = []
    const every = []
    const other = []
    const off = sync.on('status_changed', ({ payload }) => typed.push(payload.status))
    const all = ({ payload }) => every.push(payload.status)
    sync.onAny(all)
    sync.on('sync_failed', () => other.push(1))
    await sync.createOrder(order('a'), now)
    await until(() => every.length === 1, 'the first event')
    off()
    await sync.updateStatus('a', 'processing', now)
    await until(() => every.length === 2, 'the second event')
    sync.off('*', all)
    const last = []
    sync.on('status_changed', ({ payload }) => last.push(payload.status))
    await sync.updateStatus('a', 'shipped', now)
    await until(() => last.length === 1, 'the third event')
    assert.deepEqual([typed, every, other, last], [['order_placed'], ['order_placed', 'processing'], [], ['shipped']])
    await sync.close()
  })

  test('that a handler fails on are offered again, to all', async () => {
    const sync = await shop.open()
    const warnings = []
    const warned = (warning) => warnings.push(warning.message)
    process.on('warning', warned)
    const seen = []
    const steady = []
    sync.onAny((event) => steady.push(event.position))
    sync.on('status_changed', async (event) => {
      seen.push(event.position)
      if (seen.length === 1) throw new Error('the mail server is down')
      if (seen.length === 2) await Promise.reject(new Error('still down'))
    })
    await sync.createOrder(order('again'), now)
    await offeredAgain(sync, () => seen.length === 3, 'the third offer')
    assert.equal(new Set(seen).size, 1, 'it is the same event')
    await sync.updateStatus('again', 'shipped', now)
    await offeredAgain(sync, () => seen.length === 4, 'the next event')
    assert.notEqual(seen[3], seen[2])
    assert.deepEqual(new Set(steady), new Set(seen))
    process.off('warning', warned)
    assert.ok(
      warnings.some((message) => message.includes('the mail server is down')),
      `${warnings}`,
    )
    await sync.close()
  })

  test('are read by a loop, in order', async () => {
    const sync = await shop.open()
    const events = sync.events()
    await sync.createOrder(order('loop'), now)
    for (const status of ['processing', 'manufacturing', 'shipped']) await sync.updateStatus('loop', status, now)
    const seen = []
    const reading = async () => {
      for await (const { payload } of events) {
        seen.push(payload.status)
        if (payload.status === 'shipped') break
      }
    }
    await capped(reading(), 'the last event')
    assert.deepEqual(seen, ['order_placed', 'processing', 'manufacturing', 'shipped'])
    assert.deepEqual(await events.next(), { done: true, value: undefined })
    await sync.close()
  })

  test('that a loop is left on were heard', async () => {
    const sync = await shop.open()
    const events = sync.events()
    await sync.createOrder(order('leave'), now)
    const reading = async () => {
      for await (const event of events) throw new Error(`the shop is on fire at ${event.payload.status}`)
    }
    await assert.rejects(capped(reading(), 'the event'), /on fire at order_placed/)
    const seen = []
    sync.onAny((event) => seen.push(event.payload.status))
    await sync.updateStatus('leave', 'shipped', now)
    await until(() => seen.length > 0, 'the next event')
    assert.deepEqual(seen, ['shipped'])
    await sync.close()
  })

  test('end with the engine, and what a loop is at work on is told', async () => {
    const sync = await shop.open()
    const working = sync.events()
    const waiting = sync.events()
    const handled = working.next()
    await sync.createOrder(order('end'), now)
    assert.equal((await capped(handled, 'the event')).value.orderId, 'end')
    assert.equal((await capped(waiting.next(), 'the event')).value.orderId, 'end')
    const next = waiting.next()
    const closing = sync.close()
    assert.deepEqual(await next, { done: true, value: undefined })
    assert.deepEqual(await working.next(), { done: true, value: undefined })
    await closing
  })

  test('that nobody listens to are not kept for later', async () => {
    const sync = await shop.open()
    await sync.createOrder(order('deaf'))
    const events = sync.events()
    await sync.updateStatus('deaf', 'shipped')
    const { value } = await capped(events.next(), 'the second event')
    assert.equal(value.payload.status, 'shipped')
    await events.return()
    await sync.close()
  })
})
