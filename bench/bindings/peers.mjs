// The ways to take a webhook in that ours is compared with. Each answers { contactId, status }, and throws
// for a body that was not signed with the secret.

import { createHmac, timingSafeEqual, webcrypto } from 'node:crypto'

export const STATUS_OF_STAGE = {
  stage_new_order: 'order_placed',
  stage_processing: 'processing',
  stage_in_production: 'manufacturing',
  stage_quality_check: 'quality_check',
  stage_shipped: 'shipped',
  stage_delivered: 'delivered',
  stage_installation: 'installation',
  stage_completed: 'completed',
}

function mapped({ contactId, pipelineStage }) {
  return { contactId, status: STATUS_OF_STAGE[pipelineStage] }
}

function check(expected, signature) {
  const [a, b] = [Buffer.from(expected), Buffer.from(signature)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new Error('Invalid signature')
}

/** What the shop does today: parse the body, write it again, sign what was written. */
export function usersJs(raw, signature, secret) {
  const body = JSON.parse(raw.toString('utf8'))
  check(createHmac('sha256', secret).update(JSON.stringify(body)).digest('hex'), signature)
  return mapped(body)
}

/** The best that Node offers without a library: sign the raw bytes, then parse once. */
export function rawJs(raw, signature, secret) {
  check(createHmac('sha256', secret).update(raw).digest('hex'), signature)
  return mapped(JSON.parse(raw.toString('utf8')))
}

export async function webcryptoKey(secret) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return webcrypto.subtle.importKey('raw', Buffer.from(secret), algorithm, false, ['verify'])
}

/** What an edge function does without a library; the key is imported beforehand. */
export async function webCrypto(raw, signature, key) {
  const bytes = Buffer.from(signature, 'hex')
  if (!(await webcrypto.subtle.verify('HMAC', key, bytes, raw))) throw new Error('Invalid signature')
  return mapped(JSON.parse(new TextDecoder().decode(raw)))
}

/**
 * The official SDK's middleware behind a body parser that keeps the raw bytes, which is its quickest way. It calls the
 * next handler whatever the signature is, so that handler has to look.
 */
export function sdkMiddleware({ WebhookManager }, { app, key, headers }) {
  const silent = () => {}
  const logger = { debug: silent, info: silent, warn: silent, error: silent }
  const middleware = new WebhookManager(logger, null, null, { clientId: app, publicKey: key }).subscribe()
  return async (raw) => {
    const request = { method: 'POST', url: '/webhooks/ghl', headers, rawBody: raw, body: JSON.parse(raw.toString('utf8')) }
    await middleware(request, null, silent)
    if (!request.isSignatureValid) throw new Error('Invalid signature')
    return mapped(request.body)
  }
}
