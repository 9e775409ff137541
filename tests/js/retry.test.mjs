// Operations of one's own, repeated.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'

const { GhlError, retry } = ghlkit

/** An operation that fails with each of these errors in turn, and then gives the number of its try. */
function failing(...errors) {
  const tries = []
  const operation = async (attempt) => {
    tries.push(attempt)
    const error = errors[tries.length - 1]
    if (error !== undefined) throw error
    return attempt
  }
  return { operation, tries }
}

const failure = (details) =>
  new GhlError({ code: 'network', message: 'down', retryable: true, delivery: 'not_sent', ...details })

describe('retry', () => {
  test('tries again what may pass, and tells of each failure', async () => {
    const [first, second] = [new TypeError('fetch failed'), failure()]
    const { operation, tries } = failing(first, second)
    const told = []
    const onFailure = (error, failed) => told.push([error, failed])
    assert.equal(await retry(operation, { baseMs: 4, onFailure }), 3)
    assert.deepEqual(tries, [1, 2, 3])
    assert.deepEqual(told.map(([error, { attempt }]) => [error, attempt]), [[first, 1], [second, 2]])
    assert.ok(told[0][1].delayMs >= 4 && told[1][1].delayMs >= 8, JSON.stringify(told))
  })

  test('gives the last error as it is', async () => {
    const errors = [failure(), failure(), failure(), failure()]
    const { operation, tries } = failing(...errors)
    const told = []
    await assert.rejects(retry(operation, { baseMs: 0, onFailure: (_, failed) => told.push(failed) }), errors[2])
    assert.deepEqual(tries, [1, 2, 3])
    assert.deepEqual(told.at(-1), { attempt: 3 })
  })

  test('does not repeat what will not pass', async () => {
    const wrong = failure({ code: 'invalid_argument', retryable: false })
    const cancelled = new DOMException('enough', 'AbortError')
    for (const error of [wrong, cancelled]) {
      const { operation, tries } = failing(error)
      await assert.rejects(retry(operation, { baseMs: 0 }), error)
      assert.deepEqual(tries, [1])
    }
    const own = failing(new Error('mine'))
    await assert.rejects(retry(own.operation, { baseMs: 0, retryable: () => false }), { message: 'mine' })
    assert.deepEqual(own.tries, [1])
  })

  test('waits as long as the error asks for, and no longer than its signal', async () => {
    const stop = new AbortController()
    const { operation, tries } = failing(failure({ retryAfterMs: 60_000 }))
    const onFailure = (_, { delayMs }) => {
      assert.ok(delayMs >= 60_000, `${delayMs}`)
      stop.abort('enough')
    }
    // The signal fires before the pause begins, and then during one.
    const error = await refused(() => retry(operation, { signal: stop.signal, onFailure }), 'aborted')
    assert.deepEqual([error.cause, tries], ['enough', [1]])
    const later = new AbortController()
    const again = failing(failure({ retryAfterMs: 60_000 }))
    const ended = retry(again.operation, {
      signal: later.signal,
      onFailure: () => setImmediate(() => later.abort('later')),
    })
    assert.equal((await refused(() => ended, 'aborted')).cause, 'later')
    assert.deepEqual(again.tries, [1])
    await refused(() => retry(again.operation, { signal: later.signal }), 'aborted')
    assert.deepEqual(again.tries, [1], 'nothing is begun after the signal')
  })

  test('is bounded and names what is wrong', async () => {
    const { operation, tries } = failing()
    for (const [options, field] of [
      [{ tries: 0 }, 'tries'],
      [{ tries: 11 }, 'tries'],
      [{ baseMs: -1 }, 'baseMs'],
      [{ baseMs: 300_001 }, 'baseMs'],
      [{ factor: 0 }, 'factor'],
      [{ factor: 11 }, 'factor'],
      [{ onFailure: 1 }, 'onFailure'],
      [{ retryable: true }, 'retryable'],
      [{ signal: 'no' }, 'signal'],
      [{ retries: 3 }, 'retries'],
    ]) {
      await refused(() => retry(operation, options), 'invalid_argument', field)
    }
    await refused(() => retry('operation'), 'invalid_argument', 'operation')
    assert.deepEqual(tries, [])
  })
})
