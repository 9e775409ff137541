import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { startMock } from './support/mock.mjs'
import { ghlkit } from './support/package.mjs'
import { until } from './support/until.mjs'

/** A signal that counts who listens to it. */
function counted() {
  const controller = new AbortController()
  const { signal } = controller
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args) => (listeners++, addEventListener.apply(signal, args))
  signal.removeEventListener = (...args) => (listeners--, removeEventListener.apply(signal, args))
  return { controller, signal, listeners: () => listeners }
}

describe('a call that is cancelled', () => {
  let mock, ghl
  before(async () => {
    mock = await startMock('--limit', '0')
    ghl = new ghlkit.Ghl(mock.options)
  })

  test('before it begins, nothing is sent', async () => {
    const reason = new Error('changed my mind')
    const sent = await mock.during(async () => {
      const error = await refused(() => ghl.locations.get({ signal: AbortSignal.abort(reason) }), 'aborted')
      assert.ok(error instanceof ghlkit.AbortedError)
      assert.equal(error.cause, reason)
      assert.equal(error.delivery, 'not_sent')
    })
    assert.equal(sent.length, 0)
  })

  test('while GHL is silent, it ends at once with the reason', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', latency_ms: 60_000 })
    const { controller, signal, listeners } = counted()
    const call = ghl.locations.get({ signal })
    const outcome = refused(() => call, 'aborted')
    await until(() => listeners() === 1, 'the call to begin')
    controller.abort('too slow')
    const error = await outcome
    assert.equal(error.cause, 'too slow')
    assert.equal(error.delivery, 'unknown')
    assert.equal(listeners(), 0)
  })

  test('while it waits for its next try, no try follows', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', fault: { status: 500 } })
    const controller = new AbortController()
    const sent = await mock.during(async () => {
      const before = (await mock.received()).length
      const outcome = refused(() => ghl.locations.get({ signal: controller.signal }), 'aborted')
      await until(async () => (await mock.received()).length > before, 'the first try')
      controller.abort()
      const error = await outcome
      assert.equal(error.cause.name, 'AbortError')
    })
    assert.deepEqual(
      sent.map(({ fault }) => fault),
      ['Status(500)'],
    )
  })

  test('after it has ended, nothing happens', async () => {
    const { controller, signal, listeners } = counted()
    const location = await ghl.locations.get({ signal })
    assert.equal(listeners(), 0)
    controller.abort()
    assert.equal(location.name, 'Sauna Shop')
  })

  test('one signal serves many calls', async () => {
    const { controller, signal, listeners } = counted()
    await mock.faults(...[1, 2, 3].map((nth) => ({ nth, method: 'GET', path: '/locations/', latency_ms: 60_000 })))
    const calls = [1, 2, 3].map(() => refused(() => ghl.locations.get({ signal }), 'aborted'))
    await until(() => listeners() === 3, 'the calls to begin')
    controller.abort()
    await Promise.all(calls)
    assert.equal(listeners(), 0)
  })

  test('a failure for another reason is that', async () => {
    const { signal, listeners } = counted()
    await refused(() => ghl.contacts.get('nosuchcontact00000000', { signal }), 'not_found')
    assert.equal(listeners(), 0)
  })

  test('by the hundred, in silence, no socket is left', async () => {
    // Several clients, so that none waits for its limit.
    const clients = Array.from({ length: 4 }, () => new ghlkit.Ghl(mock.options))
    await mock.plan({ seed: 1, stall_before: 0.34, stall_within: 0.5, stall_after: 1 })
    const ways = ['aborted', 'timeout']
    const calls = Array.from({ length: 300 }, (_, nth) => {
      const timeout = nth % 2 === 1
      const options = timeout ? { timeoutMs: 100, maxRetries: 0 } : { signal: AbortSignal.timeout(nth % 100) }
      return refused(() => clients[nth % 4].locations.get(options), ways[nth % 2])
    })
    await Promise.all(calls)
    await until(async () => (await mock.connections()).waiting === 0, 'the sockets to be closed')
    await mock.plan({})
    assert.equal((await clients[0].locations.get()).name, 'Sauna Shop')
  })

  test('by something that is no signal, it is refused', async () => {
    for (const signal of [null, 5, 'abort', {}, { aborted: true }, new AbortController()]) {
      await refused(() => ghl.locations.get({ signal }), 'invalid_argument', 'signal')
    }
  })
})
