import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { database, order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const { OrderSync } = ghlkit

describe('an engine', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const opportunity = async (id) => (await shop.mock.state()).opportunities.find((one) => one.id === id)

  test('brings orders to GHL, and what people do there back', async () => {
    const sync = await shop.open()
    const heard = []
    sync.on('status_changed', (event) => heard.push(event))

    const created = await sync.createOrder(order('e2e'))
    assert.equal(created.state, 'synced', JSON.stringify(created))
    assert.equal((await opportunity(created.opportunityId)).stageKey, 'stage_new_order')
    const updated = await sync.updateStatus('e2e', 'manufacturing')
    assert.equal(updated.state, 'synced', JSON.stringify(updated))
    const moved = await opportunity(created.opportunityId)
    assert.equal(moved.stageKey, 'stage_in_production')
    assert.equal(moved.name, 'Order #N-e2e')

    await shop.mock.human('stage', { opportunityId: created.opportunityId, stage: 'Shipped' })
    const tracked = await until(async () => {
      const row = await sync.order('e2e')
      return row.status === 'shipped' && row
    }, 'the stage that was moved in GHL')
    assert.equal(tracked.updatedBy, 'ghl')
    assert.equal(tracked.contactId, created.contactId)
    await until(() => heard.length === 3, 'three events')
    assert.deepEqual(
      heard.map(({ type, orderId, payload }) => [type, orderId, payload.status, payload.by]),
      [
        ['status_changed', 'e2e', 'order_placed', 'shop'],
        ['status_changed', 'e2e', 'manufacturing', 'shop'],
        ['status_changed', 'e2e', 'shipped', 'ghl'],
      ],
    )
    assert.ok(heard[0].position < heard[1].position && heard[1].position < heard[2].position)
    assert.ok(shop.answers.length > 0 && shop.answers.every((status) => status === 200), `${shop.answers}`)
    await sync.close()
  })

  test('refuses what cannot be, before anything is written', async () => {
    const sync = await shop.open({ worker: false })
    await refused(() => sync.updateStatus('nosuch', 'shipped'), 'order_not_found', 'orderId')
    await refused(() => sync.order('nosuch'), 'order_not_found')
    await sync.createOrder(order('twice'), { waitMs: 0 })
    await refused(() => sync.createOrder(order('twice'), { waitMs: 0 }), 'order_exists')
    await sync.updateStatus('twice', 'shipped', { waitMs: 0 })
    const error = await refused(() => sync.updateStatus('twice', 'processing', { waitMs: 0 }), 'transition_refused')
    assert.ok(error instanceof ghlkit.TransitionError)
    assert.equal((await sync.updateStatus('twice', 'processing', { waitMs: 0, allowBackward: true })).state, 'queued')
    await refused(() => sync.updateStatus('twice', 'paid'), 'invalid_argument', 'status')
    await refused(
      () => sync.createOrder(order('bad', { customer: { firstName: 'x' } })),
      'invalid_argument',
      'customer',
    )
    assert.equal((await sync.order('twice')).status, 'processing')
    await sync.close()
  })

  test('does what is due when it is told, where no worker runs', async () => {
    const sync = await shop.open({ worker: false })
    assert.equal((await sync.createOrder(order('cron'), { waitMs: 0 })).state, 'queued')
    const [job] = await sync.jobs({ state: 'waiting' })
    assert.equal(job.orderId, 'cron')
    await sync.drain({ max: 10, deadlineMs: 20_000 })
    assert.deepEqual(
      (await sync.jobs()).map(({ state }) => state),
      ['done'],
    )
    assert.equal((await sync.order('cron')).syncedVersion, 1)
    assert.equal(await sync.replay(job.id), false)
    await sync.close()
  })

  test('takes a status that the shop has changed, and watches its orders where it is to', async () => {
    const sync = await shop.open({ worker: false })
    await sync.createOrder(order('told'))
    assert.equal((await sync.statusChanged('told')).state, 'synced')
    assert.equal((await sync.order('told')).version, 1, 'nothing has changed')
    for (let again = 0; again < 2; again++) assert.equal(await sync.installStatusTrigger(), null)
    assert.equal((await sync.updateStatus('told', 'shipped')).state, 'synced')
    assert.equal((await sync.order('told')).version, 2, 'what the engine writes counts once')
    for (let again = 0; again < 2; again++) assert.equal(await sync.removeStatusTrigger(), null)
    await refused(() => sync.statusChanged('nosuch'), 'order_not_found', 'id')
    await sync.close()
  })

  test('lists what was given up, and tries it again on request', async () => {
    const sync = await shop.open({ worker: false })
    await shop.mock.faults({ nth: 1, method: 'POST', path: '/contacts/', fault: { status: 401 } })
    const outcome = await sync.createOrder(order('dead'))
    assert.equal(outcome.state, 'dead', JSON.stringify(outcome))
    assert.ok(outcome.error !== undefined)
    const [job] = await sync.jobs({ state: 'dead' })
    assert.equal(job.error.code, outcome.error.code)
    assert.deepEqual(await sync.jobs({ orderId: 'dead', errorCode: job.error.code }), [job])
    assert.deepEqual(await sync.jobs({ errorCode: 'validation' }), [])
    assert.equal(await sync.replayAll({ orderId: 'another' }), 0)
    assert.equal(await sync.replayAll({ errorCode: job.error.code }), 1)
    assert.equal(await sync.replayAll(), 0, 'none is left')
    assert.equal(await sync.replay(job.id), false)
    await sync.drain()
    assert.deepEqual(
      (await sync.jobs()).map(({ state }) => state),
      ['done'],
    )
    await sync.close()
  })

  test('tells what a location lacks, and what has no order', async () => {
    const sync = await shop.open({ worker: false })
    const provisioned = await sync.provision()
    assert.deepEqual(provisioned.unmappedStatuses, [])
    const { marked } = await sync.reconcile()
    assert.equal(marked, 0)
    const body = JSON.stringify({ type: 'OpportunityStageUpdate', id: 'opp1', contactId: 'con1', webhookId: 'w1' })
    await sync.receiveWebhook(body, ghlkit.webhooks.generateTestHeaders(body, { hmac: 'mock-workflow-secret' }))
    await sync.drain()
    const [unresolved] = await sync.unresolved({ limit: 5 })
    assert.equal(unresolved.type, 'OpportunityStageUpdate')
    assert.equal(unresolved.opportunityId, 'opp1')
    await sync.close()
  })

  test('takes a webhook in once, and forged ones never', async () => {
    const sync = await shop.open({ worker: false })
    const sign = (text, hmac = 'mock-workflow-secret') => ghlkit.webhooks.generateTestHeaders(text, { hmac })
    const body = JSON.stringify({ type: 'OpportunityStageUpdate', id: 'opp1', webhookId: 'once' })
    const first = await sync.receiveWebhook(body, sign(body))
    const second = await sync.receiveWebhook(Buffer.from(body), new Headers(sign(body)))
    assert.equal(first.type, 'OpportunityStageUpdate')
    assert.notEqual(first.received, second.received)
    await refused(() => sync.receiveWebhook(body, sign(body, 'another')), 'signature')
    await refused(() => sync.receiveWebhook(body, { ...sign(body), 'X-Ghl-Signature': 'x' }), 'signature')
    await refused(() => sync.receiveWebhook('{', sign('{')), 'payload')
    const elsewhere = JSON.stringify({ type: 'ContactUpdate', id: 'c', locationId: 'AnotherLocation00001' })
    await refused(() => sync.receiveWebhook(elsewhere, sign(elsewhere)), 'wrong_location')
    await refused(
      () => sync.receiveWebhook(body, sign(body), { locationId: 'AnotherLocation00001' }),
      'invalid_argument',
      'locationId',
    )
    await sync.close()
  })

  test('answers as GHL understands it', async () => {
    const sync = await shop.open({ worker: false })
    const { webhook } = sync.handlers
    const sign = (text) => ghlkit.webhooks.generateTestHeaders(text, { hmac: 'mock-workflow-secret' })
    const json = { 'content-type': 'application/json' }
    const post = async (body, headers = sign(body), path = '') => {
      const response = await webhook(
        new Request(`http://shop/api/webhooks/ghl${path}`, { method: 'POST', body, headers: { ...json, ...headers } }),
      )
      return [response.status, await response.json(), response.headers]
    }
    const good = JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_shipped' })
    assert.deepEqual((await post(good)).slice(0, 2), [200, { success: true }])
    assert.deepEqual((await post(good, {})).slice(0, 2), [401, { error: 'Invalid signature', code: 'signature' }])
    const stale = JSON.stringify({ contactId: 'con1', timestamp: '2020-01-01T00:00:00Z' })
    const table = [
      [stale, 401, 'stale'],
      ['nonsense', 400, 'payload'],
      [JSON.stringify({ note: 'x'.repeat(1024 * 1024) }), 413, 'too_large'],
      ['x'.repeat(5 * 1024 * 1024), 413, 'too_large'],
      [JSON.stringify({ type: 'ContactUpdate', id: 'c', locationId: 'AnotherLocation00001' }), 403, 'wrong_location'],
    ]
    for (const [body, status, code] of table) {
      const [got, answer] = await post(body)
      assert.deepEqual([got, answer.code], [status, code])
    }
    assert.equal((await post(good, sign(good), '?locationId=AnotherLocation00001'))[0], 500)
    const response = await webhook(new Request('http://shop/'))
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST'])
    const read = new Request('http://shop/', { method: 'POST', body: good, headers: { ...json, ...sign(good) } })
    await read.text()
    assert.equal((await webhook(read)).status, 500)
    await sync.close()
    const [status, answer, headers] = await post(good)
    assert.equal(status, 429, JSON.stringify(answer))
    assert.match(headers.get('retry-after'), /^\d+$/)
  })

  test('is the same for one database and settings, and another for others', async () => {
    const options = shop.options()
    const first = await OrderSync.open(options)
    const [second, third] = await Promise.all([OrderSync.open(options), OrderSync.open({ ...options, worker: false })])
    assert.ok(first === second && second === third)
    await refused(() => OrderSync.open({ ...options, currency: 'EUR' }), 'invalid_argument', 'databaseUrl')
    const other = await OrderSync.open({ ...options, databaseUrl: database() })
    assert.notEqual(first, other)
    await first.close()
    const again = await OrderSync.open({ ...options, currency: 'EUR' })
    assert.notEqual(first, again)
    await Promise.all([again.close(), other.close()])
  })

  test('that is closed is refused everywhere, and can be opened again', async () => {
    const options = shop.options()
    const sync = await OrderSync.open(options)
    await Promise.all([sync.close(), sync.close()])
    await sync.close()
    const calls = [
      () => sync.createOrder(order('late')),
      () => sync.updateStatus('late', 'shipped'),
      () => sync.statusChanged('late'),
      () => sync.installStatusTrigger(),
      () => sync.removeStatusTrigger(),
      () => sync.order('late'),
      () => sync.jobs(),
      () => sync.replay('j'),
      () => sync.replayAll(),
      () => sync.drain(),
      () => sync.provision(),
      () => sync.reconcile(),
      () => sync.unresolved(),
      () => sync.receiveWebhook('{}', {}),
      () => sync.run(),
      () => sync.on('status_changed', () => {}),
      () => sync.onAny(() => {}),
      () => sync.events(),
    ]
    for (const call of calls) await refused(async () => call(), 'invalid_argument', 'sync')
    await sync.stop()
    const again = await OrderSync.open(options)
    assert.deepEqual(await again.jobs(), [])
    await again[Symbol.asyncDispose]()
    await refused(() => again.jobs(), 'invalid_argument', 'sync')
  })

  test('that cannot be opened says why, and may be tried again', async () => {
    const options = shop.options()
    await refused(() => OrderSync.open({ ...options, databaseUrl: 'sqlite:/no/such/folder/shop.db' }), 'config')
    await refused(() => OrderSync.open({ ...options, databaseUrl: 'mysql://root@db' }), 'config', 'databaseUrl')
    await refused(() => OrderSync.open({ ...options, pipelineId: undefined }), 'config', 'pipelineId')
    const table = [
      [{ token: 5 }, 'token'],
      [{ databaseUrl: 5 }, 'databaseUrl'],
      [{ tokn: 'x' }, 'tokn'],
      [{ worker: 'yes' }, 'worker'],
      [{ env: 5 }, 'env'],
      [{ locations: 5 }, 'locations'],
      [{ locations: [null] }, 'locations[0]'],
      [{ webhooks: null, currency: 5n }, 'currency'],
      [{ sync: { waitMs: '5' } }, 'sync.waitMs'],
    ]
    for (const [change, field] of table)
      await refused(() => OrderSync.open({ ...options, ...change }), 'invalid_argument', field)
    for (const bad of [null, 5, 'sqlite:x', []]) await refused(() => OrderSync.open(bad), 'invalid_argument', 'options')
    await (await OrderSync.open(options)).close()
  })

  test('works until it is stopped, and again when it is run', async () => {
    const sync = await shop.open({ worker: false })
    await sync.createOrder(order('run'), { waitMs: 0 })
    const done = () =>
      until(async () => (await sync.order('run')).syncedVersion === (await sync.order('run')).version, 'the push')
    const running = sync.run()
    await done()
    await sync.stop()
    await running
    await sync.updateStatus('run', 'shipped', { waitMs: 0 })
    const controller = new AbortController()
    const again = sync.run({ signal: controller.signal })
    await done()
    controller.abort()
    await again
    await sync.run({ signal: controller.signal })
    await refused(() => sync.run({ signal: 5 }), 'invalid_argument', 'signal')
    await sync.close()
  })

  test('a call that is cancelled is left, and what was written stays', async () => {
    const sync = await shop.open({ worker: false })
    await shop.mock.faults({ nth: 1, method: 'POST', path: '/contacts/', latency_ms: 60_000 })
    const controller = new AbortController()
    const outcome = refused(() => sync.createOrder(order('left'), { signal: controller.signal }), 'aborted')
    await until(async () => (await sync.jobs()).length > 0, 'the order to be written')
    controller.abort('enough')
    assert.equal((await outcome).cause, 'enough')
    assert.equal((await sync.order('left')).status, 'order_placed')
    await refused(() => sync.jobs({ signal: AbortSignal.abort() }), 'aborted')
    await sync.close()
  })

  test('what is wrong with an argument is named', async () => {
    const sync = await shop.open({ worker: false })
    const cyclic = order('cyclic')
    cyclic.customer.order = cyclic
    const table = [
      [() => sync.createOrder(), 'order'],
      [() => sync.createOrder(null), 'order'],
      [() => sync.createOrder('x'), 'order'],
      [() => sync.createOrder(cyclic), 'order.customer.order'],
      [() => sync.createOrder(order('x', { total: 5n })), 'order.total'],
      [() => sync.createOrder(order('x', { total: NaN })), 'order.total'],
      [() => sync.createOrder(order('x', { product: () => {} })), 'order.product'],
      [() => sync.createOrder(order(5)), 'id'],
      [() => sync.createOrder(order('x'), { waitMs: -1 }), 'waitMs'],
      [() => sync.createOrder(order('x'), { waitMs: '1' }), 'waitMs'],
      [() => sync.createOrder(order('x'), { wait: 1 }), 'wait'],
      [() => sync.createOrder(order('x'), 5), 'options'],
      [() => sync.updateStatus(5, 'shipped'), 'orderId'],
      [() => sync.updateStatus(undefined, 'shipped'), 'orderId'],
      [() => sync.updateStatus('x'), 'status'],
      [() => sync.statusChanged(5), 'orderId'],
      [() => sync.statusChanged('x', { waitMs: -1 }), 'waitMs'],
      [() => sync.order(null), 'orderId'],
      [() => sync.jobs({ state: 'odd' }), 'state'],
      [() => sync.jobs({ limit: 0 }), 'limit'],
      [() => sync.replay(5), 'jobId'],
      [() => sync.replayAll({ errorCode: 'odd' }), 'errorCode'],
      [() => sync.drain({ max: 0 }), 'max'],
      [() => sync.drain(null), 'options'],
      [() => sync.provision({ locationId: 5 }), 'locationId'],
      [() => sync.unresolved({ after: 'x' }), 'after'],
      [() => sync.receiveWebhook(undefined, {}), 'rawBody'],
      [() => sync.receiveWebhook('{}', undefined), 'headers'],
      [() => sync.receiveWebhook('{}', { a: 5 }), 'headers.a'],
      [() => sync.receiveWebhook('{}', {}, { locationId: 5 }), 'locationId'],
      [() => sync.receiveWebhook('{}', {}, null), 'options'],
    ]
    for (const [call, field] of table) await refused(call, 'invalid_argument', field)
    refusedAtOnce(() => sync.on(5, () => {}), 'invalid_argument', 'type')
    refusedAtOnce(() => sync.on('status_changed'), 'invalid_argument', 'handler')
    refusedAtOnce(() => sync.onAny({}), 'invalid_argument', 'handler')
    refusedAtOnce(() => sync.off('status_changed', 5), 'invalid_argument', 'handler')
    assert.deepEqual(await sync.jobs(), [])
    await sync.close()
  })
})
