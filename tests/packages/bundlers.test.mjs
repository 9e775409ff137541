// What bundlers make of a user's module, without a warning, verifies webhooks.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

import resolve from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import { chromium } from 'playwright-core'
import { rollup } from 'rollup'
import * as vite from 'vite'

import { HERE } from './support/packages.mjs'
import { entry, judged } from './support/webhook.mjs'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const require = createRequire(import.meta.url)
/** Each entry of the package, and the name of its module. */
const ENTRIES = { '@ghlkit/wasm': '@ghlkit/wasm/ghlkit.wasm', '@ghlkit/wasm/verify': '@ghlkit/wasm/verify.wasm' }

/** A project under `node_modules`, which is not kept, and from where the packages are found by their names. */
const project = mkdtempSync(join(HERE, 'node_modules', '.bundled-'))
/** Nothing of a package's is beside what runs here. */
const elsewhere = mkdtempSync(join(tmpdir(), 'ghlkit-bundled-'))
after(() => [project, elsewhere].forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** Bundles a module for a host: the code, and what was warned of. */
const BUNDLERS = {
  async esbuild(input, host) {
    const options = { bundle: true, format: 'esm', platform: host, minify: true, write: false, logLevel: 'silent' }
    const { outputFiles, warnings } = await esbuild.build({ entryPoints: [input], ...options })
    return [outputFiles[0].text, warnings]
  },
  async rollup(input, host) {
    const warnings = []
    const plugins = [resolve(host === 'node' ? { exportConditions: ['node'] } : { browser: true })]
    const bundle = await rollup({ input, plugins, external: /^node:/, onwarn: (warning) => warnings.push(warning) })
    const { output } = await bundle.generate({ format: 'esm', inlineDynamicImports: true })
    return [output[0].code, warnings]
  },
}

let bundles = 0
async function bundled(name, bundle, host) {
  const home = join(elsewhere, `${++bundles}`)
  mkdirSync(home)
  const source = join(project, `${bundles}.mjs`)
  writeFileSync(source, entry(name))
  const [code, warnings] = await bundle(source, host)
  assert.deepEqual(warnings, [])
  assert.ok(!code.includes('@ghlkit/wasm'), 'everything is in the bundle')
  writeFileSync(join(home, 'bundle.mjs'), code)
  return home
}
const load = (home) => import(pathToFileURL(join(home, 'bundle.mjs')))

for (const [name, wasm] of Object.entries(ENTRIES)) {
  for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
    test(`${bundler} bundles ${name} for Node, with the module beside it`, async () => {
      const home = await bundled(name, bundle, 'node')
      copyFileSync(require.resolve(wasm), join(home, 'ghlkit.wasm'))
      const { answer } = await load(home)
      await judged(answer)
    })

    test(`${bundler} bundles ${name} for browsers, which are given the module`, async () => {
      const { answer, init } = await load(await bundled(name, bundle, 'browser'))
      assert.deepEqual(answer('', {}, 's'), { code: 'invalid_argument' }, 'it is not loaded yet')
      await init(readFileSync(require.resolve(wasm)))
      await judged(answer)
    })
  }
}

describe('Vite', { skip: CHROMIUM === 'none' && 'no Chromium is installed' }, () => {
  for (const name of Object.keys(ENTRIES)) {
    test(`builds a page with ${name}, and finds the module by itself`, async () => {
      const root = join(project, name.replaceAll('/', '-'))
      mkdirSync(root)
      writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="./page.mjs"></script>')
      writeFileSync(join(root, 'entry.mjs'), entry(name))
      const page = "import { answer, init } from './entry.mjs'\nglobalThis.answer = init().then(() => answer)\n"
      writeFileSync(join(root, 'page.mjs'), page)
      const warnings = []
      const said = (text) => warnings.push(text)
      const logger = { ...vite.createLogger('silent'), warn: said, warnOnce: said, error: said }
      const config = { root, configFile: false, customLogger: logger }
      await vite.build(config)
      assert.deepEqual(warnings, [])
      const server = await vite.preview({ ...config, preview: { port: 0, host: '127.0.0.1' } })
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-background-networking'],
      })
      try {
        const tab = await browser.newPage()
        await tab.goto(server.resolvedUrls.local[0])
        await judged((...webhook) =>
          tab.evaluate(async (given) => (await globalThis.answer)(...given), webhook),
        )
      } finally {
        await browser.close()
        await server.close()
      }
    })
  }
})
