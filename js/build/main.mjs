// Builds packages: `node build/main.mjs [node] [wasm]`. Their compiled cores are put beside by builds of their own.
import { link } from './link.mjs'
import { buildNode } from './node.mjs'
import { declarations } from './types.mjs'
import { buildWasm } from './wasm.mjs'

const BUILDS = { node: buildNode, wasm: buildWasm }

const wanted = process.argv.slice(2)
for (const host of wanted) {
  if (!(host in BUILDS))
    throw new Error(`there is no package \`${host}\`; expected ${Object.keys(BUILDS).join(' or ')}`)
}
const types = declarations()
for (const host of wanted) {
  await BUILDS[host](types)
  link(host)
}
