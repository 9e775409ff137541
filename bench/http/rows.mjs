// The rows of one process.

import { createRequire } from 'node:module'
import { join } from 'node:path'

import { compare, row } from '../harness.mjs'
import { CONTACT, callsOf } from './clients.mjs'
import { start } from './program.mjs'

const [nodeFolder, program, url] = process.argv.slice(2)
const { Ghl } = createRequire(import.meta.url)(join(nodeFolder, 'dist', 'index.cjs'))

/** Calls that are under way at a time, and how often each of these is followed by another in a round. */
const IN_FLIGHT = 64
const IN_TURN = 8

const ghl = new Ghl({ token: 'pit-1', locationId: 'loc1', baseUrl: url })
const { get, peers } = callsOf(ghl, url)

/** A round of calls, 64 at a time. */
const concurrent = (call) => ({
  calls: IN_FLIGHT * IN_TURN,
  work: () => Promise.all(Array.from({ length: IN_FLIGHT }, () => inTurn(call))),
})

async function inTurn(call) {
  for (let i = 0; i < IN_TURN; i++) await call()
}

const entries = Array.from({ length: IN_FLIGHT }, () => ({ op: 'contacts.get', args: { contactId: CONTACT } }))
const batched = {
  calls: IN_FLIGHT,
  work: async () => {
    for (const { ok, value } of await ghl.batch(entries)) if (!ok || value.id !== CONTACT) throw new Error('no contact')
  },
}
const single = (call) => ({ calls: 1, work: call })

/** What a program in Rust takes for rounds of 64 calls. */
async function rust(client) {
  const { ask } = await start(program, client, url)
  return { calls: 1, work: { measure: async (rounds) => Number(await ask(rounds)) } }
}

async function compared(name, ours, peerName, peer) {
  const times = await compare(ours.work, peer.work)
  console.log(JSON.stringify(row(name, 'ns CPU', times.ours / ours.calls, peerName, times.peer / peer.calls)))
}

await compared('http_get_c64', concurrent(get), 'official_sdk', concurrent(peers.official_sdk))
await compared('http_get_c64', concurrent(get), 'raw_hyper', await rust('hyper'))
await compared('http_get_c64_batch', batched, 'official_sdk', concurrent(peers.official_sdk))
await compared('http_get_c64_batch', batched, 'undici_pool', concurrent(peers.undici_pool))
await compared('http_get_c1', single(get), 'official_sdk', single(peers.official_sdk))
await compared('rust_get_c64', await rust('ghlkit'), 'reqwest', await rust('reqwest'))
process.exit()
