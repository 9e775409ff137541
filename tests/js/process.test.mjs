import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { runChild, startChild } from './support/child.mjs'
import { NAME, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const IMPORT = `
  import { createRequire } from 'node:module'
  import { Ghl, OrderSync } from '${NAME}'
  const options = JSON.parse(process.env.OPTIONS)
  const order = ${JSON.stringify(order('child'))}
`

describe('a process', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })
  /** The first contact takes its time. */
  const slow = () => shop.mock.faults({ nth: 1, method: 'POST', path: '/contacts/', latency_ms: 1_000 })
  const found = async (number) =>
    (await shop.mock.state()).opportunities.find(({ name }) => name === `Order #${number}`)

  test('ends when its own code ends, whatever waits', async () => {
    const lines = await runChild(
      `${IMPORT}
      const ghl = new Ghl(options.ghl)
      await ghl.locations.get()
      const sync = await OrderSync.open(options.engine)
      sync.on('status_changed', () => {})
      const events = sync.events()
      events.next()
      await sync.createOrder(order, { waitMs: 0 })
      console.log('end')`,
      { ghl: shop.mock.options, engine: shop.options() },
    )
    assert.deepEqual(lines, ['end'])
  })

  test('goes on while a call is under way', async () => {
    await slow()
    const lines = await runChild(
      `${IMPORT}
      const sync = await OrderSync.open(options)
      const outcome = await sync.createOrder({ ...order, id: 'slow', orderNumber: 'slow' })
      console.log(outcome.state)`,
      shop.options(),
    )
    assert.deepEqual(lines, ['synced'])
  })

  test('goes on while a handler is at work', async () => {
    const lines = await runChild(
      `${IMPORT}
      const sync = await OrderSync.open(options)
      const handled = new Promise((begun) => {
        sync.on('status_changed', async (event) => {
          begun()
          await new Promise((resolve) => setTimeout(resolve, 500).unref())
          console.log('handled', event.orderId)
        })
      })
      await sync.createOrder({ ...order, id: 'mail', orderNumber: 'mail' }, { waitMs: 0 })
      const keep = setInterval(() => {}, 1000)
      await handled
      clearInterval(keep)
      console.log('end')`,
      shop.options(),
    )
    assert.deepEqual(lines, ['end', 'handled mail'])
  })

  test('goes on while it runs an engine, and ends once that is stopped', async () => {
    await slow()
    const child = startChild(
      `${IMPORT}
      const sync = await OrderSync.open({ ...options, worker: false })
      await sync.createOrder({ ...order, id: 'run', orderNumber: 'run' }, { waitMs: 0 })
      process.once('SIGTERM', () => sync.stop())
      console.log('running')
      await sync.run()
      console.log('stopped')`,
      shop.options(),
    )
    await until(() => found('run'), 'the order in GHL')
    assert.equal(child.said(), 'running\n')
    child.kill('SIGTERM')
    const { code, lines } = await child.ended
    assert.deepEqual([code, lines], [0, ['running', 'stopped']])
  })

  test('loses nothing when it is killed', async () => {
    await slow()
    const engine = shop.options()
    const child = startChild(
      `${IMPORT}
      const sync = await OrderSync.open({ ...options, sync: { leaseMs: 12_501 } })
      await sync.createOrder({ ...order, id: 'kill', orderNumber: 'kill' }, { waitMs: 0 })
      console.log('written')
      await sync.run()`,
      engine,
    )
    await until(() => child.said() === 'written\n', 'the order to be written')
    child.kill('SIGTERM')
    assert.equal((await child.ended).signal, 'SIGTERM')
    const lines = await runChild(
      `${IMPORT}
      const sync = await OrderSync.open({ ...options, worker: false })
      console.log((await sync.order('kill')).status, (await sync.jobs()).length)
      await sync.close()`,
      engine,
    )
    assert.deepEqual(lines, ['order_placed 1'])
  })

  test('has one engine for a database, however often the module is loaded', async () => {
    const lines = await runChild(
      `${IMPORT}
      const require = createRequire(process.cwd() + '/')
      const fresh = () => {
        for (const file of Object.keys(require.cache)) delete require.cache[file]
        return require('${NAME}').OrderSync
      }
      const [First, Second] = [fresh(), fresh()]
      const [first, second] = [await First.open(options), await Second.open(options)]
      console.log(First === Second, first === second, first === (await OrderSync.open(options)))
      console.log((await second.createOrder({ ...order, id: 'hot', orderNumber: 'hot' }, { waitMs: 0 })).jobId !== undefined)
      await first.close()
      const third = await Second.open(options)
      console.log(third === first, (await third.order('hot')).id)`,
      shop.options(),
    )
    assert.deepEqual(lines, ['false true true', 'true', 'false hot'])
  })

  test('shows nobody the password of its database', async () => {
    const lines = await runChild(
      `${IMPORT}
      import { inspect } from 'node:util'
      const sync = await OrderSync.open(options)
      const everything = inspect([globalThis, sync, OrderSync, globalThis[Symbol.for('ghlkit.open')]], { showHidden: true, depth: 6, maxStringLength: null, maxArrayLength: null })
      console.log(everything.includes(options.token), everything.includes(options.databaseUrl), everything.length > 1000)`,
      shop.options({ env: undefined }),
    )
    assert.deepEqual(lines, ['false false true'])
  })

  test('is ended by an engine that was closed, at once', async () => {
    const lines = await runChild(
      `${IMPORT}
      await using_(OrderSync.open(options))
      async function using_(opening) {
        const sync = await opening
        try {
          await sync.createOrder({ ...order, id: 'using', orderNumber: 'using' })
        } finally {
          await sync[Symbol.asyncDispose]()
        }
      }
      console.log(process.getActiveResourcesInfo().filter((name) => !/TTY|Pipe|File/.test(name)).join())`,
      shop.options(),
    )
    assert.deepEqual(lines, [])
  })
})
