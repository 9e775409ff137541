// A project on Next.js 15, built by webpack before this, and deployed as the folder that it says is all it needs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'

import { HERE } from './support/packages.mjs'
import { SECRET, judged } from './support/webhook.mjs'

/** A port that nobody has. */
async function free() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

describe('Next.js 15', () => {
  const deployed = mkdtempSync(join(tmpdir(), 'ghlkit-next-'))
  let server, url
  before(async () => {
    cpSync(join(HERE, 'next', '.next', 'standalone'), deployed, { recursive: true })
    const port = await free()
    url = `http://127.0.0.1:${port}`
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', SECRET, PORT: `${port}`, HOSTNAME: '127.0.0.1' }
    server = spawn(process.execPath, [join(deployed, 'next', 'server.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    for await (const line of createInterface(server.stdout)) if (line.includes('Ready')) break
  })
  after(async () => {
    if (server?.kill()) await once(server, 'exit')
    rmSync(deployed, { recursive: true, force: true })
  })

  const ask = (path) => async (body, headers) =>
    (await fetch(`${url}${path}`, { method: 'POST', body, headers })).json()

  test('a route on Node loads the addon', () => judged(ask('/node')))
  test('a route at the edge loads the module', () => judged(ask('/edge')))
})
