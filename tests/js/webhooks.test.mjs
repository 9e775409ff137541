import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { inspect } from 'node:util'
import { test } from 'node:test'

import { refusedAtOnce } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'

const { webhooks } = ghlkit
const SECRET = 'a secret of ten words'
const NOW = Date.parse('2026-01-31T12:00:00.000Z')
const at = { nowMs: NOW }
const body = JSON.stringify({
  contactId: 'con1',
  pipelineStage: 'stage_in_production',
  customFields: [{ id: 'order_status', value: 'manufacturing' }],
  timestamp: '2026-01-31T12:00:00.000Z',
  note: 'Sähköposti – ⌘',
})
const bytes = new TextEncoder().encode(body)
const hmac = (raw, secret = SECRET) => createHmac('sha256', secret).update(raw).digest('hex')
const headers = { 'content-type': 'application/json', 'x-ghl-signature': hmac(body) }

test('a genuine webhook is verified and read', () => {
  const event = webhooks.constructEvent(body, headers, { hmac: SECRET }, at)
  assert.deepEqual(event.toJSON(), {
    verifiedBy: 'hmac',
    type: 'workflow',
    timestampMs: NOW,
    contactId: 'con1',
    stage: 'stage_in_production',
    orderStatus: 'manufacturing',
  })
  assert.equal(event.locationId, undefined)
  assert.equal(event.opportunityId, undefined)
  assert.equal(event.webhookId, undefined)
  assert.equal(event.status, undefined)
})

test('details and raw body are read when they are asked for', () => {
  const event = webhooks.constructEvent(bytes, headers, { hmac: SECRET }, at)
  assert.deepEqual(event.raw, JSON.parse(body))
  assert.equal(event.details.kind, 'workflow')
  assert.equal(event.details.contactId, 'con1')
  assert.deepEqual(event.details.customFields, [{ id: 'order_status', value: 'manufacturing' }])
  assert.equal(event.details, event.details)
  assert.deepEqual(webhooks.parse(body), event.details)
})

test('of a buffer that has changed since, nothing more is read', () => {
  const mine = Buffer.from(body)
  const event = webhooks.constructEvent(mine, headers, { hmac: SECRET }, at)
  assert.deepEqual(event.raw, JSON.parse(body))
  mine[mine.indexOf('con1')] ^= 1
  for (const read of [() => event.raw, () => event.details]) refusedAtOnce(read, 'signature')
  assert.equal(event.contactId, 'con1')
})

test('of a buffer that nothing has signed, an event keeps a copy', () => {
  const config = { sharedSecret: { header: 'x-shop-key', secret: 'k3y' } }
  const mine = Buffer.from(body)
  const event = webhooks.constructEvent(mine, { 'x-shop-key': 'k3y' }, config, at)
  mine.write('con2', mine.indexOf('con1'))
  assert.equal(event.details.contactId, 'con1')
  assert.equal(event.raw.contactId, 'con1')
})

test('an event is shown by what it says, and holds no more of the customer', () => {
  const event = webhooks.constructEvent(body, headers, { hmac: SECRET }, at)
  const printed = inspect(event)
  assert.match(printed, /^WebhookEvent \{[^]*contactId: 'con1'/)
  assert.doesNotMatch(printed, /Sähköposti/)
  assert.equal(JSON.stringify(event), JSON.stringify(event.toJSON()))
})

test('a body is taken in every form that keeps its bytes', () => {
  const wide = new Uint8Array(bytes.length + 8)
  wide.set(bytes, 4)
  const forms = [body, bytes, Buffer.from(body), bytes.buffer.slice(0), wide.subarray(4, 4 + bytes.length)]
  for (const form of forms) {
    assert.equal(webhooks.constructEvent(form, headers, { hmac: SECRET }, at).contactId, 'con1')
  }
})

test('headers are taken in every form a host has them', () => {
  const value = headers['x-ghl-signature']
  const forms = [
    headers,
    { 'X-GHL-Signature': value },
    { 'x-ghl-signature': [value], cookie: ['a', 'b'], host: undefined },
    new Headers(headers),
    new Map([['X-Ghl-Signature', value]]),
    Object.entries(headers),
    new Headers(headers).entries(),
    ['Host', 'shop.example.com', 'X-GHL-Signature', value],
  ]
  for (const form of forms) {
    assert.equal(webhooks.constructEvent(body, form, { hmac: SECRET }, at).contactId, 'con1', inspect(form))
  }
})

test('a signature that is missing, wrong or sent twice is refused', () => {
  const value = headers['x-ghl-signature']
  const twice = new Headers(headers)
  twice.append('x-ghl-signature', value)
  const forms = [
    {},
    [],
    new Headers(),
    { 'x-ghl-signature': hmac(`${body} `) },
    { 'x-ghl-signature': hmac(body, 'another') },
    { 'x-ghl-signature': value.toUpperCase() },
    { 'x-ghl-signature': `sha256=${value}` },
    { 'x-ghl-signature': '' },
    { 'x-ghl-signature': [value, value] },
    { 'x-ghl-signature': value, 'X-GHL-Signature': value },
    twice,
    ['x-ghl-signature', value, 'X-GHL-SIGNATURE', value],
    [
      ['x-ghl-signature', value],
      ['x-ghl-signature', value],
    ],
    ['x-ghl-signature'],
  ]
  for (const form of forms) {
    refusedAtOnce(() => webhooks.constructEvent(body, form, { hmac: SECRET }, at), 'signature')
  }
  assert.throws(() => webhooks.constructEvent(body, {}, { hmac: SECRET }), ghlkit.SignatureError)
})

test('one byte of difference is enough', () => {
  for (let i = 0; i < bytes.length; i += 7) {
    const forged = bytes.slice()
    forged[i] ^= 1
    refusedAtOnce(() => webhooks.constructEvent(forged, headers, { hmac: SECRET }, at), 'signature')
  }
})

test('an old or early timestamp is refused, unless the tolerance allows it', () => {
  const minutes = (n) => ({ nowMs: NOW + n * 60_000 })
  for (const n of [-5.1, 5.1]) {
    refusedAtOnce(() => webhooks.constructEvent(body, headers, { hmac: SECRET }, minutes(n)), 'stale', 'timestamp')
  }
  for (const n of [-4.9, 4.9]) webhooks.constructEvent(body, headers, { hmac: SECRET }, minutes(n))
  webhooks.constructEvent(body, headers, { hmac: SECRET, toleranceMs: 3_600_000 }, minutes(59))
  refusedAtOnce(() => webhooks.constructEvent(body, headers, { hmac: SECRET }), 'stale')
})

test('a missing timestamp is refused only on request', () => {
  const undated = '{"contactId":"con1"}'
  const signed = webhooks.generateTestHeaders(undated, { hmac: SECRET })
  assert.equal(webhooks.constructEvent(undated, signed, { hmac: SECRET }).timestampMs, undefined)
  refusedAtOnce(() => webhooks.constructEvent(undated, signed, { hmac: SECRET, requireTimestamp: true }), 'stale')
})

test('what is signed but no JSON, or too large, is refused as such', () => {
  for (const bad of ['', '{', '[1]', 'null', '"x"', `${body}x`, Buffer.from('{"a":"\xff"}', 'latin1')]) {
    const signed = { 'x-ghl-signature': hmac(bad) }
    refusedAtOnce(() => webhooks.constructEvent(bad, signed, { hmac: SECRET }, at), 'payload')
  }
  const large = JSON.stringify({ contactId: 'x'.repeat(1024 * 1024) })
  const signed = { 'x-ghl-signature': hmac(large) }
  refusedAtOnce(() => webhooks.constructEvent(large, signed, { hmac: SECRET }), 'too_large', 'body')
  webhooks.constructEvent(large, signed, { hmac: SECRET, maxBytes: 2 * 1024 * 1024 })
  refusedAtOnce(() => webhooks.constructEvent(body, headers, { hmac: SECRET, maxBytes: 10 }, at), 'too_large')
})

test('several secrets serve while one replaces another', () => {
  const config = { hmac: ['new', SECRET] }
  assert.equal(webhooks.constructEvent(body, headers, config, at).contactId, 'con1')
  refusedAtOnce(() => webhooks.constructEvent(body, headers, { hmac: ['new', 'newer'] }, at), 'signature')
})

test('a configuration counts by what it holds, not by which object it is', () => {
  const config = { hmac: SECRET }
  webhooks.constructEvent(body, headers, config, at)
  config.hmac = 'another'
  refusedAtOnce(() => webhooks.constructEvent(body, headers, config, at), 'signature')
  config.hmac = SECRET
  config.requireTimestamp = true
  const undated = '{"contactId":"con1"}'
  const signed = webhooks.generateTestHeaders(undated, { hmac: SECRET })
  refusedAtOnce(() => webhooks.constructEvent(undated, signed, config), 'stale')
  for (let i = 0; i < 100; i++) {
    const secret = `secret ${i}`
    const mine = { 'x-ghl-signature': hmac(body, secret) }
    webhooks.constructEvent(body, mine, { hmac: secret }, at)
    refusedAtOnce(() => webhooks.constructEvent(body, mine, { hmac: `secret ${i + 1}` }, at), 'signature')
  }
})

test('Ed25519 is verified by a key of ours, and HighLevel’s own key refuses it', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  const signed = { 'X-GHL-Signature': sign(null, bytes, privateKey).toString('base64') }
  const event = webhooks.constructEvent(body, signed, { ed25519: pem }, at)
  assert.equal(event.verifiedBy, 'ed25519')
  refusedAtOnce(() => webhooks.constructEvent(body, signed, { ed25519: true }, at), 'signature')
  const mine = webhooks.generateTestHeaders(body, { ed25519: privateKey.export({ type: 'pkcs8', format: 'pem' }) })
  assert.deepEqual(mine['x-ghl-signature'], signed['X-GHL-Signature'])
})

test('a shared secret is looked for in its own header', () => {
  const config = { sharedSecret: { header: 'X-Shop-Key', secret: 'k3y' } }
  const signed = webhooks.generateTestHeaders(body, config)
  const event = webhooks.constructEvent(body, signed, config, at)
  assert.equal(event.verifiedBy, 'shared-secret')
  assert.equal(webhooks.constructEvent(body, { 'x-shop-key': 'k3y' }, config, at).contactId, 'con1')
  for (const bad of [
    headers,
    { 'x-shop-key': 'key' },
    { 'x-shop-key': ['k3y', 'k3y'] },
    new Headers([
      ['x-shop-key', 'k3y'],
      ['x-shop-key', 'k3y'],
    ]),
  ]) {
    refusedAtOnce(() => webhooks.constructEvent(body, bad, config, at), 'signature')
  }
})

test('a verifier can be kept', () => {
  const verifier = webhooks.verifier({ hmac: SECRET })
  assert.equal(verifier.constructEvent(body, headers, at).contactId, 'con1')
  refusedAtOnce(() => verifier.constructEvent(body, {}, at), 'signature')
  assert.doesNotMatch(inspect(verifier, { showHidden: true, depth: 9 }), new RegExp(SECRET))
})

test('test headers sign text, bytes and objects', () => {
  const payload = { contactId: 'con1' }
  const expected = hmac(JSON.stringify(payload))
  for (const form of [payload, JSON.stringify(payload), Buffer.from(JSON.stringify(payload))]) {
    assert.equal(webhooks.generateTestHeaders(form, { hmac: SECRET })['x-ghl-signature'], expected)
  }
})

test('app events are read', () => {
  const app = {
    type: 'OpportunityStageUpdate',
    locationId: 'loc1',
    id: 'opp1',
    contactId: 'con1',
    pipelineId: 'pip1',
    pipelineStageId: 'stg1',
    status: 'open',
    webhookId: 'wh1',
  }
  const text = JSON.stringify(app)
  const event = webhooks.constructEvent(text, webhooks.generateTestHeaders(text, { hmac: SECRET }), { hmac: SECRET })
  assert.deepEqual(event.toJSON(), {
    verifiedBy: 'hmac',
    type: 'OpportunityStageUpdate',
    webhookId: 'wh1',
    locationId: 'loc1',
    contactId: 'con1',
    opportunityId: 'opp1',
    pipelineId: 'pip1',
    stage: 'stg1',
    status: 'open',
  })
  assert.equal(event.details.kind, 'opportunity')
  assert.equal(event.details.opportunityId, 'opp1')
})

test('a field of several lines stays one field', () => {
  const text = JSON.stringify({ contactId: 'con1', pipelineStage: 'In\nProduction', timestamp: '2026-01-31T12:00:00Z' })
  const event = webhooks.constructEvent(text, { 'x-ghl-signature': hmac(text) }, { hmac: SECRET }, at)
  assert.equal(event.stage, 'In\nProduction')
  assert.equal(event.timestampMs, NOW)
  assert.equal(event.contactId, 'con1')
})
