// Bulk under a limit: how near to it, and how often beyond.

import { createRequire } from 'node:module'
import { join } from 'node:path'

import { row } from '../harness.mjs'
import { CONTACT } from './clients.mjs'
import { start } from './program.mjs'

const CALLS = 5_000
const LIMIT = 1_000

export async function pacedRows(nodeFolder, program) {
  const { Ghl } = createRequire(import.meta.url)(join(nodeFolder, 'dist', 'index.cjs'))
  const server = await start(program, 'serve', LIMIT)
  const url = await server.line()
  const ghl = new Ghl({ token: 'pit-1', locationId: 'loc1', baseUrl: url })
  const outcomes = await Promise.all(
    Array.from({ length: CALLS }, () => ghl.contacts.get(CONTACT, { priority: 'bulk' }).then(({ id }) => id === CONTACT)),
  )
  if (outcomes.includes(false)) throw new Error('no contact')
  const counts = JSON.parse(await (await fetch(`${url}/counts`)).text())
  server.end()
  const [answered, refused] = [0, 1].map((which) => counts.filter((_, at) => at % 2 === which))
  // The first interval begins with GHL's usual limit, and the last is not full.
  const full = answered.slice(1, -1)
  const each = full.reduce((sum, count) => sum + count, 0) / full.length
  return [
    { ...row('paced_bulk', 'calls per interval', each, 'the_limit', LIMIT), better: Number((each / LIMIT).toFixed(3)) },
    row('paced_bulk_429', 'refusals', refused.reduce((sum, count) => sum + count, 0)),
  ]
}
