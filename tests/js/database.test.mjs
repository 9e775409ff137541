// What processes share through a database, without an engine.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, test } from 'node:test'

import { runChild } from './support/child.mjs'
import { refused, refusedAtOnce } from './support/errors.mjs'
import { LOCATION, TOKEN, startMock } from './support/mock.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { database } from './support/shop.mjs'

const { Database, Ghl, webhooks } = ghlkit
const SECRET = 'a secret of ten words'
const EVENTS = Array.from({ length: 40 }, (_, i) =>
  JSON.stringify({ type: 'ContactUpdate', id: 'con1', webhookId: `wh-${i}` }),
)
const headers = (body) => ({ 'x-ghl-signature': createHmac('sha256', SECRET).update(body).digest('hex') })

/** Opens the database, and closes it with the test. */
async function open(t, databaseUrl) {
  const opened = await Database.open({ databaseUrl, env: {} })
  t.after(() => opened.close())
  return opened
}

/** A process that receives all events, and says which it has handled. */
const RECEIVES = `
  const { Database, webhooks } = await import('@ghlkit/node')
  const { createHmac } = await import('node:crypto')
  const [databaseUrl, secret, events] = JSON.parse(process.env.OPTIONS)
  const database = await Database.open({ databaseUrl, env: {} })
  const receiver = webhooks.receiver({ hmac: secret, seen: database.seen })
  const handled = []
  receiver.onAny((event) => handled.push(event.webhookId))
  const sign = (body) => ({ 'x-ghl-signature': createHmac('sha256', secret).update(body).digest('hex') })
  const answers = await Promise.all(events.map((body) => receiver.receive(body, sign(body))))
  await database.close()
  console.log(JSON.stringify({ handled, answers: answers.map(({ status }) => status) }))
`

describe('a database by itself', nodeOnly, () => {
  test('lets each webhook be handled by one of the processes that share it', async (t) => {
    const databaseUrl = database()
    await open(t, databaseUrl)
    const said = await Promise.all([1, 2, 3].map(() => runChild(RECEIVES, [databaseUrl, SECRET, EVENTS])))
    const parts = said.map(([line]) => JSON.parse(line))
    const handled = parts.flatMap((part) => part.handled).sort()
    assert.deepEqual(handled, EVENTS.map((body) => JSON.parse(body).webhookId).sort())
    // What another was at work on is to come again, and is then known.
    for (const { answers } of parts) assert.ok(answers.every((status) => status === 200 || status === 429))
    const { seen } = await open(t, databaseUrl)
    const receiver = webhooks.receiver({ hmac: SECRET, seen })
    receiver.onAny(() => assert.fail('it was handled before'))
    for (const body of EVENTS) assert.equal((await receiver.receive(body, headers(body))).status, 200)
  })

  test('is one store of claims', async (t) => {
    const { seen } = await open(t, database())
    const key = { receiver: 'r', event: 'e' }
    assert.equal(await seen.claim(key, 1_000, 2_000), 'new')
    assert.equal(await seen.claim(key, 1_999, 3_000), 'busy')
    assert.equal(await seen.release(key, 2_000), undefined)
    assert.equal(await seen.claim(key, 1_000, 2_000), 'new')
    assert.equal(await seen.remember(key, 1_000, 5_000), undefined)
    assert.equal(await seen.claim(key, 4_999, 6_000), 'seen')
    assert.equal(await seen.claim(key, 5_000, 6_000), 'new')
    assert.equal(await seen.claim({ ...key, receiver: 'other' }, 1_000, 2_000), 'new')
    await refused(() => seen.claim({ receiver: 5, event: 'e' }, 1, 2), 'invalid_argument', 'receiver')
    await refused(() => seen.claim(key, 'now', 2), 'invalid_argument', 'nowMs')
  })

  test('shares the limits of a location with clients of a token', async (t) => {
    const mock = await startMock('--limit', '0')
    const shared = await open(t, database())
    const ghl = new Ghl({ token: TOKEN, locationId: LOCATION, baseUrl: mock.baseUrl, database: shared })
    await ghl.tags.list()
    assert.equal((await mock.received()).length, 1)
    refusedAtOnce(() => new Ghl({ token: TOKEN, database: {} }), 'invalid_argument', 'database')
    refusedAtOnce(() => new Ghl({ token: TOKEN, database: 'sqlite:a.db' }), 'invalid_argument', 'database')
  })

  test('is opened once, and again after it was closed', async () => {
    const databaseUrl = database()
    const [one, same] = await Promise.all([1, 2].map(() => Database.open({ databaseUrl, env: {} })))
    assert.equal(one, same)
    await one.close()
    await one.close()
    await refused(() => one.seen.claim({ receiver: 'r', event: 'e' }, 1, 2), 'invalid_argument', 'database')
    refusedAtOnce(() => new Ghl({ token: TOKEN, database: one }), 'invalid_argument', 'database')
    const again = await Database.open({ env: { DATABASE_URL: databaseUrl } })
    assert.notEqual(again, one)
    await again.close()
    await refused(() => Database.open({ databaseUrl: 'mysql://u:s3cret@h/d', env: {} }), 'config', 'databaseUrl')
    await refused(() => Database.open({ database: databaseUrl }), 'invalid_argument', 'database')
  })
})
