// What the WASM package adds to the start of a worker in Cloudflare's runtime: a new isolate each time, and a module that
// it has not compiled before.

import { readFileSync, readdirSync } from 'node:fs'

import { Miniflare } from 'miniflare'

import { median, row } from '../harness.mjs'

const RUNS = 41
const DATE = '2026-01-01'

/** The workers that are started: one that loads nothing, and for each entry one that loads it, and one that uses it too. */
const answer = (said) => `export default { fetch: () => new Response(${said}) }`
const LOADS = "import { webhooks } from './package.mjs'\n"
const REFUSED = "(() => { try { webhooks.constructEvent('{}', {}, { hmac: 's' }) } catch ({ code }) { return code } })()"
const WORKERS = {
  empty: { main: answer("'ok'"), says: 'ok' },
  ...Object.fromEntries(
    ['full', 'verify'].flatMap((entry) => [
      [`${entry}_loads`, { entry, main: LOADS + answer('typeof webhooks'), says: 'object' }],
      [`${entry}_refuses`, { entry, main: LOADS + answer(REFUSED), says: 'signature' }],
    ]),
  ),
}

/** Starts workers. The runtime knows a module again by its bytes, so each has a section of its own behind them. */
const STARTER = `export default {
  async fetch(request, env) {
    const { entry, main, id } = await request.json()
    const modules = { 'main.mjs': { js: main } }
    if (entry !== undefined) {
      const name = new TextEncoder().encode(id)
      const own = [0, name.length + 1, name.length, ...name]
      const wasm = new Uint8Array(env[entry + '.wasm'].byteLength + own.length)
      wasm.set(new Uint8Array(env[entry + '.wasm']))
      wasm.set(own, wasm.length - own.length)
      modules['package.mjs'] = { js: env[entry + '.mjs'] }
      modules['ghlkit.wasm'] = { wasm: wasm.buffer }
    }
    const worker = env.LOADER.get(id, () => ({ compatibilityDate: '${DATE}', mainModule: 'main.mjs', modules }))
    return worker.getEntrypoint().fetch('http://worker.example/')
  },
}`

/** CPU time of the runtime's process so far, in milliseconds: of all its threads. */
function cpuOf(pid) {
  const times = readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'))
  return times.reduce((sum, time) => sum + parseInt(time, 10), 0) / 1e6
}

/** The runtime, which is a process that this one has started. */
function runtime() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
  return children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd')
}

export async function coldStartRows(dist) {
  const entries = ['full', 'verify']
  const miniflare = new Miniflare({
    modules: [{ type: 'ESModule', path: 'starter.mjs', contents: STARTER }],
    workerLoaders: { LOADER: {} },
    bindings: Object.fromEntries(entries.map((entry) => [`${entry}.mjs`, readFileSync(dist(`${entry}/workerd.mjs`), 'utf8')])),
    dataBlobBindings: Object.fromEntries(entries.map((entry) => [`${entry}.wasm`, dist(`${entry}/ghlkit.wasm`)])),
    compatibilityDate: DATE,
    cf: false,
  })
  try {
    const url = await miniflare.ready
    const pid = runtime()
    const samples = Object.fromEntries(Object.keys(WORKERS).map((name) => [name, []]))
    for (let run = 0; run <= RUNS; run++) {
      const names = Object.keys(WORKERS)
      for (const name of run % 2 ? names : names.reverse()) {
        const { entry, main, says } = WORKERS[name]
        const before = cpuOf(pid)
        const reply = await fetch(url, { method: 'POST', body: JSON.stringify({ entry, main, id: `${name}_${run}` }) })
        const said = await reply.text()
        if (said !== says) throw new Error(`a worker said ${said}`)
        // The first run warms the starter.
        if (run > 0) samples[name].push(cpuOf(pid) - before)
      }
    }
    const added = (name) => median(samples[name]) - median(samples.empty)
    return [
      row('wasm_cold_start', 'ms CPU', added('full_loads')),
      row('wasm_cold_start_webhook', 'ms CPU', added('full_refuses')),
      row('wasm_verify_cold_start', 'ms CPU', added('verify_loads')),
      row('wasm_verify_cold_start_webhook', 'ms CPU', added('verify_refuses')),
    ]
  } finally {
    await miniflare.dispose()
  }
}
