// What npm installs of the packages, and what they say where a part is missing.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

import { manifest, platforms } from './support/packages.mjs'
import { serve } from './support/registry.mjs'
import { entry, judged } from './support/webhook.mjs'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'ghlkit-install-'))
let registry
before(async () => {
  registry = await serve(folder)
})
after(() => {
  registry.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A project in which npm has installed packages, with flags of its own. */
async function project(name, packages, flags = []) {
  const home = join(folder, name)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true }')
  const cache = ['--cache', join(folder, 'cache'), '--registry', registry.url, '--no-audit', '--no-fund']
  await run('npm', ['install', ...cache, ...flags, ...packages], { cwd: home })
  const installed = () => readdirSync(join(home, 'node_modules', '@ghlkit')).sort()
  const scopes = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))
  assert.deepEqual(scopes, ['@ghlkit'], 'nothing of others is installed')
  /** What a program says, or why it fails. */
  const said = (...args) => run(process.execPath, args, { cwd: home }).then(({ stdout }) => stdout, ({ stderr }) => stderr)
  return { home, installed, said }
}

/** The one platform whose package has an addon. */
const own = () => platforms().find(({ folder }) => readdirSync(folder).includes('ghlkit.node')).name

test('npm installs the package, the core of this platform, and nothing else', async () => {
  const { home, installed, said } = await project('usual', ['@ghlkit/node', '@ghlkit/wasm'])
  assert.deepEqual(installed(), ['node', `node-${own()}`, 'wasm'].sort())
  const core = readdirSync(join(home, 'node_modules', '@ghlkit', `node-${own()}`)).sort()
  assert.deepEqual(core, ['LICENSE-APACHE', 'LICENSE-MIT', 'ghlkit.node', 'package.json'])
  for (const name of ['node', 'wasm']) {
    writeFileSync(join(home, `${name}.mjs`), entry(`@ghlkit/${name}`).replace(/\binit, |export \{ init \}/g, ''))
    await judged(async (...webhook) => {
      const script = `import('./${name}.mjs').then(({ answer }) => console.log(JSON.stringify(answer(...${JSON.stringify(webhook)}))))`
      return JSON.parse(await said('-e', script))
    })
  }
  const bin = join(home, 'node_modules', '.bin', process.platform === 'win32' ? 'ghlkit.cmd' : 'ghlkit')
  assert.match((await run(bin, ['--help'], { shell: process.platform === 'win32' })).stdout, /^Usage: ghlkit COMMAND/)
})

test('each platform gets its own core', async () => {
  for (const { name } of platforms()) {
    const [os, cpu, libc] = name.split('-')
    const flags = [`--os=${os}`, `--cpu=${cpu}`, ...(os === 'linux' ? [`--libc=${libc === 'gnu' ? 'glibc' : libc}`] : [])]
    const { installed } = await project(name, ['@ghlkit/node'], flags)
    assert.deepEqual(installed(), ['node', `node-${name}`])
  }
})

test('a core that is missing, broken, old or for nobody is named', async () => {
  const { home, said } = await project('without', ['@ghlkit/node'], ['--omit=optional'])
  const { version } = manifest('@ghlkit/node')
  const [name, core] = [`@ghlkit/node-${own()}`, join(home, 'node_modules', '@ghlkit', `node-${own()}`)]
  const load = (before = '') => said('-e', `${before}; require('@ghlkit/node')`)
  const needs = (platform) => `Error: @ghlkit/node needs its compiled core for ${platform}: `

  assert.ok((await load()).includes(`${needs(own())}${name} is not installed; install it, or run \`npm install @ghlkit/node\``))

  const write = (files) => {
    rmSync(core, { recursive: true, force: true })
    mkdirSync(core, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(core, file), text)
  }
  const package_ = (main) => JSON.stringify({ name, version: '0.0.1', main })
  write({ 'package.json': package_('ghlkit.node'), 'ghlkit.node': 'no addon' })
  assert.ok((await load()).includes(`${needs(own())}${name} cannot be loaded: `))
  write({ 'package.json': package_('old.js'), 'old.js': "exports.version = () => '0.0.1'" })
  assert.ok((await load()).includes(`Error: @ghlkit/node ${version} needs ${name} ${version}, but 0.0.1 is installed`))

  const other = "Object.defineProperty(process, 'platform', { value: 'freebsd' })"
  assert.ok((await load(other)).includes(`${needs(`freebsd-${process.arch}`)}there is no package for it; use \`@ghlkit/wasm\``))
})
