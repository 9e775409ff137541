// soketi, a server that speaks Pusher's protocol: its API and its sockets on one port of this machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export const APP = { appId: 'shop', key: 'shop-key', secret: 'shop-secret' }

/** Starts one, which ends with this process. */
export async function startSoketi() {
  const [port, metrics] = [await freePort(), await freePort()]
  const program = fileURLToPath(new URL('node_modules/@soketi/soketi/bin/server.js', import.meta.url))
  const env = {
    ...process.env,
    SOKETI_HOST: '127.0.0.1',
    SOKETI_PORT: `${port}`,
    SOKETI_METRICS_SERVER_PORT: `${metrics}`,
    SOKETI_DEFAULT_APP_ID: APP.appId,
    SOKETI_DEFAULT_APP_KEY: APP.key,
    SOKETI_DEFAULT_APP_SECRET: APP.secret,
  }
  const child = spawn(process.execPath, [program, 'start'], { env, stdio: 'ignore' })
  process.once('exit', () => child.kill('SIGKILL'))
  child.unref()
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries++) {
    if (await ready(url)) return { port, url, stop: () => stop(child) }
    if (child.exitCode !== null || tries > 400) throw new Error('soketi does not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function ready(url) {
  try {
    return (await fetch(`${url}/ready`)).ok
  } catch {
    return false
  }
}

async function stop(child) {
  child.ref()
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
