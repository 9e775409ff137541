// The engine: it works in the background, rings for its events, and ends when it is told to.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'

import { SECRET } from '../../tests/js/support/mock.mjs'
import { until } from '../../tests/js/support/until.mjs'
import { failed, ghlkit, ok, thrownBy } from './support/addon.mjs'
import { threads } from './support/program.mjs'
import { startProxy } from './support/proxy.mjs'
import { order, settings, startMock } from './support/shop.mjs'
import { NOT_A_TEXT, NOT_BYTES } from './support/wrong.mjs'

const mock = await startMock()

const DONE = '{"ok":null}'
const nothing = () => {}
const status = (orderId, status, waitMs = 0) => JSON.stringify({ orderId, status, waitMs })

/** An engine of its own, which is closed with the test. */
async function open(t, bell = nothing, server = mock) {
  // What waits for an engine without work holds nothing open.
  const holder = setInterval(nothing, 1_000)
  t.after(() => clearInterval(holder))
  const sync = await ghlkit.syncOpen(await settings(t, server), bell)
  t.after(() => ghlkit.syncClose(sync))
  return sync
}

test('an order is pushed by the call that waits for it, or else by the worker', async (t) => {
  const sync = await open(t)
  const pushed = ok(await ghlkit.syncCall(sync, 'createOrder', order('A-1', 20_000)))
  assert.equal(pushed.state, 'synced')
  ok(await ghlkit.syncCall(sync, 'updateStatus', status('A-1', 'processing')))
  ghlkit.syncStart(sync)
  ghlkit.syncStart(sync)
  await until(async () => ok(await ghlkit.syncCall(sync, 'jobs', '{"limit":10}'))[0].state === 'done', 'the push')
  const { opportunities } = await mock.state()
  assert.equal(opportunities.filter(({ name }) => name === 'Order #A-1').length, 1)
})

test('the bell rings for events, each of which is told once', async (t) => {
  const told = []
  const sync = await open(t, () => {
    for (const { lease, kind, event } of JSON.parse(ghlkit.syncPoll(sync))) {
      assert.equal(kind, 'event')
      told.push(event)
      if (told.length === 1) ghlkit.syncFailed(sync, lease, '{"message":"not now"}')
      else ghlkit.syncDone(sync, lease, 'null')
      ghlkit.syncDone(sync, lease, 'null')
    }
  })
  ghlkit.syncListen(sync, true)
  ghlkit.syncDone(sync, 'no lease', 'null')
  ghlkit.syncFailed(sync, '999', '{}')
  ok(await ghlkit.syncCall(sync, 'createOrder', order('B-1')))
  ghlkit.syncStart(sync)
  await until(() => told.length > 0, 'the bell')
  assert.deepEqual([told[0].type, told[0].orderId], ['status_changed', 'B-1'])
  assert.equal(ghlkit.syncPoll(sync), '[]')
})

test('a bell that throws is an uncaught exception, and the next one rings all the same', async (t) => {
  const uncaught = []
  const listener = (error) => uncaught.push(error.message)
  process.setUncaughtExceptionCaptureCallback(listener)
  t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  let rung = 0
  const sync = await open(t, () => {
    rung += 1
    for (const { lease } of JSON.parse(ghlkit.syncPoll(sync))) ghlkit.syncDone(sync, lease, 'null')
    throw new Error('the bell broke')
  })
  ghlkit.syncListen(sync, true)
  ghlkit.syncStart(sync)
  for (const id of ['C-1', 'C-2']) {
    const before = rung
    ok(await ghlkit.syncCall(sync, 'createOrder', order(id)))
    await until(() => rung > before, 'the bell')
  }
  await until(() => uncaught.length >= 2, 'the exceptions')
  assert.equal(uncaught[0], 'the bell broke')
})

test('a webhook is taken in, and a forged one is not', async (t) => {
  const sync = await open(t)
  const body = Buffer.from('{"type":"OpportunityUpdate","webhookId":"w1","locationId":"SaunaLocation0000001","id":"nobody"}')
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  const receive = (given, headers) => ghlkit.syncReceive(sync, '', given, headers)
  const headers = `x-ghl-signature:${signature}`
  const taken = receive(body, headers)
  // The engine has a copy.
  body.fill(0)
  ok(await taken)
  assert.equal(failed(await receive(body, headers)).code, 'signature')
  for (const [what, wrong] of Object.entries(NOT_BYTES)) assert.equal(thrownBy(() => receive(wrong, headers)).field, 'body', what)
  for (const [what, wrong] of Object.entries(NOT_A_TEXT)) {
    assert.equal(thrownBy(() => receive(body, wrong)).field, 'headers', what)
    assert.equal(thrownBy(() => ghlkit.syncReceive(sync, wrong, body, '')).field, 'location', what)
    assert.equal(thrownBy(() => ghlkit.syncCall(sync, wrong, '{}')).field, 'op', what)
    assert.equal(thrownBy(() => ghlkit.syncCall(sync, 'jobs', wrong)).field, 'args', what)
    assert.equal(thrownBy(() => ghlkit.syncDone(sync, wrong, 'null')).field, 'lease', what)
    assert.equal(thrownBy(() => ghlkit.syncFailed(sync, '1', wrong)).field, 'error', what)
  }
  assert.equal(thrownBy(() => ghlkit.syncListen(sync, 1)).field, 'on')
})

test('a call can be cancelled, and what it wrote down stays', async (t) => {
  const proxy = await startProxy(t, mock, 2 ** 31 - 1)
  const sync = await open(t, nothing, proxy)
  const cancel = ghlkit.cancelNew()
  const call = ghlkit.syncCall(sync, 'createOrder', order('D-1', 60_000), cancel)
  await until(() => proxy.arrived(), 'the request')
  ghlkit.cancelFire(cancel)
  assert.equal(failed(await call).code, 'aborted')
  assert.equal(ok(await ghlkit.syncCall(sync, 'order', '{"orderId":"D-1"}')).id, 'D-1')
})

test('a worker that was stopped has ended, and can begin again', async (t) => {
  const sync = await open(t)
  assert.equal(await ghlkit.syncStopped(sync), DONE, 'none has begun')
  ghlkit.syncStart(sync)
  let ended = false
  const stopped = ghlkit.syncStopped(sync).then((text) => ((ended = true), text))
  ok(await ghlkit.syncCall(sync, 'jobs', '{"limit":1}'))
  assert.equal(ended, false)
  ghlkit.syncStop(sync)
  ghlkit.syncStop(sync)
  assert.equal(await stopped, DONE)
  assert.equal(ok(await ghlkit.syncCall(sync, 'createOrder', order('E-1'))).state, 'queued')
  // Asked to go on before it has ended, it goes on as well.
  ghlkit.syncStart(sync)
  ghlkit.syncStop(sync)
  ghlkit.syncStart(sync)
  await until(async () => ok(await ghlkit.syncCall(sync, 'jobs', '{"limit":1}'))[0].state === 'done', 'the push')
})

test('what is closed has ended, and refuses what comes', async (t) => {
  const sync = await open(t)
  ghlkit.syncStart(sync)
  const stopped = ghlkit.syncStopped(sync)
  const [call, closed, again] = [ghlkit.syncCall(sync, 'createOrder', order('F-1', 60_000)), ghlkit.syncClose(sync), ghlkit.syncClose(sync)]
  assert.equal(ok(await call).state, 'queued', 'it was under way, and does not wait any longer')
  assert.deepEqual([await closed, await again, await stopped], [DONE, DONE, DONE])
  for (const refused of [
    failed(await ghlkit.syncCall(sync, 'order', '{"orderId":"F-1"}')),
    failed(await ghlkit.syncReceive(sync, '', new Uint8Array(1), '')),
    thrownBy(() => ghlkit.syncStart(sync)),
  ]) {
    assert.deepEqual([refused.code, refused.field], ['invalid_argument', 'sync'])
  }
  assert.equal(await ghlkit.syncClose(sync), DONE)
  assert.equal(await ghlkit.syncStopped(sync), DONE)
  assert.equal(ghlkit.syncPoll(sync), '[]')
  ghlkit.syncStop(sync)
  ghlkit.syncListen(sync, true)
  ghlkit.syncDone(sync, '1', 'null')
  ghlkit.syncFailed(sync, '1', '{}')
})

test('an event that nobody took before the engine closed is told by the next one', async (t) => {
  const given = await settings(t, mock)
  let rung = false
  const sync = await ghlkit.syncOpen(given, () => (rung = true))
  ghlkit.syncListen(sync, true)
  ghlkit.syncStart(sync)
  ok(await ghlkit.syncCall(sync, 'createOrder', order('G-1')))
  await until(() => rung, 'the bell')
  const begun = performance.now()
  assert.equal(await ghlkit.syncClose(sync), DONE)
  assert.ok(performance.now() - begun < 30_000, 'an answer is not waited for')
  let told
  const next = await ghlkit.syncOpen(given, () => (told ??= JSON.parse(ghlkit.syncPoll(next))[0]))
  t.after(() => ghlkit.syncClose(next))
  ghlkit.syncListen(next, true)
  ghlkit.syncStart(next)
  await until(() => told !== undefined, 'the event')
  assert.equal(told.event.orderId, 'G-1')
  ghlkit.syncDone(next, told.lease, 'null')
})

test('settings that are no use reject, and leave nothing behind', async (t) => {
  for (const [given, code] of [['', 'invalid_argument'], ['{"options":{}}', 'config'], [(await settings(t, mock)).replace('shop.db', 'no/shop.db'), 'config']]) {
    assert.equal((await thrownBy(() => ghlkit.syncOpen(given, nothing))).code, code)
  }
})

test('no thread outlives the engines', { skip: process.platform !== 'linux' }, async (t) => {
  const sync = await ghlkit.syncOpen(await settings(t, mock), nothing)
  ghlkit.syncStart(sync)
  const ours = () => threads().filter((name) => /^(ghlkit|sqlx)/.test(name))
  assert.notDeepEqual(ours(), [])
  await ghlkit.syncClose(sync)
  await until(() => ours().length === 0, 'the threads to end')
})
