// Webhooks and the functions without I/O, in both modules.
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'

import { BODY, NOW, copy, failed, ghlkit, ok, signed, verify } from './support/module.mjs'

const { Instance } = WebAssembly
const FIELDS = ['con1', 'In Fertigung – Ä', 'workflow', '', '', '', '', '', '', String(NOW), 'hmac']

for (const [name, module] of Object.entries({ full: ghlkit, verify })) {
  test(`${name}: a genuine webhook gives its fields`, () => {
    const verifier = module.verifierNew('{"hmac":["old","s3cret"]}')
    const text = module.webhookOpen(verifier, BODY, `Content-Type:x\n${signed(BODY)}`, NOW)
    assert.equal(text, `+${FIELDS.join('\0')}`)
    assert.equal(module.webhookOpen(verifier, BODY, signed(BODY).split(':')[1], NOW), text)
    assert.equal(failed(module.webhookOpen(verifier, BODY, '0'.repeat(64), NOW)).code, 'signature')
  })

  test(`${name}: bytes of another realm, a subarray and a Buffer are all bytes`, () => {
    const verifier = module.verifierNew('{"hmac":"s3cret"}')
    const padded = Buffer.concat([Buffer.from('xx'), BODY, Buffer.from('yy')])
    for (const body of [new Uint8Array(BODY), padded.subarray(2, -2), Uint8Array.from(BODY)]) {
      assert.ok(module.webhookOpen(verifier, body, signed(BODY), NOW).endsWith('\0hmac'))
    }
  })

  test(`${name}: a forged, stale or malformed one gives the error`, () => {
    const verifier = module.verifierNew('{"hmac":"s3cret"}')
    const open = (body, headers, now = NOW) => failed(module.webhookOpen(verifier, body, headers, now)).code
    const changed = Buffer.from(BODY)
    changed[20] ^= 1
    assert.equal(open(changed, signed(BODY)), 'signature')
    assert.equal(open(BODY, signed(BODY, 'another')), 'signature')
    assert.equal(open(BODY, ''), 'signature')
    assert.equal(open(BODY, `${signed(BODY)}\n${signed(BODY)}`), 'signature')
    assert.equal(open(BODY, signed(BODY), NOW + 86_400_000), 'stale')
    assert.equal(open(Buffer.from('[]'), signed('[]')), 'payload')
    const large = Buffer.alloc(2 ** 20 + 1)
    assert.equal(open(large, signed(large)), 'too_large')
  })

  test(`${name}: Ed25519`, () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const verifier = module.verifierNew(JSON.stringify({ ed25519: pem }))
    const header = `x-ghl-signature:${sign(null, BODY, privateKey).toString('base64')}`
    assert.ok(module.webhookOpen(verifier, BODY, header, NOW).endsWith('\0ed25519'))
    const another = sign(null, Buffer.from('{}'), privateKey).toString('base64')
    assert.equal(failed(module.webhookOpen(verifier, BODY, `x-ghl-signature:${another}`, NOW)).code, 'signature')
  })

  test(`${name}: what is read in full is verified first`, () => {
    const verifier = module.verifierNew('{"hmac":"s3cret"}')
    assert.equal(module.webhookRead(verifier, BODY, signed(BODY), NOW), module.webhookParse(BODY))
    assert.equal(failed(module.webhookRead(verifier, BODY, signed('{}'), NOW)).code, 'signature')
  })

  test(`${name}: a body is read, and stages are mapped`, () => {
    assert.equal(ok(module.webhookParse(BODY)).pipelineStage, 'In Fertigung – Ä')
    assert.equal(failed(module.webhookParse(Buffer.from([0xff]))).code, 'payload')
    assert.equal(ok(module.evaluate('stage.forStatus', '{"status":"shipped"}')), 'stage_shipped')
    assert.equal(failed(module.evaluate('no.such', '{}')).field, 'op')
    assert.match(module.version(), /^\d+\.\d+\.\d+$/)
  })
}

test('the module for webhooks has nothing else', () => {
  assert.equal(failed(verify.evaluate('order.check', '{}')).field, 'op')
  assert.notEqual(failed(ghlkit.evaluate('order.check', '{}')).field, 'op')
})

test('memory stays as it is', async (t) => {
  let memory
  t.mock.method(WebAssembly, 'Instance', function (...args) {
    const instance = new Instance(...args)
    memory = instance.exports.memory
    return instance
  })
  const module = await copy(t, 'full', 'node')
  const verifier = module.verifierNew('{"hmac":"s3cret"}')
  const headers = signed(BODY)
  const sizeAfter = (rounds) => {
    for (let round = 0; round < rounds; round++) {
      module.webhookOpen(verifier, BODY, round % 2 ? headers : '', NOW)
      module.webhookParse(BODY)
    }
    return memory.buffer.byteLength
  }
  const before = sizeAfter(1_000)
  assert.equal(sizeAfter(100_000), before)
  assert.ok(before < 2 ** 22, `${before} bytes`)
})
