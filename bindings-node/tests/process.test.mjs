// Processes and their threads end when the user's code does, whatever the addon is doing.
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ADDON, folder, ok } from './support/addon.mjs'
import { program } from './support/program.mjs'
import { startProxy } from './support/proxy.mjs'
import { order, settings, startMock } from './support/shop.mjs'

/** A process that does not end by itself is killed after this, and its test fails. */
const CAP_MS = 60_000
/** More than the second that what is on the wire is waited for, on a busy machine. */
const SOON_MS = 20_000

const mock = await startMock()

const OPEN = `
  const sync = await ghlkit.syncOpen(SETTINGS, () => {})
  ghlkit.syncListen(sync, true)
  ghlkit.syncStart(sync)
`
const CREATE = (id, waitMs) => `ghlkit.syncCall(sync, 'createOrder', ${JSON.stringify(order(id, waitMs))})`

/** Runs a program with an engine's settings; it must end well. */
async function ends(t, code, { exit = 0, env = {}, ...options } = {}) {
  const ended = await program(code, { capMs: CAP_MS, env: { SETTINGS: await settings(t, mock), ...env }, ...options })
  assert.deepEqual([ended.signal, ended.exit], [null, exit], ended.err)
  return ended
}

/** Waits until the creation of a contact is on the wire. */
const ARRIVED = `
  while ((await (await fetch(BASE_URL + '/arrived')).text()) !== 'true') {}
  say('on the wire')
`
const FOR_EVER = 2 ** 31 - 1

test('an engine that waits for work holds nothing open', async (t) => {
  const { lines } = await ends(t, `${OPEN} ghlkit.syncStopped(sync); process.on('exit', () => say('exit'))`)
  assert.deepEqual(lines, ['exit'])
})

test('a call under way does', async (t) => {
  const { lines } = await ends(t, `${OPEN} ${CREATE('A-1', 20_000)}.then(say)`)
  assert.equal(ok(lines[0]).state, 'synced')
})

test('an idle client holds nothing open', async (t) => {
  await ends(t, `
    const client = ghlkit.clientNew(JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: BASE_URL } }))
    say(await ghlkit.clientCall(client, 'contacts.get', '{"contactId":"nobody"}', '{}'))
    globalThis.client = client
  `, { env: { BASE_URL: mock.baseUrl } })
})

for (const [how, last, exit] of [
  ['is asked to exit', 'process.exit(3)', 3],
  ['throws', 'throw new Error("over")', 1],
  ['comes to its end', '', 0],
]) {
  test(`a process that ${how} while a server hangs ends`, async (t) => {
    const proxy = await startProxy(t, mock, FOR_EVER)
    const env = { SETTINGS: await settings(t, proxy), BASE_URL: proxy.baseUrl }
    const { lines, ms } = await ends(t, `${OPEN} await ${CREATE('B-1', 0)} \n ${ARRIVED} ${last}`, { exit, env })
    assert.deepEqual(lines, ['on the wire'])
    assert.ok(ms < SOON_MS, `${ms} ms`)
  })
}

test('a process that exits with calls under way ends', async (t) => {
  const proxy = await startProxy(t, mock, FOR_EVER)
  const { lines, ms } = await ends(t, `
    const client = ghlkit.clientNew(JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: BASE_URL } }))
    const call = () => ghlkit.clientCall(client, 'contacts.create', '{"contact":{"firstName":"A"}}', '{}').then(say)
    for (let count = 0; count < 50; count += 1) call()
    ${ARRIVED}
    process.exit(3)
  `, { exit: 3, env: { BASE_URL: proxy.baseUrl } })
  assert.deepEqual(lines, ['on the wire'])
  assert.ok(ms < SOON_MS, `${ms} ms`)
})

test('what is on the wire when a process ends is written down', async (t) => {
  const proxy = await startProxy(t, mock, 300)
  const env = { SETTINGS: await settings(t, proxy), BASE_URL: proxy.baseUrl }
  const before = (await mock.received()).length
  const creates = async () => (await mock.received()).slice(before).filter(({ method, path }) => method === 'POST' && path === '/contacts/')
  await ends(t, `${OPEN} await ${CREATE('C-1', 0)} \n ${ARRIVED}`, { env })
  assert.equal((await creates()).length, 1)
  const { lines } = await ends(t, `${OPEN}
    say(await ghlkit.syncCall(sync, 'order', '{"orderId":"C-1"}'))
    while (!(await ghlkit.syncCall(sync, 'jobs', '{"limit":1}')).includes('"done"')) {}
  `, { env })
  assert.equal(typeof ok(lines[0]).contactId, 'string', 'the reply was taken in by the process that ended')
  assert.equal((await creates()).length, 1)
})

test('two copies of the addon live in one process', async (t) => {
  const file = join(folder(t), 'copy.node')
  copyFileSync(ADDON, file)
  const { lines } = await ends(t, `
    const copy = require(${JSON.stringify(file)})
    const [one, two] = await Promise.all([ghlkit.syncOpen(SETTINGS, () => {}), copy.syncOpen(process.env.OTHER, () => {})])
    ghlkit.syncStart(one)
    copy.syncStart(two)
    say(await ghlkit.syncCall(one, 'createOrder', ${JSON.stringify(order('D-1', 20_000))}))
    say(await copy.syncCall(two, 'createOrder', ${JSON.stringify(order('D-2', 20_000))}))
    say(await ghlkit.syncClose(one))
    say(await copy.syncCall(two, 'order', '{"orderId":"D-2"}'))
  `, { env: { OTHER: await settings(t, mock) } })
  assert.deepEqual([ok(lines[0]).state, ok(lines[1]).state, ok(lines[2]), ok(lines[3]).id], ['synced', 'synced', null, 'D-2'])
})

test('an addon that is loaded again into the same process is the same', async (t) => {
  const { lines } = await ends(t, `
    const before = ghlkit.verifierNew('{"hmac":"s"}')
    delete require.cache[LOADER]
    for (const path of Object.keys(require.cache)) delete require.cache[path]
    const again = require(LOADER)
    say(again === ghlkit)
    say(again.webhookOpen(before, new Uint8Array(1), '', 0).includes('"signature"'))
    const sync = await again.syncOpen(SETTINGS, () => {})
    again.syncStart(sync)
    say(await ghlkit.syncCall(sync, 'createOrder', ${JSON.stringify(order('E-1', 20_000))}))
  `)
  assert.deepEqual([lines[0], lines[1], ok(lines[2]).state], ['false', 'true', 'synced'])
})

const WORKER = (code, rest) => `
  const worker = new Worker(${JSON.stringify(`
    const { parentPort } = require('node:worker_threads')
    const ghlkit = require(process.env.LOADER)
    const say = (what) => parentPort.postMessage(what)
    ;(async () => { ${code} })()
  `)}, { eval: true, execArgv: [] })
  ${rest}
`

test('a Worker has a binding of its own, and ends by itself', async (t) => {
  const { lines } = await ends(t, WORKER(
    `
    say(ghlkit.evaluate('status.forStage', '{"stage":"stage_shipped"}'))
    const sync = await ghlkit.syncOpen(process.env.SETTINGS, () => {})
    ghlkit.syncStart(sync)
    say(await ghlkit.syncCall(sync, 'createOrder', ${JSON.stringify(order('F-1', 20_000))}))
    `,
    `worker.on('message', say); worker.on('exit', (code) => say('exit ' + code))`,
  ))
  assert.equal(ok(lines[0]), 'shipped')
  assert.equal(ok(lines[1]).state, 'synced')
  assert.equal(lines[2], 'exit 0')
})

test('a Worker that is terminated takes its work along, and the main thread goes on', async (t) => {
  const proxy = await startProxy(t, mock, FOR_EVER)
  const { lines, ms } = await ends(t, WORKER(
    `
    const sync = await ghlkit.syncOpen(process.env.SETTINGS, () => {})
    ghlkit.syncListen(sync, true)
    ghlkit.syncStart(sync)
    ghlkit.syncCall(sync, 'createOrder', ${JSON.stringify(order('G-1', 60_000))})
    const client = ghlkit.clientNew(JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: process.env.BASE_URL } }))
    ghlkit.clientCall(client, 'contacts.create', '{"contact":{"firstName":"A"}}', '{}')
    setInterval(() => {}, 1_000)
    `,
    `
    ${ARRIVED}
    await worker.terminate()
    const sync = await ghlkit.syncOpen(SETTINGS, () => {})
    say(await ghlkit.syncCall(sync, 'order', '{"orderId":"G-1"}'))
    say(await ghlkit.syncClose(sync))
    `,
  ), { env: { SETTINGS: await settings(t, proxy), BASE_URL: proxy.baseUrl } })
  assert.deepEqual([lines[0], ok(lines[1]).id, ok(lines[2])], ['on the wire', 'G-1', null])
  assert.ok(ms < SOON_MS, `${ms} ms`)
})

test('Workers that come and go in numbers leave nothing behind', { skip: process.platform !== 'linux' }, async (t) => {
  const { lines } = await ends(t, `
    import { readdirSync, readFileSync } from 'node:fs'
    const one = (index) => new Promise((resolve, reject) => {
      const worker = new Worker(\`
        const ghlkit = require(process.env.LOADER)
        const client = ghlkit.clientNew(JSON.stringify({ options: { token: 't', locationId: 'l', baseUrl: process.env.BASE_URL, maxRetries: 0 } }))
        ghlkit.clientCall(client, 'contacts.get', '{"contactId":"nobody"}', '{}').then((text) => require('node:worker_threads').parentPort.postMessage(text))
      \`, { eval: true, execArgv: [] })
      worker.on('error', reject)
      worker.on('exit', resolve)
      // Every other one is cut off.
      if (index % 2) worker.on('message', () => worker.terminate())
    })
    for (let round = 0; round < 4; round += 1) await Promise.all(Array.from({ length: 4 }, (_, index) => one(index)))
    const names = () => readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim())
    while (names().some((name) => name.startsWith('ghlkit'))) await new Promise((resolve) => setTimeout(resolve, 20))
    say('gone')
  `, { env: { BASE_URL: mock.baseUrl } })
  assert.deepEqual(lines, ['gone'])
})
