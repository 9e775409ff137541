// Memory stays flat. The counts are scaled down; GHLKIT_LEAK_FACTOR=50 makes the full ones.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'

import { runChild } from './support/child.mjs'
import { NAME } from './support/package.mjs'

const FACTOR = Number(process.env.GHLKIT_LEAK_FACTOR ?? 1)
const WEBHOOKS = 20_000 * FACTOR
const CALLS = 200 * FACTOR
/** What may stay allocated, whatever the count: pages of V8 and of the module that are in use. */
const MAX_MIB = 24

describe('memory', () => {
  let baseUrl
  before(async () => {
    const server = createServer((_, response) => response.end('{"contact":{"id":"con1"}}')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.unref()
    server.on('connection', (socket) => socket.unref())
    baseUrl = `http://127.0.0.1:${server.address().port}`
  })

  /** How much a process grows, in MiB, while it does `once` many times after a warming up. */
  async function growth(setUp, once, count) {
    const [mebibytes] = await runChild(
      `import { createRequire } from 'node:module'
      import { setFlagsFromString } from 'node:v8'
      import { runInNewContext } from 'node:vm'
      import * as ghlkit from '${NAME}'
      setFlagsFromString('--expose-gc')
      setFlagsFromString('--max-semi-space-size=2')
      const gc = runInNewContext('gc')
      const { baseUrl } = JSON.parse(process.env.OPTIONS)
      ${setUp}
      const many = async (count) => { for (let i = 0; i < count; i++) { ${once} } }
      const rss = async () => {
        for (let round = 0; round < 5; round++) gc(), await new Promise((resolve) => setTimeout(resolve, 20))
        return process.memoryUsage.rss()
      }
      await many(Math.ceil(${count} / 4))
      const before = await rss()
      await many(${count})
      console.log(((await rss()) - before) / 2 ** 20)
      process.exit()`,
      { baseUrl },
      600_000,
    )
    return Number(mebibytes)
  }

  const WEBHOOK = `
    const body = Buffer.from(JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_shipped', note: 'ä'.repeat(400) }))
    const headers = ghlkit.webhooks.generateTestHeaders(body, { hmac: 's' })`

  test('does not grow with webhooks, good and forged, whatever their secrets', async () => {
    const grown = await growth(
      WEBHOOK,
      `const event = ghlkit.webhooks.constructEvent(body, headers, { hmac: 's' })
      if (ghlkit.statusForStage(event.stage) !== 'shipped') throw new Error('wrong')
      if (i % 20 === 0) {
        if (event.details.contactId !== 'con1') throw new Error('wrong')
        ghlkit.statusForStage('Stage ' + i)
        try { ghlkit.webhooks.constructEvent(body, headers, { hmac: 'secret ' + i }) } catch {}
      }`,
      WEBHOOKS,
    )
    assert.ok(grown < MAX_MIB, `${grown.toFixed(1)} MiB more`)
  })

  test('does not grow with calls, clients and signals', async () => {
    const grown = await growth(
      `const signal = new AbortController().signal`,
      `const ghl = new ghlkit.Ghl({ token: 't', locationId: 'loc' + i, baseUrl })
      ghl.on('response', () => ghl.kept.length)
      ghl.kept = Buffer.alloc(200_000, i)
      // Memory that was given back by many at once stays with the process.
      if (i % 16 === 0) gc(), await new Promise((resolve) => setTimeout(resolve, 5))
      if ((await ghl.contacts.get('con1', { signal })).id !== 'con1') throw new Error('wrong')
      await ghl.contacts.get('con1', { signal: AbortSignal.abort() }).catch(() => {})`,
      CALLS,
    )
    assert.ok(grown < MAX_MIB, `${grown.toFixed(1)} MiB more`)
  })

  test('would be seen to grow', async () => {
    const kept = await growth(`${WEBHOOK}\nglobalThis.kept = []`, `kept.push(Buffer.alloc(4_096, i))`, WEBHOOKS)
    assert.ok(kept > MAX_MIB, `${kept.toFixed(1)} MiB more`)
  })
})
