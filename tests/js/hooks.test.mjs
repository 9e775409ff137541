// What a client tells of its calls, while they go on.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'

import { runChild } from './support/child.mjs'
import { refused } from './support/errors.mjs'
import { ghlkit, NAME } from './support/package.mjs'
import { Scripted } from './support/scripted.mjs'
import { until } from './support/until.mjs'

const TYPES = ['request', 'response', 'retry', 'rateLimit', 'error']
const location = { location: { id: 'loc1' } }

/** A reply of this status. */
const status = (code, headers = {}) => (response) => response.writeHead(code, headers).end('{"message":"no"}')

describe('the hooks of a client', () => {
  const scripted = new Scripted()
  let options, ghl
  before(async () => {
    options = { token: 'pit-5ecret', locationId: 'loc1', baseUrl: await scripted.start() }
  })
  beforeEach(() => {
    scripted.requests = []
    scripted.always = location
    ghl = new ghlkit.Ghl(options)
  })
  after(() => scripted.stop())

  test('tell of a request that is under way, and of all that follows', async () => {
    const events = []
    const heard = (type) => until(() => events.some((event) => event.type === type), type)
    for (const type of TYPES) ghl.on(type, (event) => events.push(event))
    // GHL answers only once the listener has heard of the request, and again only once it has heard of the retry.
    scripted.replies = [
      async (response) => (await heard('request'), status(503)(response)),
      async (response) => (await heard('retry'), response.end(JSON.stringify(location))),
      status(404),
    ]
    await ghl.locations.get()
    await refused(() => ghl.contacts.get('con5ecret', { headers: { 'x-key': '5ecret' } }), 'not_found')
    await heard('error')
    assert.ok(events.every(({ durationMs = 0, delayMs = 0 }) => durationMs >= 0 && delayMs >= 0))
    const told = events.map(({ type, call, attempt, status, code }) => [type, call, attempt, status ?? code])
    assert.deepEqual(told, [
      ['request', 1, 1, undefined],
      ['response', 1, 1, 503],
      ['retry', 1, 1, 'server'],
      ['request', 1, 2, undefined],
      ['response', 1, 2, 200],
      ['request', 2, 1, undefined],
      ['response', 2, 1, 404],
      ['error', 2, 1, 404],
    ])
    const { method, route, locationId } = events.at(-1)
    assert.deepEqual([method, route, locationId], ['GET', '/contacts/{contactId}', 'loc1'])
    assert.doesNotMatch(JSON.stringify(events), /5ecret/)
  })

  test('tell of a limit as soon as it holds a call back', async () => {
    scripted.replies = [status(429, { 'retry-after': '60' })]
    const held = new Promise((tell) => ghl.on('rateLimit', tell))
    const controller = new AbortController()
    const outcome = refused(() => ghl.locations.get({ priority: 'bulk', signal: controller.signal }), 'aborted')
    const { waitMs, refused: byGhl, attempt } = await held
    assert.deepEqual([byGhl, attempt], [true, 1])
    assert.ok(waitMs > 50_000, `${waitMs}`)
    controller.abort()
    await outcome
  })

  test('may be listened to by many, and by nobody any more', async () => {
    const heard = []
    const one = () => heard.push('one')
    const two = ghl.on('request', () => heard.push('two'))
    ghl.on('request', one)
    ghl.on('request', one)
    await ghl.locations.get()
    await until(() => heard.length >= 2, 'both')
    two()
    two()
    await ghl.locations.get()
    await until(() => heard.length >= 3, 'the other')
    ghl.off('request', one)
    let ended = false
    ghl.on('response', () => (ended = true))
    await ghl.locations.get()
    await until(() => ended, 'the last')
    assert.deepEqual(heard, ['two', 'one', 'one'])
  })

  test('do not disturb a call by what a listener does', async () => {
    const warnings = []
    const warned = (warning) => warnings.push(warning.message)
    process.on('warning', warned)
    ghl.on('request', () => {
      throw new Error('a slip')
    })
    ghl.on('response', async () => {
      throw new Error('a later slip')
    })
    assert.equal((await ghl.locations.get()).id, 'loc1')
    await until(() => warnings.length >= 2, 'both warnings')
    process.off('warning', warned)
    assert.deepEqual(warnings.sort(), [
      'a listener of request failed: a slip',
      'a listener of response failed: a later slip',
    ])
  })

  test('may call again, and cancel', async () => {
    const controller = new AbortController()
    let again
    const off = ghl.on('request', () => {
      off()
      again = ghl.contacts.get('con1')
      controller.abort('enough')
    })
    let answer
    scripted.replies = [(response) => (answer = response), { contact: { id: 'con1' } }]
    const error = await refused(() => ghl.locations.get({ signal: controller.signal }), 'aborted')
    assert.equal(error.cause, 'enough')
    assert.equal((await again).id, 'con1')
    answer.destroy()
  })

  test('refuse what is no event or no listener', async () => {
    for (const type of ['requests', 5, undefined]) await refused(async () => ghl.on(type, () => {}), 'invalid_argument', 'type')
    await refused(async () => ghl.on('retry', 'me'), 'invalid_argument', 'listener')
    await refused(async () => ghl.off('retry'), 'invalid_argument', 'listener')
  })

  test('keep no process running', async () => {
    const lines = await runChild(
      `import { Ghl } from '${NAME}'
      const ghl = new Ghl(JSON.parse(process.env.OPTIONS))
      ghl.on('response', ({ status }) => console.log(status))
      await ghl.locations.get()
      console.log('end')`,
      options,
    )
    assert.deepEqual(lines, ['200', 'end'])
  })
})
