import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'

import { NAME, ghlkit, require } from './support/package.mjs'

const { GhlError, SignatureError, ConfigError, InvalidArgumentError, webhooks } = ghlkit

function thrown(act) {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const forged = (library) => thrown(() => library.webhooks.constructEvent('{}', {}, { hmac: 's' }))

test('an error is an Error with a code, a field, a stack and a name', () => {
  const error = forged(ghlkit)
  assert.ok(error instanceof Error && error instanceof GhlError && error instanceof SignatureError)
  assert.ok(!(error instanceof ConfigError))
  assert.equal(error.name, 'SignatureError')
  assert.equal(error.code, 'signature')
  assert.equal(error.field, 'x-ghl-signature')
  assert.equal(error.retryable, false)
  assert.match(error.stack, /errors\.test\.mjs/)
  assert.match(inspect(error), /^SignatureError: x-ghl-signature: [^]*code: 'signature'/)
})

test('what a log holds of it is plain data', () => {
  const { message } = forged(ghlkit)
  assert.deepEqual(JSON.parse(JSON.stringify(forged(ghlkit))), {
    code: 'signature',
    field: 'x-ghl-signature',
    message,
    retryable: false,
    delivery: 'not_sent',
  })
})

test('every code belongs to one family', () => {
  const families = Object.values(ghlkit).filter((value) => value.codes?.length > 0)
  assert.equal(families.length, 16)
  const codes = families.flatMap((family) => family.codes)
  assert.equal(new Set(codes).size, codes.length)
  for (const family of families) {
    for (const code of family.codes) {
      const error = new GhlError({ code, message: 'm', retryable: false, delivery: 'not_sent' })
      for (const other of families) assert.equal(error instanceof other, other === family, `${code} ${other.name}`)
    }
  }
})

test('nothing else is taken for one of them', () => {
  for (const other of [
    null,
    undefined,
    5,
    'signature',
    {},
    { code: 'signature' },
    new Error('signature'),
    new TypeError(),
  ]) {
    assert.ok(!(other instanceof GhlError), inspect(other))
    assert.ok(!(other instanceof SignatureError), inspect(other))
  }
})

test('a class of the user’s own keeps to itself', () => {
  class Mine extends InvalidArgumentError {}
  const details = { code: 'invalid_argument', message: 'm', retryable: false, delivery: 'not_sent' }
  assert.ok(new Mine(details) instanceof Mine)
  assert.ok(new Mine(details) instanceof InvalidArgumentError)
  assert.ok(!(new InvalidArgumentError(details) instanceof Mine))
})

test('two copies of the package that are loaded at once agree on their errors', () => {
  const first = require(NAME)
  const cached = Object.keys(require.cache).filter(
    (file) => /[\\/]dist[\\/].*\.cjs$/.test(file) && !file.endsWith('native.cjs'),
  )
  assert.ok(cached.length > 0)
  for (const file of cached) delete require.cache[file]
  const second = require(NAME)
  assert.notEqual(first.GhlError, second.GhlError)
  assert.ok(forged(first) instanceof second.SignatureError)
  assert.ok(forged(second) instanceof first.GhlError)
  assert.ok(!(forged(second) instanceof first.ConfigError))
})

test('no secret stands in an error', () => {
  const secret = 'pa55-w0rd'
  const errors = [
    thrown(() => webhooks.verifier({ hmac: [secret], ed25519: secret })),
    thrown(() => webhooks.verifier({ hmac: { value: secret } })),
    thrown(() => webhooks.verifier({ hmac: { secret: 's', [secret]: 1 } })),
    thrown(() => webhooks.verifier({ hmac: { secret: 's', notAfter: secret } })),
    thrown(() => webhooks.verifier({ sharedSecret: { header: 'a b', secret } })),
    thrown(() => webhooks.constructEvent(secret, { 'x-ghl-signature': secret }, { hmac: secret })),
    thrown(() => webhooks.generateTestHeaders('{}', { hmac: [secret] })),
  ]
  for (const error of errors) {
    assert.ok(error instanceof GhlError, error.stack)
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), new RegExp(secret))
  }
})
