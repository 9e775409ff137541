import assert from 'node:assert/strict'
import { test } from 'node:test'

import { LOCATION, SECRET, TOKEN, startMock } from './support/mock.mjs'
import { ghlkit, nodeOnly, wasmOnly } from './support/package.mjs'
import { database, startShop } from './support/shop.mjs'
import { runChild } from './support/child.mjs'
import { quickStart, shownModule } from './support/readme.mjs'

/** The variables of the quick starts. */
function variables({ token, locationId, pipelineId, baseUrl }) {
  return {
    GOHIGHLEVEL_API_KEY: token,
    GOHIGHLEVEL_LOCATION_ID: locationId,
    GHL_ORDERS_PIPELINE_ID: pipelineId,
    GOHIGHLEVEL_WEBHOOK_SECRET: SECRET,
    GHL_BASE_URL: baseUrl,
    DATABASE_URL: database(),
  }
}

test('the quick start for Node', nodeOnly, async () => {
  const { mock, options } = await startShop()
  const lines = await runChild(
    `Object.assign(process.env, JSON.parse(process.env.OPTIONS))
    const { POST } = await import('${quickStart('@ghlkit/node')}')
    const body = '{"contactId":"con1","pipelineStage":"stage_shipped"}'
    const { webhooks } = await import('@ghlkit/node')
    const headers = webhooks.generateTestHeaders(body, { hmac: '${SECRET}' })
    console.log((await POST(new Request('http://shop/', { method: 'POST', body, headers }))).status)`,
    variables(options()),
  )
  assert.ok(lines.includes('synced') && lines.includes('5d2c is manufacturing by shop'), `${lines}`)
  assert.equal(lines.at(-1), '200')
  const { opportunities } = await mock.state()
  assert.deepEqual(
    opportunities.map(({ name, stageKey }) => [name, stageKey]),
    [['Order #1042', 'stage_in_production']],
  )
})

test('the quick start for the edge', wasmOnly, async () => {
  const mock = await startMock()
  const { contactId } = await mock.human('contact', { details: { email: 'edge@example.com' } })
  const { default: worker } = await import(quickStart('@ghlkit/wasm'))
  const env = {
    GOHIGHLEVEL_API_KEY: TOKEN,
    GOHIGHLEVEL_LOCATION_ID: LOCATION,
    GOHIGHLEVEL_WEBHOOK_SECRET: SECRET,
    GHL_BASE_URL: mock.baseUrl,
  }
  const body = JSON.stringify({ contactId, pipelineStage: 'In Production' })
  const post = (headers) => worker.fetch(new Request('http://edge/', { method: 'POST', body, headers }), env)
  assert.equal((await post({ 'x-ghl-signature': 'forged' })).status, 401)
  const answer = await post(ghlkit.webhooks.generateTestHeaders(body, { hmac: SECRET }))
  assert.deepEqual(await answer.json(), { success: true })
  const { contacts } = await mock.state()
  assert.deepEqual(contacts.find(({ id }) => id === contactId).tags, ['seen_manufacturing'])
})

test('the first success of the guide in Node', nodeOnly, async () => {
  const { mock, options } = await startShop()
  const lines = await runChild(
    `Object.assign(process.env, JSON.parse(process.env.OPTIONS))
    await import('${shownModule('quick-start.md', 'quick-start-node')}')`,
    variables(options()),
  )
  assert.deepEqual(lines, ['synced'])
  const { opportunities } = await mock.state()
  assert.deepEqual(
    opportunities.map(({ name, stageKey }) => [name, stageKey]),
    [['Order #1042', 'stage_new_order']],
  )
})

test('the test that the guide shows passes', nodeOnly, async () => {
  const { mock, options } = await startShop()
  const { GHL_ORDERS_PIPELINE_ID: _, ...env } = variables(options())
  await runChild(
    `Object.assign(process.env, JSON.parse(process.env.OPTIONS))
    await import('${shownModule('testing.md', 'testing-node')}')`,
    env,
  )
  const { opportunities } = await mock.state()
  assert.deepEqual(
    opportunities.map(({ stageKey }) => stageKey),
    ['stage_shipped'],
  )
})

test('the first success of the guide at the edge', wasmOnly, async () => {
  const { default: worker } = await import(shownModule('quick-start.md', 'quick-start-edge'))
  const body = '{"contactId":"con1","pipelineStage":"stage_shipped"}'
  const post = (headers) =>
    worker.fetch(new Request('http://edge/', { method: 'POST', body, headers }), { GOHIGHLEVEL_WEBHOOK_SECRET: SECRET })
  const answer = await post(ghlkit.webhooks.generateTestHeaders(body, { hmac: SECRET }))
  assert.deepEqual(await answer.json(), { status: 'shipped' })
  const forged = await post({ 'x-ghl-signature': 'forged' })
  assert.deepEqual([forged.status, (await forged.json()).code], [401, 'signature'])
})
