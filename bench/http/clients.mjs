// The ways of Node to read a contact. Each throws for what is none.

import { createRequire } from 'node:module'
import { Pool } from 'undici'

const { HighLevel } = createRequire(import.meta.url)('@gohighlevel/api-client')

/** The contact that the server has. */
export const CONTACT = 'ocQHyuzHvysMo5N5VsXc'

function checked({ id }) {
  if (id !== CONTACT) throw new Error('no contact')
}

export function callsOf(ghl, url) {
  HighLevel.BASE_URL = url
  const sdk = new HighLevel({ privateIntegrationToken: 'pit-1' })
  const pool = new Pool(url, { connections: 64 })
  const request = {
    method: 'GET',
    path: `/contacts/${CONTACT}`,
    headers: { authorization: 'Bearer pit-1', version: '2021-07-28', accept: 'application/json' },
  }
  return {
    get: async () => checked(await ghl.contacts.get(CONTACT)),
    peers: {
      official_sdk: async () => checked((await sdk.contacts.getContact({ contactId: CONTACT })).contact),
      undici_pool: async () => {
        const { statusCode, body } = await pool.request(request)
        if (statusCode !== 200) throw new Error(`status ${statusCode}`)
        checked((await body.json()).contact)
      },
    },
  }
}
