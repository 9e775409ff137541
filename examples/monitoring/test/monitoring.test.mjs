// What a receiver of Sentry's and one of OpenTelemetry's get of a shop that places an order, and what is in no byte of it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import { LOCATION, TOKEN, startMock } from '../../../tests/js/support/mock.mjs'

const FOLDER = dirname(dirname(fileURLToPath(import.meta.url)))
const SECRETS = [TOKEN, 'Bearer', 'Žofie', 'Nováková', 'example.com', 'Barrel', 'Dlouhá', '4999.00']

describe('monitoring', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ghlkit-monitoring-'))
  let mock, pipeline, receiver, address
  let received = []
  before(async () => {
    mock = await startMock('--limit', '0')
    pipeline = (await mock.state()).locations[0].pipelines[0].id
    receiver = createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
      received.push({ path: request.url.split('?')[0], headers: request.headers, body: text.toString() })
      response.setHeader('content-type', 'application/json').end('{}')
    })
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    address = `127.0.0.1:${receiver.address().port}`
  })
  beforeEach(() => (received = []))
  after(() => {
    receiver.close()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Places an order, monitored by a file, and says what became of it. */
  async function place(order, by, variables) {
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      GOHIGHLEVEL_API_KEY: TOKEN,
      GOHIGHLEVEL_LOCATION_ID: LOCATION,
      GHL_ORDERS_PIPELINE_ID: pipeline,
      GHL_BASE_URL: mock.baseUrl,
      DATABASE_URL: `sqlite:${join(dir, `${order}.db`)}`,
      ...variables,
    }
    const app = spawn(process.execPath, ['--import', `./${by}`, 'app.mjs', order], {
      cwd: FOLDER,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    app.stdout.setEncoding('utf8').on('data', (text) => (said += text))
    assert.deepEqual(await once(app, 'close'), [0, null])
    assert.ok(received.length > 0, 'nothing was received, so it proves nothing')
    for (const secret of SECRETS) assert.ok(!JSON.stringify(received).includes(secret), `${secret} was told`)
    return said.trim()
  }

  test('gives Sentry an error with its code and what led to it', async () => {
    await mock.faults({ nth: 1, method: 'POST', path: '/opportunities/', fault: { status: 403 } })
    const SENTRY_DSN = `http://key@${address}/1`
    assert.equal(await place('s1', 'sentry.mjs', { SENTRY_DSN }), 'dead')
    const items = received.flatMap(({ path, body }) => {
      assert.equal(path, '/api/1/envelope/')
      const lines = body.trim().split('\n').map((line) => JSON.parse(line))
      return lines.filter((_, at) => lines[at - 1]?.type === 'event')
    })
    assert.equal(items.length, 1)
    const [{ level, logger, tags, exception, breadcrumbs }] = items
    assert.deepEqual([level, logger], ['error', 'ghlkit'])
    assert.deepEqual(
      [tags['error.type'], tags['ghlkit.order'], tags['ghlkit.location']],
      ['refused', 's1', LOCATION],
    )
    assert.deepEqual(
      [exception.values[0].type, exception.values[0].value],
      ['refused', 'an order was given up'],
    )
    const led = breadcrumbs
      .filter(({ category }) => category === 'ghlkit')
      .map(({ message, data }) => [message, data['http.route'], data['http.response.status_code']])
    assert.deepEqual(led.slice(-3), [
      ['GHL answered', '/contacts/', 201],
      ['try failed', '/opportunities/', 403],
      ['a call failed', '/opportunities/', 403],
    ])
  })

  test('gives OpenTelemetry a tree of spans', async () => {
    await mock.faults({ nth: 1, method: 'POST', path: '/contacts/', fault: 'too_many' })
    const OTEL_EXPORTER_OTLP_ENDPOINT = `http://${address}`
    assert.equal(await place('o1', 'otel.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT }), 'synced')
    const spans = received.flatMap(({ path, body }) => {
      assert.equal(path, '/v1/traces')
      return JSON.parse(body).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    })
    const said = ({ attributes }) =>
      Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
    const [sync, ...more] = spans.filter(({ name }) => name === 'sync_order')
    assert.deepEqual(more, [])
    assert.deepEqual(said(sync), {
      'ghlkit.attempt': 1,
      'ghlkit.location': LOCATION,
      'ghlkit.order': 'o1',
      'ghlkit.outcome': 'done',
    })
    assert.deepEqual([sync.kind, sync.parentSpanId ?? ''], [1, ''])
    const calls = spans
      .filter(({ parentSpanId, traceId }) => parentSpanId === sync.spanId && traceId === sync.traceId)
      .sort((one, other) => (BigInt(one.startTimeUnixNano) < BigInt(other.startTimeUnixNano) ? -1 : 1))
      .slice(-2)
    assert.deepEqual(
      calls.map(({ name, kind, status }) => [name, kind, status.code]),
      [
        ['POST /contacts/', 3, 0],
        ['POST /opportunities/', 3, 0],
      ],
    )
    assert.equal(said(calls[0])['http.request.resend_count'], 1)
    assert.deepEqual(
      calls[0].events.map(({ name }) => name),
      ['try failed', 'GHL answered'],
    )
    for (const { startTimeUnixNano: start, endTimeUnixNano: end } of [sync, ...calls]) {
      assert.ok(BigInt(start) <= BigInt(end) && BigInt(end) - BigInt(start) < 60_000_000_000n)
    }
  })
})
