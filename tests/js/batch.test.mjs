// Many calls in one promise.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'
import { Scripted } from './support/scripted.mjs'
import { until } from './support/until.mjs'

const { Ghl, GhlError, InvalidArgumentError, NotFoundError } = ghlkit
const get = (contactId, options) => ({ op: 'contacts.get', args: { contactId }, ...(options && { options }) })

describe('a batch', () => {
  const scripted = new Scripted()
  let ghl
  before(async () => {
    ghl = new Ghl({ token: 'pit-1', locationId: 'loc1', baseUrl: await scripted.start(), maxRetries: 0 })
  })
  beforeEach(() => {
    scripted.requests = []
    scripted.replies = []
  })
  after(() => scripted.stop())

  test('gives each call its value or its error, in order', async () => {
    scripted.always = (response, { url }) => {
      const id = url.split('/').pop()
      if (id === 'gone') return response.writeHead(404).end('{"message":"none"}')
      response.end(JSON.stringify({ contact: { id } }))
    }
    const [one, gone, wrong, other] = await ghl.batch([
      get('a'),
      get('gone'),
      get(5),
      get('b', { headers: { 'x-own': 'yes' } }),
    ])
    assert.deepEqual([one.ok, one.value.id, other.ok, other.value.id], [true, 'a', true, 'b'])
    assert.ok(!gone.ok && gone.error instanceof NotFoundError && gone.error.status === 404)
    assert.ok(!wrong.ok && wrong.error instanceof InvalidArgumentError && wrong.error.field === 'contactId')
    const own = scripted.requests.filter((_, at) => scripted.headers[at]['x-own'] === 'yes').map(({ line }) => line)
    assert.deepEqual([own, scripted.requests.length], [['GET /contacts/b'], 3])
    assert.deepEqual(await ghl.batch([]), [])
  })

  test('has at most 64 under way, and ends with its signal', async () => {
    const waiting = []
    scripted.always = (response) => waiting.push(response)
    const controller = new AbortController()
    const calls = Array.from({ length: 100 }, (_, i) => get(`c${i}`))
    const outcome = refused(() => ghl.batch(calls, { signal: controller.signal }), 'aborted')
    await until(() => waiting.length === 64, '64 requests')
    const closed = Promise.all(waiting.map((response) => new Promise((done) => response.on('close', done))))
    controller.abort('enough')
    assert.equal((await outcome).cause, 'enough')
    await closed
    assert.equal(scripted.requests.length, 64)
  })

  test('is refused as a whole where it is no list of calls', async () => {
    await refused(() => ghl.batch({ op: 'x' }), 'invalid_argument', 'calls')
    await refused(() => ghl.batch(undefined), 'invalid_argument', 'calls')
    await refused(() => ghl.batch([get('a'), null]), 'invalid_argument', 'calls[1]')
    await refused(() => ghl.batch([{ op: 'contacts.get' }]), 'invalid_argument', 'calls[0].args')
    await refused(() => ghl.batch([get(5n)]), 'invalid_argument', 'calls[0].args.contactId')
    await refused(() => ghl.batch(Array(1_001).fill(get('a'))), 'invalid_argument', 'calls')
    await refused(() => ghl.batch([get('a')], { timeout: 5 }), 'invalid_argument', 'timeout')
    assert.equal(scripted.requests.length, 0)
    assert.ok((await ghl.batch([get('')]))[0].error instanceof GhlError)
  })
})
