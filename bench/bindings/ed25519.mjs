// An app's webhook, signed with Ed25519, from raw bytes to { contactId, status }. Node places its code anew in each process,
// which moves these figures: several processes measure, and the median counts.

import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import { compare, median, row } from '../harness.mjs'
import { payload } from './payload.mjs'
import { sdkMiddleware } from './peers.mjs'
import { same } from './same.mjs'

const PROCESSES = 7
const APP = '65f0c0ffee0000000000abcd'
const SELF = fileURLToPath(import.meta.url)

export function ed25519Rows({ nodePath }) {
  const said = Array.from({ length: PROCESSES }, () =>
    JSON.parse(execFileSync(process.execPath, [SELF, nodePath], { encoding: 'utf8' })),
  )
  const of = (whose) => median(said.map((figures) => figures[whose]))
  return [row('webhook_ed25519_1k_node', 'ns CPU', of('ours'), 'official_sdk', of('peer'))]
}

async function measure(nodePath) {
  const require = createRequire(import.meta.url)
  const { webhooks, statusForStage } = require(nodePath)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ type: 'spki', format: 'pem' })
  const raw = payload(1_024, { appId: APP })
  const signature = sign(null, raw, privateKey).toString('base64')
  const headers = { 'content-type': 'application/json', 'x-ghl-signature': signature }
  const ours = (body) => {
    const event = webhooks.constructEvent(body, headers, { ed25519: key })
    return { contactId: event.contactId, status: statusForStage(event.stage) }
  }
  const peer = sdkMiddleware(require('@gohighlevel/api-client'), { app: APP, key, headers })
  await same(raw, ours, peer)
  return compare(() => ours(raw), () => peer(raw), { rounds: 15 })
}

if (process.argv[1] === SELF) console.log(JSON.stringify(await measure(process.argv[2])))
