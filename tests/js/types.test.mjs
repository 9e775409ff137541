import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

import { NAME, ON_NODE, nodeOnly } from './support/package.mjs'
import { RESOLUTIONS, complaints } from './support/typescript.mjs'

const folder = new URL('./types/', import.meta.url)
const source = (name) => readFileSync(new URL(name, folder), 'utf8')

/** The usage of what both packages have, from the one under test, and of what only that one has. */
const usage = {
  usage: source('usage.ts').replaceAll("'ghlkit'", `'${NAME}'`),
  own: source(ON_NODE ? 'node.ts' : 'verify.ts'),
}
const named = (ending) => Object.fromEntries(Object.entries(usage).map(([name, text]) => [`${name}.${ending}`, text]))
/** Declarations name `fetch` and its kin, which come with the DOM or, on Node alone, with its types. */
const DOM = { lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'] }

for (const resolution of RESOLUTIONS) {
  test(`what users write compiles with ${resolution.join(' and ')}, as an ES module and as CommonJS`, () => {
    assert.equal(complaints({ ...named('mts'), ...named('cts') }, resolution, DOM), '')
  })
}

test('no types of a browser are needed on Node', nodeOnly, () => {
  assert.equal(complaints(named('mts'), RESOLUTIONS[1], { lib: ['es2022'] }), '')
})

test('both packages are of the same types', () => {
  assert.equal(complaints({ 'both.mts': source('both.ts') }, RESOLUTIONS[1], DOM), '')
  const common = (host) =>
    readFileSync(new URL(`./node_modules/@ghlkit/${host}/types/common.d.ts`, import.meta.url), 'utf8')
  assert.equal(common('node/dist'), common('wasm/dist/full'))
})

test('the examples of the documentation compile', () => {
  const examples = {}
  const root = new URL('../../js/src/', import.meta.url)
  for (const file of readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(new URL(file, root), 'utf8').replaceAll(/^ *\* ?/gm, '')
    for (const [, example] of text.matchAll(/^```ts\n([^]*?)^```$/gm)) {
      const name = `example_${Object.keys(examples).length}.mts`
      // Each is written for one of the packages; what only one has is tried there.
      if (/Database|OrderSync|OAuth|monitor/.test(example) && !ON_NODE) continue
      examples[name] = `${example.replaceAll(/'@ghlkit\/(node|wasm)'/g, `'${NAME}'`)}\nexport {}\n`
    }
  }
  assert.ok(Object.keys(examples).length >= 6, `${Object.keys(examples)}`)
  assert.equal(complaints(examples, RESOLUTIONS[1], DOM), '')
})
