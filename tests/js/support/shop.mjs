// A shop: a database, the route that GHL posts to, and the stand-in for GHL that posts there.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { LOCATION, SECRET, TOKEN, startMock } from './mock.mjs'
import { ghlkit } from './package.mjs'

/** An order as the shop has it. */
export const order = (id, changes = {}) => ({
  id,
  orderNumber: `N-${id}`,
  total: { amount: '4999.00', currency: 'EUR' },
  customer: { firstName: 'Žofie', lastName: 'Nováková', email: `${id}@example.com` },
  product: { name: 'Barrel sauna' },
  shippingAddress: { line1: 'Dlouhá 12', city: 'Praha', postalCode: '110 00', country: 'CZ' },
  ...changes,
})

/** A database that is there until this process ends. */
export function database() {
  const folder = mkdtempSync(join(tmpdir(), 'ghlkit-js-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return `sqlite:${join(folder, 'shop.db')}`
}

/** A stand-in, and what an engine that works with it is opened with. */
export async function startShop() {
  const route = await startRoute()
  const mock = await startMock('--workflow-webhook-url', route.url, '--webhook-url', route.url, '--limit', '0')
  const state = await mock.state()
  const options = (changes = {}) => ({
    databaseUrl: database(),
    token: TOKEN,
    locationId: LOCATION,
    pipelineId: state.locations[0].pipelines[0].id,
    baseUrl: mock.baseUrl,
    webhooks: { hmac: SECRET, ed25519: state.webhookPublicKeyPem },
    env: {},
    ...changes,
  })
  return {
    mock,
    options,
    /** Opens an engine, which gets the webhooks from now on. */
    async open(changes) {
      const sync = await ghlkit.OrderSync.open(options(changes))
      route.handler = sync.handlers.webhook
      return sync
    },
    /** What the route has answered so far. */
    answers: route.answers,
  }
}

/** A server whose one route is a handler of web-standard requests. */
async function startRoute() {
  const route = { handler: undefined, answers: [], url: '' }
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const { url, method, headers } = request
    const answer = await (route.handler?.(
      new Request(`http://shop${url}`, { method, headers, body: Buffer.concat(chunks) }),
    ) ?? new Response(null, { status: 503 }))
    route.answers.push(answer.status)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  server.unref()
  // A connection that is kept alive for later is no reason to stay.
  server.on('connection', (socket) => socket.unref())
  route.url = `http://127.0.0.1:${server.address().port}/`
  return route
}
