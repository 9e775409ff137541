// The same behaviours on every host.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'

import * as hosts from './hosts.mjs'

const SECRET = 'what-the-workflow-signs-with'
const EDGE_TOKEN = 'what-the-shop-sends-to-the-edge'

let mock, env
before(async () => {
  const child = spawn(process.env.MOCK_GHL, ['--limit', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const [line] = await once(createInterface(child.stdout), 'line')
  child.unref()
  child.stdout.unref()
  mock = line.replace('mock-ghl listens on ', '')
  const [location] = (await state()).locations
  env = {
    GHL_BASE_URL: mock,
    GOHIGHLEVEL_API_KEY: 'pit-00000000-0000-4000-8000-000000000001',
    GOHIGHLEVEL_LOCATION_ID: location.id,
    GOHIGHLEVEL_WEBHOOK_SECRET: SECRET,
    GHL_ORDERS_PIPELINE_ID: location.pipelines[0].id,
    EDGE_TOKEN,
  }
})

const state = async () => (await fetch(`${mock}/__mock/state`)).json()
const ghl = async (path, body) => {
  const headers = { authorization: `Bearer ${env.GOHIGHLEVEL_API_KEY}`, version: '2021-07-28', 'content-type': 'application/json' }
  const answer = await fetch(mock + path, { method: 'POST', headers, body: JSON.stringify({ ...body, locationId: env.GOHIGHLEVEL_LOCATION_ID }) })
  assert.ok(answer.ok, await answer.clone().text())
  return answer.json()
}
const sign = (body, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex')
const BODY = JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_in_production' })

test('without a token of the shop nobody is let in', async () => {
  const { EDGE_TOKEN: _, ...less } = env
  for (const more of [{}, { EDGE_TOKEN: '' }]) {
    const host = await hosts.vercel({ ...less, ...more })
    for (const authorization of ['Bearer undefined', 'Bearer ', undefined]) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
      const answer = await host.ask('/status', { method: 'POST', body: '{}', headers })
      assert.deepEqual([answer.status, (await answer.json()).code], [503, 'config'])
    }
  }
})

for (const name of ['cloudflare', 'vercel', 'deno', 'bun']) {
  describe(name, () => {
    let host
    before(async () => {
      host = await hosts[name](env)
    })
    after(() => host.stop())

    const post = async (path, body, headers) => {
      const answer = await host.ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
      return [answer.status, await answer.json()]
    }
    const pushed = (body, token = EDGE_TOKEN) => post('/status', JSON.stringify(body), { authorization: `Bearer ${token}` })

    test('verifies a webhook and maps its stage', async () => {
      const [status, said] = await post('/webhook', BODY, { 'x-ghl-signature': sign(BODY) })
      assert.deepEqual([status, said], [200, { contactId: 'con1', status: 'manufacturing', progress: 50 }])
    })

    test('refuses what is forged, and what is none', async () => {
      const altered = BODY.replace('con1', 'con2')
      for (const [body, signature, status, code] of [
        [BODY, '', 401, 'signature'],
        [BODY, sign(BODY, 'another'), 401, 'signature'],
        [altered, sign(BODY), 401, 'signature'],
        ['{', sign('{'), 400, 'payload'],
      ]) {
        const [answered, said] = await post('/webhook', body, { 'x-ghl-signature': signature })
        assert.deepEqual([answered, said.code], [status, code])
        assert.ok(!JSON.stringify(said).includes(SECRET))
      }
    })

    test('tells GHL of a status', async () => {
      const { contact } = await ghl('/contacts/', { email: `${name}@example.com`, firstName: name })
      const stage = (await state()).locations[0].pipelines[0].stages[0].id
      const card = { pipelineId: env.GHL_ORDERS_PIPELINE_ID, pipelineStageId: stage, contactId: contact.id, name, status: 'open' }
      const { opportunity } = await ghl('/opportunities/', card)
      const order = { contactId: contact.id, opportunityId: opportunity.id, previousStatus: 'order_placed', orderNumber: '1042' }
      const [status, said] = await pushed({ order, status: 'shipped' })
      assert.deepEqual([status, said.success], [200, true], JSON.stringify(said))
      const { contacts, opportunities } = await state()
      assert.equal(opportunities.find(({ id }) => id === opportunity.id).stageKey, 'stage_shipped')
      const { fieldsByKey, tags } = contacts.find(({ id }) => id === contact.id)
      assert.equal(fieldsByKey.order_status, 'shipped')
      assert.deepEqual(tags, ['status_shipped'])
    })

    test('says what is wrong, and writes nothing', async () => {
      const before = await state()
      assert.equal((await pushed({}, 'another'))[0], 401)
      for (const body of [{}, { order: { contactId: 'c' }, status: 'paid' }, { order: 7, status: 'shipped' }]) {
        const [status, said] = await pushed(body)
        assert.deepEqual([status, said.code], [400, 'invalid_argument'], JSON.stringify(said))
      }
      const [status, said] = await pushed({ order: { contactId: 'nobody' }, status: 'shipped' })
      assert.deepEqual([status, said.code], [502, 'not_found'], JSON.stringify(said))
      const odd = async (body) => {
        const [status, said] = await post('/status', body, { authorization: `Bearer ${EDGE_TOKEN}` })
        return [status, said.code]
      }
      for (const body of ['null', '[]', '7', '{', '']) assert.deepEqual(await odd(body), [400, 'payload'], body)
      assert.deepEqual(await odd(`{"order":"${'x'.repeat(1024 * 1024)}"}`), [413, 'too_large'])
      assert.equal((await host.ask('/', {})).status, 404)
      const after = await state()
      assert.deepEqual([after.contacts, after.opportunities], [before.contacts, before.opportunities])
    })
  })
}
