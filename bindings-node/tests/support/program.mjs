// Programs that load the addon, each in a process of its own.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

import { LOADER } from './addon.mjs'

/** What such a program begins with. */
const PROLOGUE = `
  import { createRequire } from 'node:module'
  import { Worker, isMainThread } from 'node:worker_threads'
  const require = createRequire(${JSON.stringify(import.meta.url)})
  const { LOADER, SETTINGS, BASE_URL } = process.env
  const ghlkit = require(LOADER)
  const say = (what) => process.stdout.write(what + '\\n')
`

/** Runs a program to its end: its output by line, how it ended, and how long it took. It may take `capMs`. */
export async function program(code, { env = {}, flags = [], capMs = 60_000 } = {}) {
  const begun = performance.now()
  const child = spawn(process.execPath, [...flags, '--input-type=module', '--eval', PROLOGUE + code], {
    env: { ...process.env, LOADER, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: capMs,
    killSignal: 'SIGKILL',
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const [exit, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...end) => resolve(end))
  })
  return { lines: out.split('\n').slice(0, -1), err, exit, signal, ms: performance.now() - begun }
}

/** The threads of this process by name, where the system tells. */
export function threads() {
  const tasks = '/proc/self/task'
  return readdirSync(tasks).map((id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim())
}
