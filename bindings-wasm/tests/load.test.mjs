// How a module is loaded, and what it says before.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BODY, NOW, copy, failed, ok, signed, thrownBy, wasm } from './support/module.mjs'

/** Whether a module verifies a webhook. */
function works(module) {
  const verifier = module.verifierNew('{"hmac":"s3cret"}')
  return module.webhookOpen(verifier, BODY, signed(BODY), NOW).endsWith('\0hmac')
}

test('what is called before `init` says so', async (t) => {
  const module = await copy(t, 'full', 'web')
  assert.equal(module.ready(), false)
  const calls = [
    () => module.version(),
    () => module.evaluate('errors.codes', '{}'),
    () => module.verifierNew('{"hmac":"s"}'),
    () => module.webhookParse(BODY),
    () => module.clientNew('{}'),
  ]
  for (const call of calls) {
    const error = await thrownBy(call)
    assert.deepEqual([error.code, error.field], ['invalid_argument', 'init'])
    assert.match(error.message, /await init\(\)/)
  }
  module.initSync({ module: wasm('full') })
  assert.ok(module.ready() && works(module))
})

for (const [what, given] of Object.entries({
  'a compiled module': (bytes) => new WebAssembly.Module(bytes),
  bytes: (bytes) => bytes,
  'an array buffer': (bytes) => Uint8Array.from(bytes).buffer,
})) {
  test(`initSync takes ${what}`, async (t) => {
    const module = await copy(t, 'verify', 'web')
    module.initSync({ module: given(wasm('verify')) })
    module.initSync({ module: 'again, it is not looked at' })
    assert.ok(works(module))
  })
}

test('init takes a response, a promise of one, an address and what initSync takes', async (t) => {
  const bytes = wasm('verify')
  const response = () => new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } })
  const fetched = []
  t.mock.method(globalThis, 'fetch', async (address) => {
    fetched.push(String(address))
    return response()
  })
  for (const given of [response(), Promise.resolve(response()), bytes, new WebAssembly.Module(bytes), 'https://cdn.example.com/x.wasm', new URL('https://cdn.example.com/y.wasm'), undefined]) {
    const module = await copy(t, 'verify', 'web')
    await module.init(given)
    await module.init(5)
    assert.ok(works(module))
  }
  assert.deepEqual(fetched.slice(0, 2), ['https://cdn.example.com/x.wasm', 'https://cdn.example.com/y.wasm'])
  assert.match(fetched[2], /^file:.*\/ghlkit\.wasm$/)
})

test('what is no module is refused, and can be made good', async (t) => {
  const module = await copy(t, 'verify', 'web')
  for (const given of [5, {}, null, [], new Response('', { status: 404 })]) {
    const error = await thrownBy(() => module.init(given))
    assert.deepEqual([error.code, error.field], ['invalid_argument', 'init'])
  }
  for (const options of [undefined, null, {}, { module: 'x' }, 5]) {
    assert.equal((await thrownBy(() => module.initSync(options))).field, 'init')
  }
  await assert.rejects(module.init(new Uint8Array(8)), WebAssembly.CompileError)
  assert.equal(module.ready(), false)
  await module.init(wasm('verify'))
  assert.ok(works(module))
})

test('two copies work side by side', async (t) => {
  const [one, other] = [await copy(t, 'full', 'node'), await copy(t, 'verify', 'node')]
  assert.ok(works(one) && works(other) && works(one))
  assert.equal(failed(other.evaluate('order.check', '{}')).field, 'op')
  ok(one.evaluate('errors.codes', '{}'))
})
