// Calls to GHL's API: promises that always resolve, to a settled text.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { failed, ghlkit, ok } from './support/addon.mjs'
import { program } from './support/program.mjs'
import { connect, startMock } from './support/shop.mjs'

const mock = await startMock()

/** A server that answers as `answer` does, and its address. */
async function serve(t, answer) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { server, baseUrl: `http://127.0.0.1:${server.address().port}` }
}

const contact = (email) => JSON.stringify({ contact: { email, firstName: 'Ann' } })

test('a call reaches the server, and its reply comes back', async () => {
  const client = connect(mock)
  const { contact: made } = ok(await ghlkit.clientCall(client, 'contacts.upsert', contact('ann@example.com'), '{}'))
  assert.equal(made.email, 'ann@example.com')
  const requests = await mock.received()
  assert.equal(requests.filter(({ method, path }) => method === 'POST' && path === '/contacts/upsert').length, 1)
})

test('whatever goes wrong, the promise resolves', async (t) => {
  const client = connect(mock)
  for (const [op, args, options, code] of [
    ['no.such', '{}', '{}', 'invalid_argument'],
    ['contacts.get', '{', '{}', 'invalid_argument'],
    ['contacts.get', '{"contactId":1}', '{}', 'invalid_argument'],
    ['contacts.get', '{"contactId":"nobody"}', '{"unknown":1}', 'invalid_argument'],
    ['contacts.get', '{"contactId":"nobody"}', '{}', 'not_found'],
  ]) {
    assert.equal(failed(await ghlkit.clientCall(client, op, args, options)).code, code, `${op} ${args} ${options}`)
  }
  const { server, baseUrl } = await serve(t, () => {})
  const silent = connect(mock, { baseUrl, timeoutMs: 50, maxRetries: 0 })
  assert.equal(failed(await ghlkit.clientCall(silent, 'contacts.get', '{"contactId":"a"}', '{}')).code, 'timeout')
  server.close()
  server.closeAllConnections()
  assert.equal(failed(await ghlkit.clientCall(silent, 'contacts.get', '{"contactId":"a"}', '{}')).code, 'network')
})

test('settings that are no use are refused at once', () => {
  for (const [settings, code] of [['', 'invalid_argument'], ['{"options":{}}', 'config'], ['{"options":{"token":"t","maxRetries":10}}', 'config']]) {
    assert.throws(() => ghlkit.clientNew(settings), (error) => failed(error.message).code === code, settings)
  }
})

test('a call that is cancelled ends, and so does its request', async (t) => {
  const { promise: closed, resolve } = Promise.withResolvers?.() ?? deferred()
  const arrived = deferred()
  const { baseUrl } = await serve(t, (request, response) => {
    response.on('close', resolve)
    arrived.resolve()
  })
  const client = connect(mock, { baseUrl })
  const cancel = ghlkit.cancelNew()
  const call = ghlkit.clientCall(client, 'contacts.get', '{"contactId":"a"}', '{}', cancel)
  await arrived.promise
  ghlkit.cancelFire(cancel)
  ghlkit.cancelFire(cancel)
  assert.equal(failed(await call).code, 'aborted')
  await closed
  assert.equal(failed(await ghlkit.clientCall(client, 'contacts.get', '{"contactId":"a"}', '{}', cancel)).code, 'aborted', 'cancelled before')
})

test('many calls at once each get their own reply', async (t) => {
  const { baseUrl } = await serve(t, (request, response) => {
    const id = request.url.split('/').at(-1)
    // The later ones answer first.
    setTimeout(() => response.end(JSON.stringify({ contact: { id } })), 60 - (Number(id) % 60))
  })
  const client = connect(mock, { baseUrl, maxRetries: 0 })
  const ids = Array.from({ length: 90 }, (_, index) => String(index))
  const calls = ids.map((id) => ghlkit.clientCall(client, 'contacts.get', JSON.stringify({ contactId: id }), '{}'))
  assert.deepEqual((await Promise.all(calls)).map((text) => ok(text).id), ids)
})

test('a call goes on though its client is forgotten', async (t) => {
  const { baseUrl } = await serve(t, (request, response) => setTimeout(() => response.end('{"contact":{"id":"a"}}'), 300))
  const ended = await program(
    `
    const settings = JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: BASE_URL } })
    const call = (() => ghlkit.clientCall(ghlkit.clientNew(settings), 'contacts.get', '{"contactId":"a"}', '{}'))()
    const collect = setInterval(() => { gc() }, 20)
    say(await call)
    clearInterval(collect)
    `,
    { env: { BASE_URL: baseUrl }, flags: ['--expose-gc'] },
  )
  assert.equal(ended.exit, 0, ended.err)
  assert.equal(ok(ended.lines[0]).id, 'a')
})

function deferred() {
  let settle
  const promise = new Promise((resolve) => (settle = resolve))
  return { promise, resolve: settle }
}
