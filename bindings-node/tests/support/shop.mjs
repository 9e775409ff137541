// An engine's settings and orders, against the stand-in for GHL.
import { join } from 'node:path'

import { LOCATION, SECRET, TOKEN, startMock } from '../../../tests/js/support/mock.mjs'
import { folder, ghlkit } from './addon.mjs'

export { startMock }

/** A client of the stand-in. */
export function connect(mock, options = {}) {
  return ghlkit.clientNew(JSON.stringify({ options: { ...mock.options, ...options } }))
}

/** The settings of an engine, with a database of its own. */
export async function settings(t, mock, sync = {}) {
  const headers = { authorization: `Bearer ${TOKEN}`, version: '2021-07-28' }
  const reply = await fetch(`${mock.baseUrl}/opportunities/pipelines?locationId=${LOCATION}`, { headers })
  const { pipelines } = await reply.json()
  const databaseUrl = `sqlite:${join(folder(t), 'shop.db')}`
  const webhooks = { hmac: SECRET }
  return JSON.stringify({
    options: { ...mock.options, databaseUrl, pipelineId: pipelines[0].id, currency: 'EUR', webhooks, sync },
  })
}

/** The arguments of `createOrder`. */
export function order(id, waitMs = 0) {
  return JSON.stringify({
    order: {
      id,
      orderNumber: id,
      customer: { firstName: 'Ann', lastName: 'Ä', email: `${id}@example.com` },
      product: { name: 'Sauna' },
      total: 4999,
      shippingAddress: { line1: 'Street 1', city: 'Town', postalCode: '1', country: 'FI' },
    },
    waitMs,
  })
}
