// What a process tells its monitoring. What Sentry and OpenTelemetry make of it is tried in `examples/monitoring`.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { runChild } from './support/child.mjs'
import { refused } from './support/errors.mjs'
import { TOKEN } from './support/mock.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

describe('a monitor', nodeOnly, () => {
  let shop, sync
  before(async () => {
    shop = await startShop()
    sync = await shop.open()
  })

  /** What is told while `act` goes on, until `enough` is there. */
  async function told(act, enough) {
    const all = []
    const stop = ghlkit.monitor((seen) => all.push(seen))
    try {
      await act()
      return await until(() => enough(all), 'what was to be told')
    } finally {
      stop()
    }
  }

  /** The sync of an order that has ended, and all that belongs to it. */
  const syncOf = (id) => (all) => {
    const ended = all.find(({ type, name, fields }) => {
      return type === 'end' && name === 'sync_order' && fields['ghlkit.order'] === id
    })
    return ended && { ended, parts: all.filter(({ parent, span }) => parent === ended.span || span === ended.span), all }
  }

  test('is told of the sync of an order, and of the calls in it', async () => {
    const { ended, parts } = await told(() => sync.createOrder(order('m1')), syncOf('m1'))
    assert.equal(ended.fields['ghlkit.outcome'], 'done')
    const calls = parts.filter(({ type, parent }) => type === 'start' && parent === ended.span)
    assert.deepEqual(calls.slice(-2).map(({ name }) => name), ['POST /contacts/', 'POST /opportunities/'])
    assert.ok(calls.every(({ atMs }) => Math.abs(atMs - Date.now()) < 60_000 && atMs <= ended.atMs))
  })

  test('is told of an error with what led to it, and of no secret', async () => {
    await shop.mock.faults({ nth: 1, method: 'POST', path: '/opportunities/', fault: { status: 403 } })
    const { parts, all } = await told(() => sync.createOrder(order('m2')), syncOf('m2'))
    const [error, ...more] = parts.filter(({ level }) => level === 'error')
    assert.deepEqual(more, [])
    assert.deepEqual(
      [error.message, error.fields['error.type'], error.fields['ghlkit.order']],
      ['an order was given up', 'refused', 'm2'],
    )
    assert.deepEqual(
      error.breadcrumbs.map(({ message, fields }) => [message, fields['http.route']]),
      [
        ['GHL answered', '/contacts/'],
        ['try failed', '/opportunities/'],
        ['a call failed', '/opportunities/'],
      ],
    )
    for (const secret of [TOKEN, 'Bearer', 'Žofie', 'example.com', 'Barrel', 'Dlouhá']) {
      assert.ok(!JSON.stringify(all).includes(secret), secret)
    }
  })

  test('is told of the calls of clients too, until it ends', async () => {
    const ghl = new ghlkit.Ghl(shop.mock.options)
    const failed = (all) => all.find(({ type, fields }) => type === 'end' && fields['error.type'] === 'not_found')
    const call = () => refused(() => ghl.contacts.get('nobody5ecret'), 'not_found')
    const { name, fields } = await told(call, failed)
    assert.deepEqual([name, fields['http.response.status_code']], ['GET /contacts/{contactId}', 404])
    const late = []
    const stop = ghlkit.monitor((seen) => late.push(seen))
    stop()
    stop()
    await call()
    await told(call, failed)
    assert.deepEqual(late, [])
  })

  test('is told of no more than may wait while JavaScript is busy', async () => {
    const heard = []
    const stop = ghlkit.monitor((seen) => heard.push(seen))
    // Each is refused, and tells of a beginning, an end and what was wrong.
    const refusals = Array.from({ length: 8_000 }, () => sync.receiveWebhook('{}', {}).catch(({ code }) => code))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000)
    assert.deepEqual(new Set(await Promise.all(refusals)), new Set(['signature']))
    assert.ok(heard.length > 5_000 && heard.length <= 10_000, `${heard.length}`)
    await sync.receiveWebhook('{}', {}).catch(() => {})
    await until(() => heard.at(-1).type === 'end', 'the last')
    assert.ok(heard.length <= 10_003, `${heard.length}`)
    stop()
  })

  test('does no harm by what it does', async () => {
    const warnings = []
    const warned = ({ message }) => warnings.push(message)
    process.on('warning', warned)
    const stop = ghlkit.monitor(() => {
      throw new Error('a slip')
    })
    await new ghlkit.Ghl(shop.mock.options).locations.get()
    await until(() => warnings.length > 0, 'a warning')
    stop()
    process.off('warning', warned)
    assert.equal(warnings[0], 'a monitor failed: a slip')
    await refused(() => ghlkit.monitor('no function'), 'invalid_argument')
  })

  test('does not keep a process running', async () => {
    const script = `
      const ghlkit = await import('@ghlkit/node')
      ghlkit.monitor(() => {})
      console.log('done')
    `
    assert.deepEqual(await runChild(script), ['done'])
  })
})
