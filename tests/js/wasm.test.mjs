import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { ghlkit, require, wasmOnly } from './support/package.mjs'

const OPTIONS = { token: 'pit-1', locationId: 'loc1', maxRetries: 0 }
const location = () => Response.json({ location: { id: 'loc1', name: 'Shop' } })

describe('the WASM package', wasmOnly, () => {
  const file = wasmOnly.skip ? '' : require.resolve('@ghlkit/wasm/ghlkit.wasm')
  let copies = 0
  /** A copy of the package as a browser has it, which is not loaded yet. */
  const fresh = () => import(`${pathToFileURL(file.replace('ghlkit.wasm', 'web.mjs'))}?${copies++}`)

  test('says what is missing when it was not loaded', async () => {
    const web = await fresh()
    const calls = [
      () => web.webhooks.constructEvent('{}', {}, { hmac: 's' }),
      () => web.webhooks.verifier({ hmac: 's' }),
      () => web.webhooks.parse('{}'),
      () => web.webhooks.generateTestHeaders('{}', { hmac: 's' }),
      () => web.statusForStage('stage_shipped'),
      () => web.progressFor('shipped'),
      () => new web.StatusModel(),
      () => new web.Ghl(OPTIONS),
      () => web.orders.plan({ contactId: 'c' }, 'shipped'),
    ]
    for (const call of calls) {
      const error = await refused(call, 'invalid_argument', 'init')
      assert.match(error.message, /await init\(\)/)
    }
  })

  test('is loaded from whatever the module is in, once', async () => {
    const bytes = readFileSync(file)
    const module = await WebAssembly.compile(bytes)
    const wasm = { headers: { 'content-type': 'application/wasm' } }
    const sources = [bytes, new Uint8Array(bytes).buffer, module, Promise.resolve(module), new Response(bytes, wasm)]
    for (const source of sources) {
      const web = await fresh()
      await web.init(source)
      await web.init()
      assert.equal(web.statusForStage('stage_shipped'), 'shipped')
    }
    for (const source of [bytes, module]) {
      const web = await fresh()
      web.initSync({ module: source })
      web.initSync({ module: source })
      assert.equal(web.statusForStage('stage_shipped'), 'shipped')
    }
  })

  test('says what is wrong with a module, and can be loaded after that', async () => {
    const web = await fresh()
    for (const source of [
      5,
      {},
      null,
      true,
      new Uint8Array(8),
      new Response('none', { status: 404 }),
      'http://127.0.0.1:9/x.wasm',
    ]) {
      await refused(() => web.init(source), 'invalid_argument', 'init')
    }
    await refused(() => web.init(Promise.reject(new Error('x'))), 'invalid_argument', 'init')
    for (const options of [undefined, null, {}, { module: 5 }, { module: new Uint8Array(8) }]) {
      refusedAtOnce(() => web.initSync(options), 'invalid_argument', 'init')
    }
    web.initSync({ module: readFileSync(file) })
    assert.equal(web.progressFor('shipped'), 75)
  })

  test('calls GHL through the `fetch` it is given', async () => {
    const sent = []
    const fetch = async (url, init) => {
      sent.push([init.method, url, init.headers.authorization])
      return location()
    }
    const ghl = new ghlkit.Ghl({ ...OPTIONS, fetch })
    assert.equal((await ghl.locations.get()).name, 'Shop')
    assert.deepEqual(sent, [['GET', 'https://services.leadconnectorhq.com/locations/loc1', 'Bearer pit-1']])
  })

  test('takes the host’s `fetch` as it is at the time of the call', async (t) => {
    const ghl = new ghlkit.Ghl(OPTIONS)
    t.mock.method(globalThis, 'fetch', async () => location())
    assert.equal((await ghl.locations.get()).name, 'Shop')
    assert.equal(globalThis.fetch.mock.callCount(), 1)
  })

  test('makes errors of whatever `fetch` does', async () => {
    const table = [
      [() => Promise.reject(new TypeError('fetch failed')), 'network'],
      [
        () => {
          throw new Error('at once')
        },
        'network',
      ],
      [() => undefined, 'network'],
      [async () => new Response('no JSON'), 'unexpected_reply'],
      [async () => new Response(null, { status: 500 }), 'server'],
    ]
    for (const [fetch, code] of table) await refused(() => new ghlkit.Ghl({ ...OPTIONS, fetch }).locations.get(), code)
  })

  test('aborts the `fetch` of a call that is cancelled', async () => {
    let given
    const fetch = (_, { signal }) => {
      given = signal
      return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
    }
    const controller = new AbortController()
    const outcome = refused(
      () => new ghlkit.Ghl({ ...OPTIONS, fetch }).locations.get({ signal: controller.signal }),
      'aborted',
    )
    while (given === undefined) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    await outcome
    assert.equal(given.aborted, true)
  })

  test('keeps a token out of browsers, unless told otherwise', (t) => {
    globalThis.window = { document: {} }
    t.after(() => delete globalThis.window)
    refusedAtOnce(() => new ghlkit.Ghl(OPTIONS), 'invalid_argument', 'dangerouslyAllowBrowser')
    refusedAtOnce(
      () => new ghlkit.Ghl({ ...OPTIONS, dangerouslyAllowBrowser: 'yes' }),
      'invalid_argument',
      'dangerouslyAllowBrowser',
    )
    new ghlkit.Ghl({ ...OPTIONS, dangerouslyAllowBrowser: true })
  })

  test('has a smaller part for webhooks alone', async () => {
    const verify = await import('@ghlkit/wasm/verify')
    const names = Object.keys(ghlkit).filter((name) => !['Ghl', 'listen', 'orders', 'retry'].includes(name))
    assert.deepEqual(Object.keys(verify).sort(), names.sort())
    const body = '{"contactId":"con1","pipelineStage":"stage_shipped"}'
    const event = verify.webhooks.constructEvent(body, verify.webhooks.generateTestHeaders(body, { hmac: 's' }), {
      hmac: 's',
    })
    assert.equal(verify.statusForStage(event.stage), 'shipped')
    assert.equal(event.details.kind, 'workflow')
    const error = await refused(() => ghlkit.webhooks.constructEvent(body, {}, { hmac: 's' }), 'signature')
    assert.ok(error instanceof verify.SignatureError)
  })
})
