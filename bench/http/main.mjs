// `cargo xtask bench http`: prints one JSON line a row. Arguments: the folder of `@ghlkit/node`, the program in Rust.
// Each row is measured in several processes, since luck in the layout of one falls on all that it measures.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { median, row } from '../harness.mjs'
import { pacedRows } from './paced.mjs'
import { start } from './program.mjs'

const PROCESSES = 5
const [nodeFolder, program] = process.argv.slice(2)

const server = await start(program, 'serve')
const url = await server.line()
const runs = Array.from({ length: PROCESSES }, () => {
  const out = execFileSync(process.execPath, [fileURLToPath(new URL('rows.mjs', import.meta.url)), nodeFolder, program, url], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return out.trim().split('\n').map((line) => JSON.parse(line))
})
server.end()
for (const [at, { name, unit, peer_name }] of runs[0].entries()) {
  // The pair of the process whose ratio is the median, so that the row is one that was seen.
  const ratios = runs.map((rows) => rows[at].ours / rows[at].peer)
  const { ours, peer } = runs[ratios.indexOf(median(ratios))][at]
  console.log(JSON.stringify(row(name, unit, ours, peer_name, peer)))
}
for (const each of await pacedRows(nodeFolder, program)) console.log(JSON.stringify(each))
