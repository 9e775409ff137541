import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { startMock } from './support/mock.mjs'
import { ghlkit } from './support/package.mjs'

const { Ghl, orders } = ghlkit
const AT = Date.parse('2026-01-31T12:00:00Z')

test('an order is checked as an engine would take it', () => {
  const order = {
    id: '1',
    orderNumber: ' 1042 ',
    total: 4999,
    customer: { firstName: 'Aino', email: 'Aino@Example.com' },
    product: { name: 'Barrel sauna' },
    shippingAddress: { line1: 'Katu 1', city: 'Helsinki', postalCode: '00100', country: 'FI' },
  }
  const checked = orders.check(order, { currency: 'EUR' })
  assert.deepEqual([checked.orderNumber, checked.customer.email], ['1042', 'aino@example.com'])
  const wrong = (changes, field, options) => refusedAtOnce(() => orders.check({ ...order, ...changes }, options), 'invalid_argument', field)
  wrong({}, 'total')
  wrong({ customer: { email: 'nobody' } }, 'customer.email', { currency: 'EUR' })
  wrong({}, 'money', { money: 'EUR' })
})

test('a plan names what GHL has to be told', () => {
  const order = { contactId: 'con1', opportunityId: 'opp1', previousStatus: 'manufacturing' }
  const { commands } = orders.plan(order, { status: 'shipped', at: AT })
  assert.deepEqual(
    commands.map(({ type }) => type),
    ['updateOpportunity', 'updateContact', 'addTags', 'removeTags'],
  )
  assert.equal(commands[0].stage, 'stage_shipped')
  assert.equal(commands[1].customFields.order_status, 'shipped')
  assert.deepEqual([commands[2].tags, commands[3].tags], [['status_shipped'], ['status_manufacturing']])
  assert.deepEqual(
    orders.plan(order, 'shipped').commands.map(({ type }) => type),
    commands.map(({ type }) => type),
  )
  assert.equal(
    orders.plan({ contactId: 'con1' }, { status: 'manufacturing', manufacturing: 50 }).commands[0].customFields
      .progress_percentage,
    '58',
  )
})

test('a plan of a shop’s own statuses', () => {
  const model = { path: [{ status: 'new', stage: 'stage_new', progress: 5, label: 'New' }] }
  const { commands } = orders.plan({ contactId: 'c', opportunityId: 'o' }, 'new', { model })
  assert.equal(commands[0].stage, 'stage_new')
  refusedAtOnce(() => orders.plan({ contactId: 'c' }, 'shipped', { model }), 'invalid_argument', 'change.status')
})

test('what is wrong with a plan is named', () => {
  const good = { contactId: 'c' }
  const table = [
    [[undefined, 'shipped'], 'order'],
    [[null, 'shipped'], 'order'],
    [['c', 'shipped'], 'order'],
    [[{}, 'shipped'], 'order.contactId'],
    [[{ contactId: 5 }, 'shipped'], 'order.contactId'],
    [[{ contactId: 5n }, 'shipped'], 'order.contactId'],
    [[{ ...good, id: 'x' }, 'shipped'], 'order.id'],
    [[good], 'change'],
    [[good, null], 'change'],
    [[good, 5], 'change'],
    [[good, {}], 'change.status'],
    [[good, 'paid'], 'change.status'],
    [[good, { status: 'shipped', at: NaN }], 'change.at'],
    [[good, { status: 'shipped', manufacturing: 101 }], 'change.manufacturing'],
    [[good, 'shipped', { modl: {} }], 'modl'],
    [[good, 'shipped', { model: { path: [] } }], 'model.path'],
  ]
  for (const [args, field] of table) refusedAtOnce(() => orders.plan(...args), 'invalid_argument', field)
})

describe('a push without memory', () => {
  let mock, ghl, order
  before(async () => {
    mock = await startMock()
    ghl = new Ghl(mock.options)
    const [pipeline] = await ghl.pipelines.list()
    const { id: contactId } = await ghl.contacts.create({
      email: 'push@example.com',
      tags: ['vip', 'status_manufacturing'],
    })
    const { id: opportunityId } = await ghl.opportunities.create({
      pipelineId: pipeline.id,
      name: 'Order #7',
      contactId,
    })
    order = { contactId, opportunityId, previousStatus: 'manufacturing', orderNumber: '7' }
  })

  test('moves stage, fields and tags, and leaves what is not ours', async () => {
    const sent = await mock.during(async () => {
      const { commands, missing } = await orders.push(ghl, order, { status: 'shipped', at: AT })
      assert.deepEqual(missing, [])
      assert.equal(commands.length, 4)
    })
    assert.deepEqual(
      sent.filter(({ method }) => method !== 'GET').map(({ method }) => method),
      ['PUT', 'PUT', 'POST', 'DELETE'],
    )
    const state = await mock.state()
    assert.equal(state.opportunities[0].stageKey, 'stage_shipped')
    const contact = state.contacts.find(({ id }) => id === order.contactId)
    assert.deepEqual(contact.tags.sort(), ['status_shipped', 'vip'])
    assert.deepEqual([contact.fieldsByKey.order_status, contact.fieldsByKey.order_number], ['shipped', '7'])
  })

  test('tells what the location lacks, and refuses what is not there', async () => {
    const model = { path: [{ status: 'new', stage: 'stage_unheard_of', progress: 5, label: 'Unheard of' }] }
    const { missing } = await orders.push(
      ghl,
      { contactId: order.contactId, opportunityId: order.opportunityId },
      'new',
      { model },
    )
    assert.deepEqual(missing, ['stage_unheard_of'])
    await refused(() => orders.push(ghl, order, 'shipped', { pipelineId: 'nosuch' }), 'invalid_argument', 'pipelineId')
    await refused(() => orders.push(ghl, { ...order, contactId: 'nosuch00000000000000' }, 'delivered'), 'not_found')
  })

  test('is cancelled and checked as every call', async () => {
    await refused(() => orders.push(ghl, order, 'shipped', { signal: AbortSignal.abort() }), 'aborted')
    const table = [
      [[undefined, order, 'shipped'], 'ghl'],
      [[{}, order, 'shipped'], 'ghl'],
      [[ghl, undefined, 'shipped'], 'order'],
      [[ghl, order], 'change'],
      [[ghl, order, 'paid'], 'change.status'],
      [[ghl, order, 'shipped', 5], 'options'],
      [[ghl, order, 'shipped', { pipeline: 'x' }], 'pipeline'],
      [[ghl, order, 'shipped', { stages: { shipped: 5 } }], 'stages.shipped'],
    ]
    for (const [args, field] of table) await refused(() => orders.push(...args), 'invalid_argument', field)
  })
})
