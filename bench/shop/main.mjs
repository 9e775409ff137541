// `cargo xtask bench shop`: prints one JSON line a row. Both routes are in one build of Next.js, each served by a process of its own on
// a database of its own, and each webhook is persisted before it is answered. Ours is without a worker: what follows from a webhook
// is then done by a timer, as the shop's notification of the customer is, and is in neither figure.

import { spawn } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import pg from 'pg'
import { Pool } from 'undici'

import { startPostgres } from '../../examples/nextjs-shop/scripts/services.mjs'
import { median, row } from '../harness.mjs'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const SECRET = 'mock-workflow-secret'
const [AT_ONCE, WEBHOOKS, ROUNDS] = [32, 2_000, 9]
/** The kernel counts CPU time in hundredths of a second. */
const TICK_MS = 10

const [ours, users] = [await serve('ghlkit', await startPostgres('ours')), await serve('users', await startPostgres('users'))]
const [rates, ratios, slowest] = [{ ours: [], users: [] }, [], { ours: [], users: [] }]
// The first rounds warm both up.
for (let round = -2; round < ROUNDS; round++) {
  const order = round % 2 === 0 ? [ours, users] : [users, ours]
  for (const each of order) each.round = await load(each)
  if (round < 0) continue
  for (const [name, each] of Object.entries({ ours, users })) {
    rates[name].push(each.round.perCpuSecond)
    slowest[name].push(each.round.p99)
  }
  ratios.push(ours.round.perCpuSecond / users.round.perCpuSecond)
}
const at = ratios.indexOf(median(ratios))
const rate = { ...row('shop_webhook', 'requests a CPU second', rates.ours[at], 'users_js', rates.users[at]), better: Number(ratios[at].toFixed(2)) }
console.log(JSON.stringify(rate))
console.log(JSON.stringify(row('shop_webhook_p99', 'ms', median(slowest.ours), 'users_js', median(slowest.users))))
for (const { server, client } of [ours, users]) {
  await client.end()
  server.kill()
}
process.exit()

/** A route's server, its database made as the migrations of ghlkit make it. */
async function serve(route, databaseUrl) {
  const port = route === 'ghlkit' ? 4301 : 4302
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    GHL_BASE_URL: 'http://127.0.0.1:9',
    GOHIGHLEVEL_API_KEY: 'pit-00000000-0000-4000-8000-000000000001',
    GOHIGHLEVEL_LOCATION_ID: 've9EPM428h8vShlRW1KT',
    GHL_ORDERS_PIPELINE_ID: 'bqoAeAjLtpIBpKVKCNhs',
    GOHIGHLEVEL_WEBHOOK_SECRET: SECRET,
  }
  const next = `${FOLDER}node_modules/next/dist/bin/next`
  const server = spawn(process.execPath, [next, 'start', '--port', `${port}`], { cwd: FOLDER, env, stdio: ['ignore', 'ignore', 'inherit'] })
  process.once('exit', () => server.kill())
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: AT_ONCE })
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const each = { server, pool, client, route }
  // The tables are made as ghlkit's route is first asked.
  const first = route === 'users' ? { ...each, route: 'ghlkit' } : each
  for (let tries = 0; (await post(first).catch(() => 0)) !== 200; tries++) {
    if (tries > 300) throw new Error(`${route} did not answer within half a minute`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if ((await post(each)) !== 200) throw new Error(`${route} refused a webhook`)
  return each
}

async function post({ pool, route }) {
  const body = JSON.stringify({
    contactId: 'cJAWDskpkJHbRbhAT7bs',
    pipelineStage: 'stage_in_production',
    customFields: [{ id: 'order_status', value: 'manufacturing' }],
    timestamp: new Date().toISOString(),
    deliveryId: randomUUID(),
  })
  const headers = { 'content-type': 'application/json', 'x-ghl-signature': createHmac('sha256', SECRET).update(body).digest('hex') }
  const { statusCode, body: answer } = await pool.request({ path: `/${route}`, method: 'POST', headers, body })
  await answer.dump()
  return statusCode
}

/** As many webhooks, so many at once: what the server's CPU did of them a second, and how long the slowest took. */
async function load(each) {
  const kept = async () => Number((await each.client.query('SELECT count(*) FROM webhook_events')).rows[0].count)
  const [before, cpu, times] = [await kept(), cpuMs(each.server.pid), []]
  let left = WEBHOOKS
  const work = async () => {
    while (left-- > 0) {
      const begun = performance.now()
      if ((await post(each)) !== 200) throw new Error(`${each.route} refused a webhook`)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const spent = cpuMs(each.server.pid) - cpu
  if ((await kept()) - before !== WEBHOOKS) throw new Error(`${each.route} did not keep every webhook`)
  times.sort((a, b) => a - b)
  return { perCpuSecond: (WEBHOOKS / spent) * 1e3, p99: times[Math.floor(times.length * 0.99)] }
}

/** User and system time of a process so far. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
