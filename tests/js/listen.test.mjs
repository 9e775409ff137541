import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'

import { refusedAtOnce } from './support/errors.mjs'
import { ghlkit, wasmOnly } from './support/package.mjs'
import { startPeer } from './support/peer.mjs'
import { until } from './support/until.mjs'

const TOKEN = 's0cket-5ecret'

describe('listening without an engine', wasmOnly, () => {
  // Node 20 has none of its own.
  const { WebSocket } = createRequire(new URL('../peers/socket-io.mjs', import.meta.url))('ws')

  /** A listener, and what it was told. */
  function listening(peer, options = {}, event = () => {}) {
    const told = { events: [], gaps: 0, errors: [] }
    const listener = {
      async event(given) {
        told.events.push(given)
        await event(given)
      },
      gap: () => void told.gaps++,
      error: (error, retryInMs) => void told.errors.push([error, retryInMs]),
    }
    const all = { url: `${peer.origin}/socket`, token: TOKEN, WebSocket, reconnectDelayMs: 40, reconnectDelayMaxMs: 40, ...options }
    return { told, end: ghlkit.listen(all, listener) }
  }
  const server = (options) => startPeer({ token: TOKEN, namespace: '/socket', ...options })
  const emit = (peer, from, count) =>
    peer.tell({ do: 'emit', event: 'contact.updated', args: [{ contactId: '#' }], from, count })

  test('hears every event once, through connections that break', async () => {
    const peer = await server({ recovery: true })
    const { told, end } = listening(peer)
    await until(() => told.gaps === 1, 'the first connection')
    for (let round = 0; round < 5; round++) {
      await emit(peer, round * 20, 10)
      await peer.tell({ do: 'drop' })
      await emit(peer, round * 20 + 10, 10)
      await until(() => told.events.length === (round + 1) * 20, 'the events')
      await until(async () => (await peer.tell({ do: 'seen' })).recovered === round + 1, 'the session again')
    }
    const expected = Array.from({ length: 100 }, (_, nth) => `${nth}`)
    assert.deepEqual(told.events.map(({ args }) => args[0].contactId), expected)
    assert.equal(told.gaps, 1)
    assert.ok(told.errors.every(([error, retry]) => error.code === 'network' && retry <= 40))
    end()
    peer.stop()
  })

  test('answers once the listener has, and tells a gap where nothing is recovered', async () => {
    const peer = await server({})
    let handled
    const { told, end } = listening(peer, { events: ['mine'] }, () => new Promise((resolve) => (handled = resolve)))
    await until(() => told.gaps === 1, 'the first connection')
    await emit(peer, 0, 1)
    const answered = peer.tell({ do: 'ask', event: 'mine', args: [1] })
    await until(() => handled, 'the event')
    handled()
    await answered
    assert.deepEqual(told.events.map(({ name }) => name), ['mine'])
    await peer.tell({ do: 'drop' })
    await until(() => told.gaps === 2, 'the gap')
    end()
    peer.stop()
  })

  test('gaps that wait for a slow listener are told once', async () => {
    const peer = await server({})
    let handled
    const { told, end } = listening(peer, {}, () => new Promise((resolve) => (handled = resolve)))
    await until(() => told.gaps === 1, 'the first connection')
    await emit(peer, 0, 1)
    await until(() => handled, 'the event')
    for (let joined = 2; joined <= 5; joined++) {
      await peer.tell({ do: 'drop' })
      await until(async () => (await peer.tell({ do: 'seen' })).joined === joined, 'the next connection')
    }
    // The client has heard of the last one once it answers.
    const answered = peer.tell({ do: 'ask', event: 'mine' })
    handled()
    await until(() => told.events.length === 2, 'the next event')
    handled()
    await answered
    assert.deepEqual([told.gaps, told.errors.length], [2, 4])
    end()
    peer.stop()
  })

  test('a wrong token is refused and not told', async () => {
    const peer = await server({})
    const { told, end } = listening(peer, { token: 'wr0ng' })
    const [[error]] = await until(() => told.errors.length > 0 && told.errors, 'the refusal')
    assert.equal(error.code, 'unauthorized')
    assert.doesNotMatch(error.message, /wr0ng/)
    end()
    peer.stop()
  })

  test('refuses what it cannot do', () => {
    const event = () => {}
    const listen = (options, listener = { event }) => ghlkit.listen({ WebSocket, ...options }, listener)
    refusedAtOnce(() => listen({}), 'config', 'url')
    refusedAtOnce(() => listen({ url: 'ws://relay.example.com' }), 'config', 'url')
    refusedAtOnce(() => listen({ url: 'wss://relay.example.com', tokenIn: 'header' }), 'config', 'tokenIn')
    refusedAtOnce(() => listen({ url: 'wss://relay.example.com', WebSocket: 7 }), 'invalid_argument', 'WebSocket')
    refusedAtOnce(() => listen({ url: 'wss://relay.example.com' }, {}), 'invalid_argument', 'listener.event')
  })
})
