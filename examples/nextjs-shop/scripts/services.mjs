// What the shop needs beside itself: a stand-in for GHL and a PostgreSQL server, both thrown away in the end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url))
export const SHOP = fileURLToPath(new URL('../', import.meta.url))

/** Secrets of a shop that is tried out. */
export const SHOP_TOKEN = 'loyly-for-everyone'
export const CRON_SECRET = 'cron-secret-of-a-trial'
const EVENTS_SECRET = 'what-the-tokens-of-orders-are-signed-with'
export const WEBHOOK_SECRET = 'mock-workflow-secret'

/** Starts a program, and waits for its first line. Its input ends with this process. */
async function begin(program, args, env = process.env) {
  // Apart from the terminal's group: what a person interrupts there is ended by this process, in order.
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code}`)
  })
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), failed])
  failed.catch(() => undefined)
  // It is no reason for this process to stay.
  for (const held of [child, child.stdin, child.stdout]) held.unref()
  return { child, line }
}

/** The stand-in for GHL, which posts to the shop at this address. */
export async function startMock(shopUrl, ...flags) {
  const built = join(WORKSPACE, 'target/debug/mock-ghl')
  const program = process.env.MOCK_GHL ?? built
  if (!existsSync(program)) throw new Error('there is no stand-in for GHL yet: run `cargo xtask shop` once')
  const route = `${shopUrl}/api/webhooks/ghl/order-status`
  const { child, line } = await begin(program, ['--webhook-url', route, '--workflow-webhook-url', route, ...flags])
  process.once('exit', () => child.kill())
  return line.replace('mock-ghl listens on ', '')
}

/** A PostgreSQL server; the URL of a new database in it. */
export async function startPostgres(name = 'shop') {
  const bin = programs()
  if (bin === undefined) throw new Error('there is no PostgreSQL: install it, or name its folder of programs in GHLKIT_POSTGRES')
  const script = join(WORKSPACE, 'tests/postgres/src/server.sh')
  // The server refuses to run as root.
  const as = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--clear-groups'] : []
  const [program, ...args] = [...as, 'sh', '-c', readFileSync(script, 'utf8'), 'server.sh', bin]
  // It stops the server once its input has ended; killed, it could not.
  const { line: folder } = await begin(program, args, { ...process.env, TMPDIR: '/tmp' })
  const url = (name) => `postgres://ghlkit@localhost/${name}?host=${folder}&sslmode=disable`
  const client = new pg.Client({ connectionString: url('postgres') })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return url(name)
}

/** The folder of the server's programs: the one that is named, else Debian's newest, else the path's. */
function programs() {
  const named = process.env.GHLKIT_POSTGRES
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : []
  const places = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)]
  return (named ? [named] : places).find((bin) => ['initdb', 'pg_ctl', 'postgres'].every((name) => existsSync(join(bin, name))))
}

/** The environment of a shop beside them. */
export async function environment({ shopUrl, mockUrl, databaseUrl }) {
  const state = await (await fetch(`${mockUrl}/__mock/state`)).json()
  const [location] = state.locations
  return {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    SHOP_URL: shopUrl,
    SHOP_TOKEN,
    CRON_SECRET,
    GHLKIT_EVENTS_SECRETS: EVENTS_SECRET,
    DATABASE_URL: databaseUrl,
    GHL_BASE_URL: mockUrl,
    GOHIGHLEVEL_API_KEY: 'pit-00000000-0000-4000-8000-000000000001',
    GOHIGHLEVEL_LOCATION_ID: location.id,
    GOHIGHLEVEL_WEBHOOK_SECRET: WEBHOOK_SECRET,
    GHL_WEBHOOK_SCHEMES: 'hmac,ed25519',
    GHL_WEBHOOK_ED25519_KEYS: state.webhookPublicKeyPem,
    GHL_ORDERS_PIPELINE_ID: location.pipelines[0].id,
    GHL_INSTALLATION_CALENDAR_ID: location.calendars[0],
    GHLKIT_WEBHOOK_URL: `${shopUrl}/api/webhooks/ghl/order-status`,
  }
}

/** Starts the shop, as `next dev` or `next start`, and waits until it answers. */
export async function startShop(mode, env, port) {
  const next = join(SHOP, 'node_modules/next/dist/bin/next')
  const child = spawn(process.execPath, [next, mode, '--port', `${port}`], { cwd: SHOP, env, stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  child.stdout.resume()
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null) throw new Error(`the shop ended with ${child.exitCode}`)
    if (tries > 600) {
      child.kill('SIGKILL')
      throw new Error('the shop did not answer within a minute')
    }
    const answer = await fetch(`http://127.0.0.1:${port}/api/health/crm`).catch(() => undefined)
    if (answer !== undefined) return child
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
