// Wrong arguments: each throws an error that names it, and nothing else happens.
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'

import { ADDON, folder, ghlkit, thrownBy } from './support/addon.mjs'
import { NEVER_RIGHT, NOT_A_NUMBER, NOT_A_TEXT, NOT_BYTES } from './support/wrong.mjs'

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
  'a copy': structuredClone({ copied: true }),
})
const NOT_A_SYNC = notThe(undefined)
// What is left out is no cancel handle and no app, and that is right.
const { undefined: _undefined, null: _null, ...NOT_A_CANCEL } = notThe(cancel)
const NOT_AN_APP = { ...NOT_A_CANCEL, cancel }

/** Function, right arguments, and what is wrong for each. */
const CALLS = [
  ['evaluate', ['x', '{}'], [['op', NOT_A_TEXT], ['args', NOT_A_TEXT]]],
  ['verifierNew', ['{}'], [['spec', NOT_A_TEXT]]],
  ['webhookOpen', [verifier, bytes, '', 0], [['verifier', notThe(verifier)], ['body', NOT_BYTES], ['headers', NOT_A_TEXT], ['nowMs', NOT_A_NUMBER]]],
  ['webhookRead', [verifier, bytes, '', 0], [['verifier', notThe(verifier)], ['body', NOT_BYTES], ['headers', NOT_A_TEXT], ['nowMs', NOT_A_NUMBER]]],
  ['webhookParse', [bytes], [['body', NOT_BYTES]]],
  ['clientNew', ['{}', undefined, undefined], [['settings', NOT_A_TEXT], ['oauth', NOT_AN_APP], ['database', NOT_AN_APP]]],
  ['clientCall', [client, 'x', '{}', '{}', cancel], [['client', notThe(client)], ['op', NOT_A_TEXT], ['args', NOT_A_TEXT], ['options', NOT_A_TEXT], ['cancel', NOT_A_CANCEL]]],
  ['clientListen', [client, 'retry', () => {}], [['client', notThe(client)], ['kinds', NOT_A_TEXT], ['listener', { ...NEVER_RIGHT, text: 'x', number: 1 }]]],
  ['cancelFire', [cancel], [['cancel', notThe(cancel)]]],
  ['databaseOpen', ['{}'], [['settings', NOT_A_TEXT]]],
  ['databaseCall', [{}, 'x', '{}'], [['database', NOT_A_SYNC]]],
  ['databaseClose', [{}], [['database', NOT_A_SYNC]]],
  ['monitorOpen', [() => {}], [['listener', { ...NEVER_RIGHT, text: 'x', number: 1 }]]],
  ['monitorEnd', [{}], [['monitor', NOT_A_SYNC]]],
  ['oauthOpen', ['{}'], [['settings', NOT_A_TEXT]]],
  ['oauthAuthorizeUrl', [{}, 'x'], [['oauth', NOT_A_SYNC]]],
  ['oauthCall', [{}, 'x', '{}'], [['oauth', NOT_A_SYNC]]],
  ['oauthClose', [{}], [['oauth', NOT_A_SYNC]]],
  ['syncOpen', ['{}', () => {}, undefined], [['settings', NOT_A_TEXT], ['bell', { ...NEVER_RIGHT, text: 'x', number: 1 }], ['oauth', NOT_AN_APP]]],
  ['syncAlone', ['{}', 'x', '{}', undefined, cancel], [['settings', NOT_A_TEXT], ['op', NOT_A_TEXT], ['args', NOT_A_TEXT], ['oauth', NOT_AN_APP], ['cancel', NOT_A_CANCEL]]],
  ['syncCall', [{}, 'x', '{}'], [['sync', NOT_A_SYNC]]],
  ['syncReceive', [{}, '', bytes, ''], [['sync', NOT_A_SYNC]]],
  ['syncStart', [{}], [['sync', NOT_A_SYNC]]],
  ['syncStopped', [{}], [['sync', NOT_A_SYNC]]],
  ['syncStop', [{}], [['sync', NOT_A_SYNC]]],
  ['syncClose', [{}], [['sync', NOT_A_SYNC]]],
  ['syncListen', [{}, true], [['sync', NOT_A_SYNC]]],
  ['syncPoll', [{}], [['sync', NOT_A_SYNC]]],
  ['syncDone', [{}, '1', 'null'], [['sync', NOT_A_SYNC]]],
  ['syncFailed', [{}, '1', '{}'], [['sync', NOT_A_SYNC]]],
  ['watchOpen', [{}, '{}'], [['sync', NOT_A_SYNC], ['options', NOT_A_TEXT]]],
  ['watchNext', [{}], [['watch', NOT_A_SYNC]]],
  ['watchEnd', [{}], [['watch', NOT_A_SYNC]]],
]

for (const [name, right, parameters] of CALLS) {
  for (const [position, [field, wrong]] of parameters.entries()) {
    test(`${name} refuses a wrong ${field}`, () => {
      for (const [what, value] of Object.entries(wrong)) {
        const given = right.with === undefined ? Object.assign([...right], { [position]: value }) : right.with(position, value)
        const error = thrownBy(() => ghlkit[name](...given))
        assert.equal(error.code, 'invalid_argument', what)
        assert.equal(error.field, field, what)
        assert.ok(error.message.startsWith(`${field}: expected `), error.message)
      }
    })
  }
}

test('every function of the binding is among them, or takes nothing', () => {
  const named = [...CALLS.map(([name]) => name), 'version', 'cancelNew'].sort()
  assert.deepEqual(Object.keys(ghlkit).sort(), named)
})

test('arguments that are left out or too many are no different', () => {
  for (const [name] of CALLS) assert.equal(thrownBy(() => ghlkit[name]()).code, 'invalid_argument', name)
  assert.equal(ghlkit.version(1, 2, 3, 4, 5, 6, 7, 8, 9), ghlkit.version())
  assert.equal(ghlkit.version.call(null), ghlkit.version.apply({}, []))
})

test('a handle serves only the copy of the addon that made it', (t) => {
  const file = join(folder(t), 'copy.node')
  copyFileSync(ADDON, file)
  const copy = createRequire(import.meta.url)(file)
  const theirs = copy.verifierNew('{"hmac":"s"}')
  assert.equal(thrownBy(() => ghlkit.webhookOpen(theirs, bytes, '', 0)).field, 'verifier')
  assert.equal(thrownBy(() => copy.webhookOpen(verifier, bytes, '', 0)).field, 'verifier')
  assert.equal(JSON.parse(copy.webhookOpen(theirs, bytes, '', 0)).error.code, 'signature')
})

test('an object of Node that holds a pointer of its own is no handle', () => {
  for (const value of [process, globalThis, new WeakMap(), new MessageChannel().port1, Buffer]) {
    assert.equal(thrownBy(() => ghlkit.cancelFire(value)).field, 'cancel')
    if (value.close) value.close()
  }
})
