import { createHmac, timingSafeEqual } from 'node:crypto'

import pg from 'pg'

import { STATUS_OF_STAGE } from '../../../bindings/peers.mjs'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })

/** What the shop does today: verifies the body as written again, keeps what came, and sets the order's status. */
export async function POST(request) {
  const signature = request.headers.get('x-ghl-signature')
  const body = await request.json()
  const computed = createHmac('sha256', process.env.GOHIGHLEVEL_WEBHOOK_SECRET).update(JSON.stringify(body)).digest('hex')
  if (signature === null || signature.length !== computed.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(computed))) {
    return Response.json({ error: 'Invalid signature' }, { status: 401 })
  }
  const status = STATUS_OF_STAGE[body.pipelineStage]
  await pool.query('INSERT INTO webhook_events (event_type, source, payload, processed) VALUES ($1, $2, $3, true)', [
    'order-status',
    'gohighlevel',
    JSON.stringify(body),
  ])
  await pool.query('UPDATE orders SET status = $1 WHERE ghl_contact_id = $2', [status, body.contactId])
  return Response.json({ success: true })
}
