// A server of others' making, which is told what to do.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('../../peers/socket-io.mjs', import.meta.url))

/** Starts a Socket.IO server, which ends with this process. */
export async function startPeer(options) {
  const child = spawn(process.execPath, [SERVER, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the server has ended; run `npm ci --ignore-scripts` in tests/peers')
    return JSON.parse(value)
  }
  const port = await next()
  return {
    origin: `ws://127.0.0.1:${port}`,
    /** Has it do something, e.g. `{ do: 'drop' }`; resolves to what it answers once it has. */
    tell(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return next()
    },
    stop() {
      child.kill()
    },
  }
}
