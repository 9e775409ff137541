// The functions that are done when they return.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { failed, ghlkit, ok } from './support/addon.mjs'

const SECRET = 'a secret'
const NOW = Date.parse('2026-01-31T12:00:00.000Z')
const verifier = ghlkit.verifierNew(JSON.stringify({ hmac: SECRET }))
const signed = (body) => `content-type:application/json\nX-GHL-Signature:${createHmac('sha256', SECRET).update(body).digest('hex')}`
const open = (body, headers = signed(body), now = NOW) => ghlkit.webhookOpen(verifier, body, headers, now)
const stage = (text) => Buffer.from(JSON.stringify({ contactId: 'con1', pipelineStage: text }))
const FIELD = { stage: 1 }
const field = (text, index) => {
  assert.equal(text[0], '+', text)
  return text.split('\0')[index]
}

test('the version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../npm/package.json', import.meta.url)))
  assert.equal(ghlkit.version(), version)
})

test('an evaluation settles, whatever is asked', () => {
  assert.equal(ok(ghlkit.evaluate('status.forStage', '{"stage":"stage_shipped"}')), 'shipped')
  for (const [op, args] of [['no.such', '{}'], ['', '{}'], ['status.forStage', ''], ['status.forStage', '[1'], ['x'.repeat(100_000), '{}']]) {
    assert.equal(failed(ghlkit.evaluate(op, args)).code, 'invalid_argument', op.slice(0, 40))
  }
})

test('a genuine webhook opens, and a changed one does not', () => {
  const body = stage('stage_shipped')
  assert.ok(open(body).endsWith('\0hmac'))
  assert.equal(field(open(body), FIELD.stage), 'stage_shipped')
  assert.equal(open(body, signed(body).split(':').at(-1)), open(body))
  for (const headers of ['', '0'.repeat(64), 'X-GHL-Signature', 'X-GHL-Signature:', signed(stage('stage_delivered'))]) {
    assert.equal(failed(open(body, headers)).code, 'signature', headers)
  }
})

test('the bytes of a view are those of its part of the buffer', () => {
  const body = stage('stage_shipped')
  const whole = new Uint8Array(body.length + 20).fill(0x20)
  whole.set(body, 7)
  const view = whole.subarray(7, 7 + body.length)
  assert.equal(field(open(view, signed(body)), FIELD.stage), 'stage_shipped')
  assert.equal(failed(open(new Uint8Array(0))).code, 'payload')
  assert.equal(failed(open(Buffer.alloc(0))).code, 'payload')
  const { buffer } = new Uint8Array(body)
  assert.equal(field(open(new Uint8Array(buffer), signed(body)), FIELD.stage), 'stage_shipped')
})

test('a resizable buffer is read as it is now', { skip: typeof ArrayBuffer.prototype.resize !== 'function' }, () => {
  const body = stage('stage_shipped')
  const buffer = new ArrayBuffer(body.length, { maxByteLength: 1_000_000 })
  const view = new Uint8Array(buffer)
  view.set(body)
  assert.equal(field(open(view, signed(body)), FIELD.stage), 'stage_shipped')
  buffer.resize(0)
  assert.equal(failed(open(view)).code, 'payload')
  buffer.resize(1_000_000)
  assert.equal(failed(open(view, signed(body))).code, 'signature')
})

test('texts come and go unharmed, short or long, in any script', () => {
  for (const text of ['', 'a', 'ÿ', 'Käytävä', 'ショールーム', '🧖'.repeat(700), 'é'.repeat(5_000), 'x'.repeat(500_000), 'tab\tline\nend']) {
    const body = stage(text)
    assert.equal(field(open(body), FIELD.stage), text === '' ? '' : text, text.slice(0, 20))
  }
})

test('headers of any length are read to their end', () => {
  const body = stage('stage_shipped')
  const signature = signed(body)
  for (let length = 1_900; length < 2_200; length += 1) {
    const padded = `x-padding:${'p'.repeat(length - signature.length - 11)}\n${signature}`
    assert.equal(padded.length, length)
    assert.equal(field(open(body, padded), FIELD.stage), 'stage_shipped', String(length))
  }
  for (const filler of ['x', 'é', '🧖', '\ud800']) {
    for (const count of [400, 800, 1_200, 1_600, 100_000]) {
      const padded = `x-padding:${filler.repeat(count)}\n${signature}`
      assert.equal(field(open(body, padded), FIELD.stage), 'stage_shipped', `${filler} ${count}`)
    }
  }
})

test('a character that is not ASCII never passes for one that is', () => {
  const body = stage('stage_shipped')
  // U+0161 is 0x61, `a`, in its lower byte.
  const disguised = signed(body).replace(/a(?=[^a]*$)/, 'š')
  assert.notEqual(disguised, signed(body))
  assert.equal(failed(open(body, disguised)).code, 'signature')
})

test('a body can be read without being verified', () => {
  assert.equal(ok(ghlkit.webhookParse(stage('stage_shipped'))).contactId, 'con1')
  assert.equal(failed(ghlkit.webhookParse(Buffer.from([0xff]))).code, 'payload')
})

test('what is read in full is verified first', () => {
  const body = stage('stage_shipped')
  assert.equal(ghlkit.webhookRead(verifier, body, signed(body), NOW), ghlkit.webhookParse(body))
  assert.equal(failed(ghlkit.webhookRead(verifier, body, signed('{}'), NOW)).code, 'signature')
})

test('a verifier that would accept everything cannot be made', () => {
  for (const spec of ['{}', '{"hmac":[]}', '{"hmac":""}', '{"unknown":1}', 'no json', '']) {
    assert.throws(() => ghlkit.verifierNew(spec), (error) => ['invalid_argument', 'config'].includes(failed(error.message).code))
  }
})
