import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { LOCATION, SECRET, TOKEN } from './support/mock.mjs'
import { ghlkit, nodeOnly, require } from './support/package.mjs'
import { database, startShop } from './support/shop.mjs'

describe('setting up', nodeOnly, () => {
  let shop
  let pipeline
  before(async () => {
    shop = await startShop()
    pipeline = (await shop.mock.state()).locations[0].pipelines[0].id
  })

  /** The environment of a shop where all is well. */
  const environment = (changes = {}) => ({
    GOHIGHLEVEL_API_KEY: TOKEN,
    GOHIGHLEVEL_LOCATION_ID: LOCATION,
    GHL_ORDERS_PIPELINE_ID: pipeline,
    GOHIGHLEVEL_WEBHOOK_SECRET: SECRET,
    GHL_BASE_URL: shop.mock.baseUrl,
    DATABASE_URL: database(),
    ...changes,
  })

  /** Runs the command as a person or a CI job does. */
  async function ghlkitCommand(args, env) {
    const command = require.resolve('@ghlkit/node/package.json').replace('package.json', 'bin/ghlkit.mjs')
    const child = spawn(process.execPath, [command, ...args], { env: { PATH: process.env.PATH, ...env } })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (texts[name] += text))
    const [code] = await once(child, 'close')
    for (const secret of [TOKEN, SECRET]) assert.ok(!(texts.stdout + texts.stderr).includes(secret), 'a secret is shown')
    return { code, ...texts }
  }

  const bad = ({ checks }) =>
    checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warning').map(({ name, verdict }) => [name, verdict])

  /** A route that answers what it is told to. */
  async function route(answer) {
    const received = []
    const server = createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? '{"success":true}')
    })
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
    server.unref()
    server.on('connection', (socket) => socket.unref())
    return { url: `http://127.0.0.1:${server.address().port}/api/webhooks/ghl`, received }
  }

  test('an engine that is well says so, part by part, and nothing is changed in GHL', async () => {
    const sync = await shop.open()
    const sent = await shop.mock.during(async () => {
      const report = await sync.doctor()
      assert.deepEqual([report.ok, bad(report)], [true, []], JSON.stringify(report, null, 1))
      const names = report.checks.map(({ name }) => name)
      for (const name of ['environment', 'database', 'migrations', 'database_rights', 'token', 'scopes', 'pipeline']) {
        assert.ok(names.includes(name), name)
      }
    })
    const writes = sent.filter(({ method, status }) => method !== 'GET' && status < 400)
    assert.deepEqual(writes.map(({ path }) => path), ['/contacts/search'])
    await sync.close()
    await refused(() => sync.doctor(), 'invalid_argument', 'sync')
  })

  test('a webhook to the engine’s own route is accepted, and changes no order', async () => {
    const sync = await shop.open()
    const [url] = await shopUrl(sync)
    const report = await sync.doctor({ webhookUrl: url })
    const line = report.checks.find(({ name }) => name === 'webhook')
    assert.deepEqual([line.verdict, report.ok], ['ok', true], line.detail)
    await sync.drain()
    assert.deepEqual(await sync.unresolved(), [])
    await sync.close()
  })

  /** A server with the engine's route. */
  async function shopUrl(sync) {
    const server = createServer((request, response) => void sync.handlers.node(request, response))
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
    server.unref()
    server.on('connection', (socket) => socket.unref())
    return [`http://127.0.0.1:${server.address().port}/`, server]
  }

  test('`sendTestWebhook` sends what the seed’s test sends, signed, and tells the answer', async () => {
    const sync = await shop.open()
    const { url, received } = await route({ body: `{"echo":"${'x'.repeat(2_000)}"}` })
    const sent = await sync.sendTestWebhook(url)
    assert.deepEqual([sent.status, sent.ok, sent.body.length], [200, true, 1024])
    assert.ok(sent.durationMs >= 0)
    const [{ headers, body }] = received
    const event = ghlkit.webhooks.constructEvent(body, headers, { hmac: SECRET })
    assert.equal(event.type, 'workflow')
    assert.equal(JSON.parse(body).contactId, 'test_contact_123')
    assert.equal(headers.authorization, undefined, 'GHL’s token stays here')
    await sync.sendTestWebhook(url, { event: 'OpportunityStageUpdate', timeoutMs: 5_000 })
    assert.equal(JSON.parse(received[1].body).type, 'OpportunityStageUpdate')
    await sync.close()
  })

  test('a redirect is not followed, and what cannot be sent is refused by name', async () => {
    const sync = await shop.open()
    const elsewhere = await route({})
    const { url } = await route({ status: 307, headers: { location: elsewhere.url } })
    assert.deepEqual(await sync.sendTestWebhook(url).then(({ status, ok }) => [status, ok]), [307, false])
    assert.deepEqual(elsewhere.received, [])
    await refused(() => sync.sendTestWebhook('http://shop.example/hook'), 'invalid_argument', 'url')
    await refused(() => sync.sendTestWebhook(5), 'invalid_argument', 'url')
    await refused(() => sync.sendTestWebhook(url, { event: 'Nonsense' }), 'invalid_argument', 'event')
    await refused(() => sync.sendTestWebhook(url, { timeoutMs: 0 }), 'invalid_argument', 'timeoutMs')
    await refused(() => sync.sendTestWebhook('http://127.0.0.1:9/'), 'network')
    await sync.close()
    const keyed = await shop.open({ webhooks: { ed25519: true } })
    await refused(() => keyed.sendTestWebhook(elsewhere.url), 'config', 'webhooks')
    await keyed.close()
  })

  test('the route of the test webhook is for whoever has the cron secret', async () => {
    const { url, received } = await route({})
    const sync = await shop.open({ cronSecret: 'cr0n', webhookUrl: url })
    const post = (body, authorization = 'Bearer cr0n', method = 'POST') =>
      sync.handlers.testWebhook(
        new Request('http://shop/api/test/webhook', { method, headers: { authorization }, ...(body && { body }) }),
      )
    assert.equal((await post(undefined, 'Bearer wrong')).status, 401)
    assert.equal((await post(undefined, 'Bearer cr0n', 'GET')).status, 405)
    assert.deepEqual(received, [])
    const answer = await post()
    assert.equal(answer.status, 200)
    assert.deepEqual((({ success, status, body }) => ({ success, status, body }))(await answer.json()), {
      success: true,
      status: 200,
      body: '{"success":true}',
    })
    const path = new URL('/other?a=1', url).href
    assert.equal((await post(JSON.stringify({ url: path, event: 'ContactUpdate' }))).status, 200)
    assert.equal(JSON.parse(received[1].body).type, 'ContactUpdate')
    const other = await route({ status: 401 })
    assert.equal((await post(JSON.stringify({ url: other.url }))).status, 400)
    assert.deepEqual(other.received, [], 'what is signed goes to the shop alone')
    assert.equal((await post('[')).status, 400)
    assert.equal((await post('{"url":"http://shop.example/"}')).status, 400)
    await sync.close()
    assert.equal((await post()).status, 400, 'it is closed')
    const bare = await shop.open({ env: {} })
    const request = new Request('http://shop/', { method: 'POST' })
    assert.equal((await bare.handlers.testWebhook(request)).status, 503)
    await bare.close()
  })

  test('`provision` tells what it would make, and the lines to paste', async () => {
    const sync = await shop.open()
    const found = await sync.provision({ dryRun: true })
    assert.deepEqual([found.createdFields, found.missingFields, found.unmappedStatuses], [[], [], []])
    assert.equal(found.lines.length, 8)
    assert.match(found.lines[0], /^GHL_STAGE_ORDER_PLACED=\S+$/)
    await sync.close()
  })

  test('without a database or good settings, what is wrong is a line each', async () => {
    const report = await ghlkit.OrderSync.doctor({ env: { GHLKIT_CURRENCY: 'euro' } })
    const problems = report.checks.filter(({ name, verdict }) => name === 'environment' && verdict === 'failed')
    assert.equal(report.ok, false)
    for (const name of ['GHLKIT_CURRENCY', 'GOHIGHLEVEL_API_KEY', 'GOHIGHLEVEL_LOCATION_ID', 'GHL_ORDERS_PIPELINE_ID']) {
      assert.ok(problems.some(({ detail }) => detail.includes(name)), name)
    }
    // The pipelines to choose from are shown as soon as the token is there.
    const chosen = await ghlkit.OrderSync.doctor({ env: environment({ GHL_ORDERS_PIPELINE_ID: '' }) })
    const line = chosen.checks.find(({ name }) => name === 'pipeline')
    assert.deepEqual([line.verdict, line.fix.includes(pipeline)], ['failed', true], JSON.stringify(line))
    await refused(() => ghlkit.OrderSync.doctor({ env: {}, webhookUrl: 5 }), 'invalid_argument', 'webhookUrl')
    await refused(
      () => ghlkit.OrderSync.doctor({ env: environment(), signal: AbortSignal.abort() }),
      'aborted',
    )
  })

  test('a wrong token, or a GHL that is away, stops no other check', async () => {
    for (const [changes, detail] of [
      [{ GOHIGHLEVEL_API_KEY: 'pit-00000000-0000-4000-8000-00000000000f' }, /401/],
      [{ GHL_BASE_URL: 'http://127.0.0.1:9' }, /could not be asked/],
    ]) {
      const report = await ghlkit.OrderSync.doctor({ env: environment(changes) })
      assert.deepEqual(bad(report), [['token', 'failed'], ['migrations', 'warning']].sort(byOrder(report)))
      assert.match(report.checks.find(({ name }) => name === 'token').detail, detail)
      assert.equal(report.checks.find(({ name }) => name === 'webhook_secret').verdict, 'ok')
    }
  })

  const byOrder = ({ checks }) => {
    const place = (name) => checks.findIndex((check) => check.name === name)
    return ([a], [b]) => place(a) - place(b)
  }

  test('the command says by its exit code whether all is well, and leaves no database behind', async () => {
    const env = environment()
    const well = await ghlkitCommand(['doctor'], env)
    assert.equal(well.code, 0, well.stdout + well.stderr)
    assert.match(well.stdout, /^ok +token: /m)
    assert.match(well.stdout, /0 failed/)
    assert.ok(!well.stdout.includes('\u001b'), 'no colours where there is no terminal')
    assert.equal(existsSync(env.DATABASE_URL.replace('sqlite:', '')), false, 'looking makes nothing')

    const ill = await ghlkitCommand(['doctor', '--json'], environment({ GHL_STAGE_SHIPPED: 'Nowhere' }))
    assert.equal(ill.code, 1)
    assert.deepEqual(bad(JSON.parse(ill.stdout)).filter(([, verdict]) => verdict === 'failed'), [['stages', 'failed']])

    const bare = await ghlkitCommand(['doctor'], {})
    assert.equal(bare.code, 1)
    assert.match(bare.stdout, /^failed +environment: .*GOHIGHLEVEL_API_KEY/m)
    assert.match(bare.stdout, /→ /)
  })

  test('the command sends webhooks, and tries the route in passing', async () => {
    const { url, received } = await route({})
    const sent = await ghlkitCommand(['test-webhook', url, '--event', 'ContactUpdate'], environment())
    assert.equal(sent.code, 0, sent.stderr)
    assert.match(sent.stdout, /^200 within \d+ ms: \{"success":true\}$/m)
    assert.equal(JSON.parse(received[0].body).type, 'ContactUpdate')
    const looked = await ghlkitCommand(['doctor', '--webhook', url], environment())
    assert.match(looked.stdout, /^ok +webhook: answered 200/m)
    ghlkit.webhooks.constructEvent(received[1].body, received[1].headers, { hmac: SECRET })
    const wrong = await route({ status: 401, body: '{"error":"Invalid signature"}' })
    const refusedBy = await ghlkitCommand(['doctor', '--webhook', wrong.url], environment())
    assert.equal(refusedBy.code, 1)
    assert.match(refusedBy.stdout, /^failed +webhook: answered 401: \{"error":"Invalid signature"\}/m)
  })

  test('the command provisions, and says what it cannot do', async () => {
    const done = await ghlkitCommand(['provision', '--dry-run'], environment())
    assert.equal(done.code, 0, done.stderr)
    assert.match(done.stdout, /^GHL_STAGE_SHIPPED=\S+$/m)
    for (const [args, message] of [
      [[], /expected a command/],
      [['cure'], /expected a command/],
      [['doctor', 'x'], /takes options alone/],
      [['doctor', '--nonsense'], /nonsense/],
      [['test-webhook'], /the address/],
      [['test-webhook', 'http://shop.example'], /^ghlkit: url: /],
      [['provision', '--location', 'other'], /locationId/],
    ]) {
      const { code, stderr } = await ghlkitCommand(args, environment())
      assert.deepEqual([code, message.test(stderr)], [2, true], `${args}: ${stderr}`)
    }
    assert.equal((await ghlkitCommand(['--help'], {})).code, 0)
  })
})
