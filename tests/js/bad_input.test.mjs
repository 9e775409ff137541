import assert from 'node:assert/strict'
import { test } from 'node:test'
import vm from 'node:vm'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { ghlkit, ON_NODE } from './support/package.mjs'

const { Ghl, webhooks } = ghlkit
const SECRET = { hmac: 's3cret' }

/** Values of every type but the right one. */
const ODD = [undefined, null, true, 5, NaN, 5n, Symbol('s'), () => 's', [], {}, new Date(), /x/]
const shown = (value) =>
  typeof value === 'symbol' ? 'a symbol' : typeof value === 'bigint' ? '5n' : (JSON.stringify(value) ?? `${value}`)

/** Memory that was given away. */
function detached() {
  const bytes = new Uint8Array([1, 2, 3])
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

test('a body that is no raw body is refused, with a hint at what it is', async () => {
  const read = new Request('http://x/', { method: 'POST', body: '{}' })
  await read.text()
  const bodies = [
    ...ODD,
    new SharedArrayBuffer(8),
    new Uint8Array(new SharedArrayBuffer(8)),
    detached(),
    detached().buffer,
    new DataView(new ArrayBuffer(8)),
    new Uint16Array(8),
    new Int8Array(8),
    new Uint8ClampedArray(8),
    new Float64Array(8),
    new Blob(['{}']),
    read,
    new Request('http://x/', { method: 'POST', body: '{}' }),
    new Response('{}'),
    new Response('{}').body,
    Promise.resolve('{}'),
    new Map(),
    new String('{}'),
  ]
  for (const body of bodies) {
    const calls = [
      () => webhooks.constructEvent(body, {}, SECRET),
      () => webhooks.verifier(SECRET).constructEvent(body, {}),
      () => webhooks.parse(body),
    ]
    for (const call of calls) refusedAtOnce(call, 'invalid_argument', 'rawBody')
  }
  const hints = [
    [new Request('http://x/'), /await request\.text\(\)/],
    [new Response('{}').body, /await and collect/],
    [{ contactId: 'c' }, /parsed/],
    [new SharedArrayBuffer(8), /shared memory/],
    [detached(), /transferred away/],
    [detached().buffer, /transferred away/],
  ]
  for (const [body, hint] of hints) {
    const error = await refused(() => webhooks.parse(body), 'invalid_argument', 'rawBody')
    assert.match(error.message, hint)
  }
})

test('bytes of another realm are bytes', () => {
  const body = '{"contactId":"con1"}'
  const signed = webhooks.generateTestHeaders(body, SECRET)
  const foreign = vm.runInNewContext(`new Uint8Array(${JSON.stringify([...Buffer.from(body)])})`)
  assert.ok(!(foreign instanceof Uint8Array))
  for (const form of [foreign, foreign.buffer])
    assert.equal(webhooks.constructEvent(form, signed, SECRET).contactId, 'con1')
})

test('headers that are none are refused', () => {
  const call = (headers) => () => webhooks.constructEvent('{}', headers, SECRET)
  const odd = [undefined, null, true, 5, 5n, Symbol('s'), () => {}, 'x-ghl-signature: 1', Promise.resolve({})]
  for (const headers of odd) refusedAtOnce(call(headers), 'invalid_argument', 'headers')
  for (const headers of [[5], [[5, 'x']], new Set(['x']), [null]])
    refusedAtOnce(call(headers), 'invalid_argument', 'headers')
  const value = 'x-ghl-signature'
  for (const headers of [
    { [value]: 5 },
    { [value]: null },
    { [value]: [5] },
    [[value]],
    [value, 5],
    new Map([[value, {}]]),
  ]) {
    refusedAtOnce(call(headers), 'invalid_argument', `headers.${value}`)
  }
  for (const line of ['a\nx-ghl-signature:b', 'a\r', 'a\r\n b']) {
    refusedAtOnce(call({ [value]: line }), 'invalid_argument', `headers.${value}`)
  }
})

test('a configuration that is none is refused', () => {
  const cyclic = {}
  cyclic.hmac = cyclic
  const table = [
    [undefined, 'config'],
    [null, 'config'],
    ['secret', 'config'],
    [5, 'config'],
    [[], 'config'],
    [() => {}, 'config'],
    [{ hmac: 5 }, 'hmac'],
    [{ hmac: 5n }, 'hmac'],
    [{ hmac: Symbol('s') }, 'hmac'],
    [{ hmac: () => 's' }, 'hmac'],
    [{ hmac: new Map() }, 'hmac'],
    [{ hmac: new Uint8Array(3) }, 'hmac'],
    [{ hmac: Promise.resolve('s') }, 'hmac'],
    [{ hmac: ['a', 5n] }, 'hmac[1]'],
    [cyclic, 'hmac'],
    [{ hmac: 's', tolerance: 5 }, 'tolerance'],
    [{ hmac: 's', toleranceMs: '5' }, 'toleranceMs'],
    [{ hmac: 's', toleranceMs: NaN }, 'toleranceMs'],
    [{ hmac: 's', maxBytes: 1.5 }, 'maxBytes'],
    [{ hmac: 's', requireTimestamp: 1 }, 'requireTimestamp'],
    [{ sharedSecret: 's' }, 'sharedSecret'],
    [{ ed25519: false }, 'ed25519'],
  ]
  for (const [config, field] of table) {
    refusedAtOnce(() => webhooks.constructEvent('{}', {}, config), 'invalid_argument', field)
    refusedAtOnce(() => webhooks.verifier(config), 'invalid_argument', field)
  }
  // Of the right type, and yet of no use: whoever sets it is told, and no webhook is let in.
  for (const config of [
    {},
    { hmac: '' },
    { hmac: [] },
    { hmac: ['s', ''] },
    { ed25519: 'AAAA' },
    { ed25519: [] },
    { hmac: 's', toleranceMs: -1 },
    { hmac: 's', maxBytes: 0 },
  ]) {
    assert.throws(
      () => webhooks.verifier(config),
      (error) => ['config', 'invalid_argument'].includes(error.code) && error.field !== undefined,
      JSON.stringify(config),
    )
  }
})

test('options of a webhook are checked', () => {
  const call = (options) => () => webhooks.constructEvent('{}', {}, SECRET, options)
  for (const options of [null, 5, 'now', []]) refusedAtOnce(call(options), 'invalid_argument', 'options')
  for (const nowMs of [null, '5', NaN, Infinity, 5n, new Date(), {}])
    refusedAtOnce(call({ nowMs }), 'invalid_argument', 'nowMs')
  refusedAtOnce(call({ now: 5 }), 'invalid_argument', 'now')
})

test('what is to be signed is checked', () => {
  for (const payload of [undefined, null, 5, 5n, Symbol('s'), () => {}, [], new Map(), new SharedArrayBuffer(3)]) {
    refusedAtOnce(() => webhooks.generateTestHeaders(payload, SECRET), 'invalid_argument', 'payload')
  }
  refusedAtOnce(() => webhooks.generateTestHeaders({ a: 5n }, SECRET), 'invalid_argument', 'a')
  for (const signer of [undefined, null, 's', 5, []]) {
    refusedAtOnce(() => webhooks.generateTestHeaders('{}', signer), 'invalid_argument', 'signer')
  }
  refusedAtOnce(() => webhooks.generateTestHeaders('{}', {}), 'invalid_argument')
  refusedAtOnce(() => webhooks.generateTestHeaders('{}', { hmac: 's', ed25519: 'x' }), 'invalid_argument')
  refusedAtOnce(() => webhooks.generateTestHeaders('{}', { hmac: ['s'] }), 'invalid_argument', 'hmac')
  refusedAtOnce(
    () => webhooks.generateTestHeaders('{}', { hmac: 's', body: 'x', bodyBase64: 'eA==' }),
    'invalid_argument',
  )
})

test('a client’s options are checked', () => {
  for (const options of [undefined, null, 'pit-1', 5, []])
    refusedAtOnce(() => new Ghl(options), 'invalid_argument', 'options')
  const table = [
    [{}, 'config', 'token'],
    [{ token: '' }, 'config', 'token'],
    [{ token: 'with space' }, 'config', 'token'],
    [{ token: 5 }, 'invalid_argument', 'token'],
    [{ token: Symbol('s') }, 'invalid_argument', 'token'],
    [{ token: 't', locationId: 5 }, 'invalid_argument', 'locationId'],
    [{ token: 't', baseUrl: 'http://example.com' }, 'config', 'baseUrl'],
    [{ token: 't', timeoutMs: '5' }, 'invalid_argument', 'timeoutMs'],
    [{ token: 't', maxRetries: 10 }, 'config', 'maxRetries'],
    [{ token: 't', apiKey: 'x' }, 'invalid_argument', 'apiKey'],
    [{ token: 't', fetch: 'fetch' }, 'invalid_argument', 'fetch'],
  ]
  for (const [options, code, field] of table) refusedAtOnce(() => new Ghl(options), code, field)
  refusedAtOnce(() => Ghl.fromEnv({}), 'config')
  refusedAtOnce(() => Ghl.fromEnv({ GOHIGHLEVEL_API_KEY: 5 }), 'config')
  for (const env of [null, 5, 'env']) refusedAtOnce(() => Ghl.fromEnv(env), 'invalid_argument', 'env')
  if (ON_NODE) refusedAtOnce(() => new Ghl({ token: 't', fetch }), 'invalid_argument', 'fetch')
})

test('the arguments of every operation are checked before anything is sent', async () => {
  // Nothing listens there: what is refused is refused before.
  const ghl = new Ghl({ token: 't', locationId: 'loc1', baseUrl: 'http://127.0.0.1:9', maxRetries: 0 })
  const ids = [
    ['contactId', (id) => ghl.contacts.get(id)],
    ['contactId', (id) => ghl.contacts.update(id, {})],
    ['contactId', (id) => ghl.contacts.delete(id)],
    ['contactId', (id) => ghl.contacts.addTags(id, ['a'])],
    ['contactId', (id) => ghl.contacts.removeTags(id, ['a'])],
    ['opportunityId', (id) => ghl.opportunities.get(id)],
    ['opportunityId', (id) => ghl.opportunities.update(id, {})],
    ['opportunityId', (id) => ghl.opportunities.updateStatus(id, 'won')],
    ['opportunityId', (id) => ghl.opportunities.delete(id)],
    ['name', (name) => ghl.tags.create(name)],
    ['model', (model) => ghl.customFields.list(model)],
    ['status', (status) => ghl.opportunities.updateStatus('opp1', status)],
  ]
  for (const [field, call] of ids) {
    for (const value of ODD.filter((odd) => !(odd instanceof Date))) {
      const error = await refused(() => call(value), 'invalid_argument')
      assert.ok(error.field === field || error.field.startsWith(`${field}`), `${shown(value)}: ${error.message}`)
    }
  }
  const objects = [
    ['contact', (contact) => ghl.contacts.create(contact)],
    ['contact', (contact) => ghl.contacts.update('con1', contact)],
    ['contact', (contact) => ghl.contacts.upsert(contact)],
    ['opportunity', (opportunity) => ghl.opportunities.create(opportunity)],
    ['opportunity', (opportunity) => ghl.opportunities.update('opp1', opportunity)],
    ['customField', (field) => ghl.customFields.create(field)],
  ]
  for (const [field, call] of objects) {
    for (const value of [undefined, null, 5, 'x', 5n, true, Symbol('s'), () => {}]) {
      const error = await refused(() => call(value), 'invalid_argument')
      assert.equal(error.field, field, `${shown(value)}: ${error.message}`)
    }
    await refused(() => call({ surprise: 1 }), 'invalid_argument', `${field}.surprise`)
  }
  const cyclic = { email: 'a@example.com' }
  cyclic.customFields = [{ id: 'f', value: [cyclic] }]
  const table = [
    [() => ghl.contacts.create({ email: 5 }), 'contact.email'],
    [() => ghl.contacts.create({ email: 5n }), 'contact.email'],
    [() => ghl.contacts.create({ tags: 'vip' }), 'tags'],
    [() => ghl.contacts.update('con1', cyclic), 'contact.customFields[0].value[0]'],
    [() => ghl.contacts.addTags('con1', ['a', undefined]), 'tags[1]'],
    [() => ghl.contacts.addTags('con1', ['a', Symbol('b')]), 'tags[1]'],
    [() => ghl.contacts.addTags('con1'), 'tags'],
    [() => ghl.contacts.findDuplicate({}), 'email'],
    [() => ghl.contacts.findDuplicate(), 'arguments'],
    [
      () => ghl.opportunities.create({ pipelineId: 'p', name: 'n', contactId: 'c', monetaryValue: Infinity }),
      'opportunity.monetaryValue',
    ],
    [() => ghl.contacts.get('con1', { timeoutMs: '5' }), 'timeoutMs'],
    [() => ghl.contacts.get('con1', { timeoutMs: 0 }), 'timeoutMs'],
    [() => ghl.contacts.get('con1', { maxRetries: 1.5 }), 'maxRetries'],
    [() => ghl.contacts.get('con1', { maxWaitMs: -1 }), 'maxWaitMs'],
    [() => ghl.contacts.get('con1', { maxWaitMs: 5n }), 'maxWaitMs'],
    [() => ghl.contacts.get('con1', { locationId: 5 }), 'locationId'],
    [() => ghl.contacts.get('con1', { timeout: 5 }), 'timeout'],
    [() => ghl.contacts.get('con1', 5), 'options'],
    [() => ghl.contacts.get('con1', null), 'options'],
    [() => ghl.call(), 'arguments'],
    [() => ghl.call(5, {}), 'op'],
    [() => ghl.call('contacts.get', null), 'arguments'],
    [() => ghl.call('contacts.get', []), 'arguments'],
    [() => ghl.call('nosuch', {}), 'op'],
    [() => ghl.call('contacts.get', { contactId: 'c', more: 1 }), 'more'],
  ]
  for (const [call, field] of table) await refused(call, 'invalid_argument', field)
  const deep = {}
  let inner = deep
  for (let i = 0; i < 100_000; i++) inner = inner.a = {}
  await refused(() => ghl.contacts.create({ customFields: [deep] }), 'invalid_argument')
  const trap = {
    get email() {
      throw new Error('trap')
    },
  }
  const error = await refused(() => ghl.contacts.upsert(trap), 'invalid_argument')
  assert.equal(error.cause.message, 'trap')
})
