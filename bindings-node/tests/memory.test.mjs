// Memory stays flat. The counts are scaled down; GHLKIT_LEAK_FACTOR=50 makes the full ones, for an addon built to
// be released.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { program } from './support/program.mjs'
import { order, settings, startMock } from './support/shop.mjs'

const FACTOR = Number(process.env.GHLKIT_LEAK_FACTOR ?? 1)
const WEBHOOKS = 20_000 * FACTOR
const CALLS = 200 * FACTOR
const HANDLES = 2_000 * FACTOR
const ENGINES = 4 * FACTOR

/** What may stay allocated, whatever the count: arenas of threads, pages of V8 that are in use. */
const MAX_MIB = 12

const server = createServer((_, response) => response.end('{"contact":{"id":"con1"}}')).listen(0, '127.0.0.1')
await once(server, 'listening')
server.unref()
const BASE_URL = `http://127.0.0.1:${server.address().port}`

/** How much the memory of a process grows, in MiB, while `many(count)` is run after a warming up. */
async function growth(many, count, env = {}) {
  const { lines, exit, err } = await program(
    `
    const many = ${many}
    const rss = () => {
      for (let round = 0; round < 5; round += 1) gc()
      return process.memoryUsage.rss()
    }
    const settle = () => new Promise((resolve) => setTimeout(resolve, 100))
    const count = ${count}
    await many(Math.ceil(count / 5))
    await settle()
    const before = rss()
    await many(count)
    await settle()
    say((rss() - before) / 2 ** 20)
    process.exit()
    `,
    { env: { ...env, BASE_URL }, flags: ['--expose-gc', '--max-semi-space-size=2'], capMs: 600_000 },
  )
  assert.equal(exit, 0, err)
  return Number(lines[0])
}

async function flat(what, many, count, env) {
  const mebibytes = await growth(many, count, env)
  assert.ok(mebibytes < MAX_MIB, `${mebibytes.toFixed(1)} MiB more after ${count} ${what}`)
}

const OPEN = `
  const { createHmac } = require('node:crypto')
  const verifier = ghlkit.verifierNew('{"hmac":"s"}')
  const body = Buffer.from(JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_shipped', note: 'ä'.repeat(500) }))
  const headers = 'x-ghl-signature:' + createHmac('sha256', 's').update(body).digest('hex')
  const open = () => ghlkit.webhookOpen(verifier, body, headers, Date.now())
  if (open()[0] !== '+') throw new Error(open())
`

test('webhooks', () => flat('webhooks', `((count) => { ${OPEN}
  for (let index = 0; index < count; index += 1) open()
})`, WEBHOOKS))

test('this would show a leak', async () => {
  const leaking = `((count) => { ${OPEN}
    globalThis.kept = []
    for (let index = 0; index < count; index += 1) kept.push(Buffer.from(open().repeat(20)))
  })`
  assert.ok((await growth(leaking, 20_000)) > MAX_MIB)
})

test('wrong arguments and refused webhooks', () => flat('refusals', `((count) => { ${OPEN}
  for (let index = 0; index < count; index += 1) {
    ghlkit.webhookOpen(verifier, body, 'x-ghl-signature:0', 0)
    try { ghlkit.webhookOpen(verifier, null, '', 0) } catch {}
  }
})`, WEBHOOKS / 2))

test('evaluations and long texts', () => flat('evaluations', `((count) => {
  const long = JSON.stringify({ stage: 'x'.repeat(10_000) })
  for (let index = 0; index < count; index += 1) {
    ghlkit.evaluate('status.forStage', '{"stage":"stage_shipped"}')
    if (index % 1_000 === 0) ghlkit.evaluate('status.forStage', long)
  }
})`, WEBHOOKS / 4))

test('handles that are forgotten', () => flat('handles', `(async (count) => {
  for (let index = 0; index < count; index += 1) {
    ghlkit.verifierNew('{"hmac":"s"}')
    ghlkit.cancelNew()
    if (index % 10 === 0) ghlkit.clientNew('{"options":{"token":"t","locationId":"l"}}')
    // What is forgotten is dropped between turns of the event loop.
    if (index % 500 === 0) { gc(); await new Promise(setImmediate) }
  }
})`, HANDLES))

test('calls', () => flat('calls', `(async (count) => {
  const client = ghlkit.clientNew(JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: BASE_URL } }))
  let left = count
  const lane = async () => {
    while (left-- > 0) {
      // A location takes a hundred calls in ten seconds.
      const options = JSON.stringify({ locationId: 'location' + (left % 400) })
      const cancel = ghlkit.cancelNew()
      const text = ghlkit.clientCall(client, 'contacts.get', '{"contactId":"con1"}', options, cancel)
      if (left % 10 === 0) ghlkit.cancelFire(cancel)
      const settled = JSON.parse(await text)
      if (settled.error && settled.error.code !== 'aborted') throw new Error(await text)
    }
  }
  await Promise.all(Array.from({ length: 16 }, lane))
})`, CALLS))

test('engines that open and close', async (t) => {
  const mock = await startMock()
  await flat('engines', `(async (count) => {
    for (let index = 0; index < count; index += 1) {
      const sync = await ghlkit.syncOpen(SETTINGS, () => {})
      ghlkit.syncListen(sync, true)
      ghlkit.syncStart(sync)
      await ghlkit.syncCall(sync, 'createOrder', ORDER)
      await ghlkit.syncClose(sync)
    }
  })`.replaceAll('ORDER', JSON.stringify(order('A-1'))), ENGINES, { SETTINGS: await settings(t, mock) })
})
