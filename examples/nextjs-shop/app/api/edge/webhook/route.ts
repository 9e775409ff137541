import { webhooks } from '@ghlkit/wasm/verify'

import { json, route, textOf } from '@/lib/route'

export const runtime = 'edge'

const MAX_BYTES = 1024 * 1024

/** The webhook's route at the edge: what is forged goes no further than here. Of signatures it takes the HMAC alone. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: json(async (request) => {
    const body = await textOf(request, MAX_BYTES)
    webhooks.constructEvent(body, request.headers, { hmac: process.env.GOHIGHLEVEL_WEBHOOK_SECRET ?? '' })
    const signature = request.headers.get('x-ghl-signature') ?? ''
    const headers = { 'content-type': 'application/json', 'x-ghl-signature': signature }
    const shop = process.env.SHOP_URL ?? request.url
    return fetch(new URL('/api/webhooks/ghl/order-status', shop), { method: 'POST', body, headers, signal: AbortSignal.timeout(10_000) })
  }),
})
