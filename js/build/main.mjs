// Builds packages: `node build/main.mjs [node] [wasm]`. Their compiled cores are put beside by builds of their own.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'

import { link } from './link.mjs'
import * as node from './node.mjs'
import { ROOT, packageFolder } from './paths.mjs'
import { declarations } from './types.mjs'
import * as wasm from './wasm.mjs'

const BUILDS = { node, wasm }

const wanted = process.argv.slice(2)
for (const host of wanted) {
  if (!(host in BUILDS))
    throw new Error(`there is no package \`${host}\`; expected ${Object.keys(BUILDS).join(' or ')}`)
}
const types = declarations()
// The types of both: they are compared, and come from the same sources whichever is built.
for (const host in BUILDS) {
  BUILDS[host].writeTypes(types)
  link(host)
}
for (const host of wanted) {
  await BUILDS[host].build()
  for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    copyFileSync(join(ROOT, licence), join(packageFolder(host), licence))
  }
}
