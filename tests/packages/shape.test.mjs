// What is published: whether it resolves for everyone, what is in it, and how much.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

import { NAMES, archive, contents, folder, manifest, program } from './support/packages.mjs'

const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT']
const COMMON = ['package.json', 'README.md', ...LICENCES]
const WASM = ['edge-light.mjs', 'ghlkit.wasm', 'index.d.mts', 'index.d.ts', 'node.cjs', 'node.mjs', 'web.cjs', 'web.mjs', 'workerd.mjs']

/** What ships beside declarations, which stand for sources of `js/`. */
const SHIPPED = {
  '@ghlkit/node': [
    ...COMMON,
    'bin/ghlkit.mjs',
    ...['index.cjs', 'index.d.mts', 'index.d.ts', 'index.mjs', 'native.cjs'].map((file) => `dist/${file}`),
  ],
  '@ghlkit/wasm': [...COMMON, 'dist/compiled.d.ts', ...['full', 'verify'].flatMap((entry) => WASM.map((file) => `dist/${entry}/${file}`))],
}

for (const name of NAMES) {
  test(`publint has nothing to say of ${name}`, async () => {
    const { messages, pkg } = await publint({ pkgDir: folder(name), pack: false, level: 'suggestion', strict: true })
    assert.equal(pkg.name, name)
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), [])
  })

  test(`the types of ${name} are right for everyone who resolves them`, () => {
    const args = [program('@arethetypeswrong/cli', 'attw'), archive(name), '--no-color', '--no-emoji']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /No problems found/)
  })

  test(`${name} brings what it needs, and nothing else`, () => {
    const files = contents(name)
    const isType = (path) => /^dist\/((full|verify)\/)?types\/[\w/-]+\.d\.ts$/.test(path)
    const others = [...files.keys()].filter((path) => !isType(path))
    assert.deepEqual(others.sort(), [...SHIPPED[name]].sort())
    const { optionalDependencies = {}, ...rest } = manifest(name)
    for (const field of ['dependencies', 'peerDependencies', 'devDependencies', 'bundleDependencies', 'scripts']) assert.ok(!(field in rest), field)
    const optional = Object.keys(optionalDependencies)
    assert.ok(optional.every((dependency) => name === '@ghlkit/node' && dependency.startsWith('@ghlkit/node-')))
    for (const licence of LICENCES) assert.equal(files.get(licence).toString(), readFileSync(new URL(`../../${licence}`, import.meta.url), 'utf8'))
    for (const [path, file] of files) assert.ok(!/\/(home|root|work|tmp)\/|sourceMappingURL/.test(file), path)
  })

  test(`the size of ${name}`, (context) => {
    const files = [...contents(name).values()]
    const unpacked = files.reduce((sum, { length }) => sum + length, 0)
    const packed = readFileSync(archive(name)).length
    context.diagnostic(`${packed} bytes packed, ${unpacked} unpacked, ${files.length} files`)
    assert.ok(packed < { '@ghlkit/node': 200_000, '@ghlkit/wasm': 1_200_000 }[name], `${packed} bytes`)
  })
}
