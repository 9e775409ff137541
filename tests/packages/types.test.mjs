// A user's project in TypeScript, with a compiler of its own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { RESOLUTIONS, compiler } from '../js/support/typescript.mjs'
import { HERE, NAMES } from './support/packages.mjs'

const complaints = compiler(HERE, HERE)
const source = (name) => readFileSync(new URL(`../js/types/${name}.ts`, import.meta.url), 'utf8')

/** What users write, right and wrong: with each package what both have, and what only one has. */
const written = {
  ...Object.fromEntries(NAMES.map((name, index) => [`usage_${index}`, source('usage').replaceAll("'ghlkit'", `'${name}'`)])),
  ...Object.fromEntries(['both', 'node', 'verify'].map((name) => [name, source(name)])),
}
/** Each as an ES module and as CommonJS. */
const files = Object.fromEntries(
  Object.entries(written).flatMap(([name, text]) => ['mts', 'cts'].map((ending) => [`${name}.${ending}`, text])),
)

for (const resolution of RESOLUTIONS.slice(1)) {
  test(`what users write compiles with ${resolution.join(' and ')}`, () => {
    const lib = ['es2022', 'dom', 'dom.iterable', 'esnext.disposable']
    assert.equal(complaints(files, resolution, { lib }), '')
  })
}
