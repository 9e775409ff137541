// A webhook from raw bytes to { contactId, status }: verified, read and mapped.

import { createHmac } from 'node:crypto'

import { compare, row } from '../harness.mjs'
import { rawJs, usersJs, webCrypto, webcryptoKey } from './peers.mjs'
import { payload } from './payload.mjs'
import { same } from './same.mjs'

const SECRET = 'a-secret-of-the-usual-length-0123456789'
const SIZES = { 200: 200, '1k': 1_024, '8k': 8_192, '64k': 65_536 }

function ours({ webhooks, statusForStage }, raw, headers) {
  const config = { hmac: SECRET }
  return () => {
    const event = webhooks.constructEvent(raw, headers, config)
    return { contactId: event.contactId, status: statusForStage(event.stage) }
  }
}

/** The event with all that it says as an object of JavaScript's. */
function ourObject({ webhooks, statusForStage }, raw, headers) {
  const config = { hmac: SECRET }
  return () => {
    const { contactId, pipelineStage } = webhooks.constructEvent(raw, headers, config).details
    return { contactId, status: statusForStage(pipelineStage) }
  }
}

export async function webhookRows({ node, wasm }) {
  const key = await webcryptoKey(SECRET)
  const rows = []
  for (const [label, size] of Object.entries(SIZES)) {
    const raw = payload(size)
    const signature = createHmac('sha256', SECRET).update(raw).digest('hex')
    const headers = { 'content-type': 'application/json', 'x-ghl-signature': signature }
    const peers = {
      users_js: (body) => usersJs(body, signature, SECRET),
      raw_js: (body) => rawJs(body, signature, SECRET),
      webcrypto: (body) => webCrypto(body, signature, key),
    }
    for (const [target, sdk, names] of [
      ['node', node, ['users_js', 'raw_js']],
      ['wasm', wasm, ['raw_js', 'webcrypto']],
    ]) {
      for (const name of names) {
        await same(raw, (body) => ours(sdk, body, headers)(), peers[name])
        const { ours: mine, peer } = await compare(ours(sdk, raw, headers), () => peers[name](raw))
        rows.push(row(`webhook_hmac_${label}_${target}`, 'ns CPU', mine, name, peer))
      }
    }
    if (label === '1k') {
      await same(raw, (body) => ourObject(node, body, headers)(), peers.users_js)
      const { ours: mine, peer } = await compare(ourObject(node, raw, headers), () => peers.users_js(raw))
      rows.push(row('webhook_event_object_1k_node', 'ns CPU', mine, 'users_js', peer))
    }
  }
  return rows
}
