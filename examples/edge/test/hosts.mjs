// The hosts: each in its own runtime, with what it needs to be asked like any other.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { EdgeVM } from '@edge-runtime/vm'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ghlkit-edge-'))

/** One file of a worker and what it imports, as the host's own tools would make it; of the module, where it is. */
export async function bundle(entry, conditions, more = {}) {
  let wasm
  const outfile = join(folder, entry.replace(/\W/g, '-') + '.js')
  const module = {
    name: 'wasm',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        wasm = join(resolveDir, path.replace('?module', ''))
        return { path: `./${basename(wasm)}`, external: true }
      }),
  }
  const options = { bundle: true, format: 'esm', target: 'es2022', conditions, outfile, plugins: [module], logLevel: 'warning' }
  await build({ entryPoints: [join(HERE, entry)], ...options, ...more })
  return { script: outfile, wasm }
}

/** Cloudflare's workerd. */
export async function cloudflare(env) {
  const { script, wasm } = await bundle('cloudflare/index.mjs', ['workerd'])
  const modules = [
    { type: 'ESModule', path: script },
    { type: 'CompiledWasm', path: join(folder, 'ghlkit.wasm'), contents: readFileSync(wasm) },
  ]
  const host = new Miniflare({ modulesRoot: folder, modules, bindings: env, compatibilityDate: '2026-01-01', cf: false })
  const url = await host.ready
  return { ask: (path, init) => fetch(new URL(path, url), init), stop: () => host.dispose() }
}

/** Vercel's edge runtime, in which a module is compiled by whoever bundles. */
export async function vercel(env) {
  const { script, wasm } = await bundle('vercel/api.mjs', ['edge-light'])
  const vm = new EdgeVM()
  vm.context.process = { env }
  vm.context.bytes = new Uint8Array(readFileSync(wasm))
  const compiled = 'const compiled = new WebAssembly.Module(bytes)'
  const text = readFileSync(script, 'utf8')
    .replace(/import (\w+) from "\.\/ghlkit\.wasm";/, (_, name) => `${compiled}; const ${name} = compiled`)
    .replace(/export \{([^}]*)\};/, (_, names) => `globalThis.handler = ${/(\w+) as default/.exec(names)[1]}`)
  vm.evaluate(text)
  const ask = (path, init) => {
    vm.context.asked = { url: `http://edge.example${path}`, init }
    return vm.evaluate('handler(new Request(asked.url, asked.init))')
  }
  return { ask, stop: () => undefined }
}

export const deno = (env) =>
  served([program('@deno/', 'deno'), 'run', '--allow-net', '--allow-env', '--allow-read', '--no-prompt', 'deno/main.mjs'], env)

export const bun = (env) => served([program('@oven/', 'bin/bun'), 'bun/main.mjs'], env)

/** The program in the package of this platform, which npm has chosen. */
function program(scope, path) {
  const modules = join(HERE, 'node_modules', scope)
  return join(modules, readdirSync(modules)[0], path + (process.platform === 'win32' ? '.exe' : ''))
}

/** A program that says on which port it listens. */
async function served([program, ...args], env) {
  const child = spawn(program, args, { cwd: HERE, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${basename(program)} ended with ${code}`)
  })
  failed.catch(() => undefined)
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), failed])
  const port = line.replace('listening on ', '')
  child.unref()
  child.stdout.unref()
  return { ask: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init), stop: () => child.kill() }
}
