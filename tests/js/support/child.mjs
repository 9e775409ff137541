// A program of a user, in a process of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('..', import.meta.url))

/** Runs an ES module given as text, which finds the packages by their names; `process.env.OPTIONS` is JSON. */
export function startChild(source, options = {}, capMs = 60_000) {
  const env = { ...process.env, OPTIONS: JSON.stringify(options) }
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: HERE,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const cap = setTimeout(() => child.kill('SIGKILL'), capMs)
  process.once('exit', () => child.kill('SIGKILL'))
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(cap)
    if (signal === 'SIGKILL') throw new Error(`the process did not end within ${capMs} ms\n${stdout}\n${stderr}`)
    return { code, signal, stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') }
  })
  return { ended, kill: (signal) => child.kill(signal), said: () => stdout }
}

/** The same to its end, which must be a good one. Resolves to the lines it printed. */
export async function runChild(source, options, capMs) {
  const { code, lines, stderr } = await startChild(source, options, capMs).ended
  if (code !== 0) throw new Error(`the process ended with ${code}\n${lines.join('\n')}\n${stderr}`)
  return lines
}
