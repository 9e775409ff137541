// Replies that are none, byte by byte over sockets: each a typed error in bounded time and memory, without a secret.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { afterEach, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, ON_NODE } from './support/package.mjs'
import { Raw } from './support/raw.mjs'
import { until } from './support/until.mjs'

const TRACE = '0c52e980-41f6-4be7-8c4b-32b6bd1d2a9c'
const MB = 1024 * 1024

const answered = (status, body, headers = '') =>
  `HTTP/1.1 ${status}\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Nothing that a log may hold of it has a canary in it: neither what was sent nor what came. */
function assertClean(error) {
  const told = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), error.stack, String(error)]
  for (let cause = error.cause; cause; cause = cause.cause) told.push(inspect(cause, { depth: 9, showHidden: true }))
  assert.doesNotMatch(told.join('\n'), /canary|Bearer/i)
}

/** Node's `fetch` may hold another connection ready for seconds. */
const closed = (raw) => ON_NODE && until(() => raw.open === 0, 'the connections are closed')

describe('replies that are none', () => {
  const servers = []
  afterEach(() => servers.splice(0).forEach((server) => server.stop()))

  const start = async (...pieces) => {
    const raw = await Raw.start(...pieces)
    servers.push(raw)
    return raw
  }
  const options = { timeoutMs: 10_000, maxRetries: 0 }
  const clientOf = (raw) =>
    new ghlkit.Ghl({ token: 'pit-canary', locationId: 'loc1', baseUrl: raw.url, maxReplyBytes: MB, searchLagMs: 0 })
  const read = (raw, code, more = {}) => refused(() => clientOf(raw).contacts.get('con1', { ...options, ...more }), code)
  // It has no way to look what became of it.
  const send = (raw, code, more = {}) => {
    const message = { type: 'SMS', contactId: 'con1', message: 'canary' }
    return refused(() => clientOf(raw).messages.send(message, { ...options, ...more }), code)
  }

  test('that cannot be read are told by their trace', async () => {
    for (const [body, traceId] of [
      ['<html>canary</html>', undefined],
      ['', undefined],
      ['['.repeat(500_000), undefined],
      [`{"contact":{"id":{"canary":1}},"traceId":"${TRACE}"}`, TRACE],
      [`{"contact":{"id":"con1","tags":"canary"},"traceId":"${TRACE}"}`, TRACE],
      [`{"traceId":"${TRACE}","contact":{"id":"canary`, TRACE],
      ['{"contact":5,"traceId":"canary"}', undefined],
    ]) {
      const raw = await start(answered('200 OK', body))
      const error = await read(raw, 'unexpected_reply')
      assert.deepEqual([error.status, error.traceId, error.retryable], [200, traceId, false], body.slice(0, 80))
      assertClean(error)
      assert.equal(raw.requests.length, 1)
    }
  })

  test('that end too early, or are no HTTP, may have been acted on', async () => {
    for (const answer of [
      [],
      ['canary'],
      ['HTTP/1.1 200 OK\r\ncontent-le'],
      ['HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"contact":{"id":"canary"'],
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{"contact":"canary"'],
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ncanary\r\n'],
      ['HTTP/1.1 200 OK\r\nx-canary: ', { flood: 100 * MB }],
    ]) {
      const raw = await start(...answer)
      const error = await read(raw, 'network')
      assert.deepEqual([error.delivery, error.retryable], ['unknown', true], inspect(answer))
      assertClean(error)
      const unknown = await send(raw, 'outcome_unknown')
      assert.equal(unknown.delivery, 'unknown')
      assertClean(unknown)
      assert.equal(raw.requests.length, 2, inspect(answer))
      assert.ok(raw.written < 40 * MB, `${raw.written} bytes were taken`)
    }
  })

  test('of 100 MB are read no further than their limit', async () => {
    for (const head of [
      'HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
      'HTTP/1.1 422 No\r\ntransfer-encoding: chunked\r\n\r\n6400000\r\n',
    ]) {
      const raw = await start(head, { flood: 100 * MB })
      const before = process.memoryUsage.rss()
      const error = await read(raw, 'unexpected_reply')
      assert.match(error.message, /1048576 bytes/)
      assertClean(error)
      await closed(raw)
      assert.ok(raw.written < 24 * MB, `${raw.written} bytes were taken`)
      const grown = process.memoryUsage.rss() - before
      assert.ok(grown < 80 * MB, `${Math.round(grown / MB)} MB are held`)
    }
  })

  test('that never end are left at the time-out', async () => {
    for (const answer of [
      ['silence'],
      ['HTTP/1.1 200 OK\r\n', { trickle: 'x-canary: canary\r\n' }],
      ['HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', { trickle: ' ' }],
      ['HTTP/1.1 200 OK\r\n\r\n{"contact":"', { trickle: 'canary' }],
    ]) {
      const raw = await start(...answer)
      const begun = performance.now()
      const error = await read(raw, 'timeout', { timeoutMs: 300 })
      const took = performance.now() - begun
      assert.ok(took >= 290 && took < 10_000, `${inspect(answer)} took ${took} ms`)
      assert.equal(error.delivery, 'unknown')
      assertClean(error)
      assertClean(await send(raw, 'outcome_unknown', { timeoutMs: 300 }))
      await closed(raw)
    }
  })

  test('that lead elsewhere are not followed, and no credential goes there', async () => {
    const other = await start(answered('200 OK', '{"contact":{"id":"con1"}}'))
    for (const status of [301, 302, 303, 307, 308]) {
      for (const place of [`${other.url}/`, `//127.0.0.1:${other.port}/`, `http://localhost:${other.port}/`]) {
        const raw = await start(answered(`${status} Elsewhere`, '', `location: ${place}\r\n`))
        const error = await read(raw, 'unexpected_reply')
        assert.match(error.message, /not followed/)
        assertClean(error)
        await send(raw, 'outcome_unknown')
        assert.equal(raw.requests.length, 2)
        if (ON_NODE) assert.match(raw.requests[0], /^authorization: Bearer pit-canary\r$/im)
      }
    }
    assert.deepEqual([other.connections, other.requests], [0, []])
  })
})
