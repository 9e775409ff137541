// Wrong arguments: each throws an error that names it, and nothing else happens.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { NEVER_RIGHT, NOT_A_NUMBER, NOT_A_TEXT, NOT_BYTES } from '../../bindings-node/tests/support/wrong.mjs'
import { copy, failed, ghlkit, thrownBy } from './support/module.mjs'

const verifier = ghlkit.verifierNew('{"hmac":"s"}')
const client = ghlkit.clientNew('{"options":{"token":"t","locationId":"l"}}')
const cancel = ghlkit.cancelNew()
const bytes = new Uint8Array(1)

/** Every handle but one. */
const notThe = (right) => ({
  ...NEVER_RIGHT,
  text: 'x',
  number: 0,
  ...Object.fromEntries(Object.entries({ verifier, client, cancel }).filter(([, handle]) => handle !== right)),
  'a copy': { ...right },
})
// What is left out is no cancel handle, and that is right.
const { undefined: _undefined, null: _null, ...NOT_A_CANCEL } = notThe(cancel)

/** Function, right arguments, and what is wrong for each. */
const CALLS = [
  ['evaluate', ['x', '{}'], [['op', NOT_A_TEXT], ['args', NOT_A_TEXT]]],
  ['verifierNew', ['{}'], [['spec', NOT_A_TEXT]]],
  ['webhookOpen', [verifier, bytes, '', 0], [['verifier', notThe(verifier)], ['body', NOT_BYTES], ['headers', NOT_A_TEXT], ['nowMs', NOT_A_NUMBER]]],
  ['webhookRead', [verifier, bytes, '', 0], [['verifier', notThe(verifier)], ['body', NOT_BYTES], ['headers', NOT_A_TEXT], ['nowMs', NOT_A_NUMBER]]],
  ['webhookParse', [bytes], [['body', NOT_BYTES]]],
  ['clientNew', ['{}', {}], [['settings', NOT_A_TEXT], ['fetch', { text: { fetch: 'x' }, null: { fetch: null }, object: { fetch: {} } }]]],
  ['clientCall', [client, 'x', '{}', '{}', cancel], [['client', notThe(client)], ['op', NOT_A_TEXT], ['args', NOT_A_TEXT], ['options', NOT_A_TEXT], ['cancel', NOT_A_CANCEL]]],
  ['clientListen', [client, 'retry', () => {}], [['client', notThe(client)], ['kinds', NOT_A_TEXT], ['listener', { ...NEVER_RIGHT, text: 'x', number: 1 }]]],
  ['cancelFire', [cancel], [['cancel', notThe(cancel)]]],
]

for (const [name, right, parameters] of CALLS) {
  for (const [position, [field, wrong]] of parameters.entries()) {
    test(`${name} refuses a wrong ${field}`, async () => {
      for (const [what, value] of Object.entries(wrong)) {
        const error = await thrownBy(() => ghlkit[name](...right.with(position, value)))
        assert.equal(error.code, 'invalid_argument', what)
        assert.equal(error.field, field, what)
        assert.ok(error.message.startsWith(`${field}: expected `), error.message)
      }
    })
  }
}

test('what is far too large is not copied in', async () => {
  const large = 'x'.repeat(65 * 1024 * 1024)
  const error = await thrownBy(() => ghlkit.evaluate('errors.codes', large))
  assert.deepEqual([error.code, error.field], ['too_large', 'args'])
  const bytes = new Uint8Array(65 * 1024 * 1024)
  assert.equal((await thrownBy(() => ghlkit.webhookParse(bytes))).code, 'too_large')
})

test('a handle serves only the copy of the module that made it', async (t) => {
  const other = await copy(t, 'full', 'node')
  const theirs = other.verifierNew('{"hmac":"s"}')
  assert.equal((await thrownBy(() => ghlkit.webhookOpen(theirs, bytes, '', 0))).field, 'verifier')
  assert.equal((await thrownBy(() => other.webhookOpen(verifier, bytes, '', 0))).field, 'verifier')
  assert.equal((await thrownBy(() => other.clientCall(client, 'x', '{}', '{}'))).field, 'client')
  assert.equal(failed(other.webhookOpen(theirs, bytes, '', 0)).code, 'signature')
  assert.equal(failed(ghlkit.webhookOpen(verifier, bytes, '', 0)).code, 'signature')
})
