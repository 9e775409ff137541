import { binding } from '#binding'

import { json, parts, text } from './args.js'
import { bytes, type RawBody } from './bytes.js'
import type { WebhookDetails, WebhookEvent } from './event.js'
import type { PureOps } from './generated/ops.js'
import type { VerifierSpec } from './generated/types.js'
import type { HeadersInput } from './headers.js'
import { bodyOf } from './payload.js'
import { Receiver, type ReceiverOptions } from './receiver/receiver.js'
import { evaluate, settle, thrown } from './settle.js'
import { Verifier, type ConstructOptions } from './verifier.js'

/** Verifiers by the JSON of their configuration. */
const verifiers = new Map<string, Verifier>()
const MAX_VERIFIERS = 32

/** The verifier of the last configuration that was but one secret: nearly always the next one as well. */
let lastSecret: string | undefined
let lastVerifier: Verifier | undefined

function verifierOf(config: VerifierSpec): Verifier {
  const secret = onlySecret(config)
  if (secret !== undefined && secret === lastSecret && lastVerifier !== undefined) return lastVerifier
  const key = json(config, 'config')
  let verifier = verifiers.get(key)
  if (verifier === undefined) {
    verifier = new Verifier(config)
    if (verifiers.size >= MAX_VERIFIERS) verifiers.clear()
    verifiers.set(key, verifier)
  }
  if (secret !== undefined) {
    lastSecret = secret
    lastVerifier = verifier
  }
  return verifier
}

/** The secret of `{ hmac: secret }`, where there is nothing beside it. */
function onlySecret(config: VerifierSpec): string | undefined {
  for (const key in config) if (key !== 'hmac') return undefined
  const secret = config?.hmac
  return typeof secret === 'string' ? secret : undefined
}

/**
 * Verifies a webhook and reads it. Give it the raw body, before any JSON parsing, and all headers.
 *
 * @throws `SignatureError` (answer 401): no scheme accepts it, or its `timestamp` is too old. `PayloadError`:
 * not JSON (400), too large (413). `InvalidArgumentError`, naming the argument.
 *
 * @example
 * ```ts
 * import { SignatureError, statusForStage, webhooks } from '@ghlkit/node'
 *
 * export async function POST(request: Request): Promise<Response> {
 *   try {
 *     const secret = process.env.GOHIGHLEVEL_WEBHOOK_SECRET!
 *     const event = webhooks.constructEvent(await request.text(), request.headers, { hmac: secret })
 *     console.log(event.contactId, event.stage && statusForStage(event.stage))
 *     return Response.json({ success: true })
 *   } catch (error) {
 *     if (error instanceof SignatureError) return Response.json({ error: 'Invalid signature' }, { status: 401 })
 *     throw error
 *   }
 * }
 * ```
 */
function constructEvent(
  rawBody: RawBody,
  headers: HeadersInput,
  config: VerifierSpec,
  options?: ConstructOptions,
): WebhookEvent {
  return verifierOf(config).constructEvent(rawBody, headers, options)
}

/** A verifier to keep, for a configuration that is used often. */
function verifier(config: VerifierSpec): Verifier {
  return new Verifier(config)
}

/** A receiver: verifies, handles each webhook once, and answers. See {@link Receiver}. */
function receiver(options: ReceiverOptions): Receiver {
  return new Receiver(options)
}

/** Reads a body without verifying it: for bodies that were verified before, e.g. from a queue of your own. */
function parse(rawBody: RawBody): WebhookDetails {
  const body = bytes(rawBody, 'rawBody')
  let settled
  try {
    settled = binding.webhookParse(body)
  } catch (error) {
    throw thrown(error, 'rawBody')
  }
  return settle(settled)
}

/** How a test webhook is signed: by one scheme. `ed25519` is a private key, PEM or base64. */
export type TestSigner = Omit<PureOps['webhook.sign']['args'], 'body' | 'bodyBase64'>

/**
 * The headers of a genuine webhook, for tests of your receiver. An object stands for its `JSON.stringify`, which
 * is then what to send.
 *
 * @example
 * ```ts
 * import { webhooks } from '@ghlkit/node'
 *
 * const body = JSON.stringify({ contactId: 'c1', pipelineStage: 'stage_shipped' })
 * const headers = webhooks.generateTestHeaders(body, { hmac: 'secret' })
 * await fetch('http://localhost:3000/api/webhooks/ghl/order-status', { method: 'POST', headers, body })
 * ```
 */
function generateTestHeaders(payload: RawBody | object, signer: TestSigner): { [name: string]: string } {
  return evaluate('webhook.sign', { ...parts(signer, 'signer'), ...bodyOf(payload) })
}

/**
 * The body of a webhook as GHL would send it now, for tests of your receiver: of a type such as `ContactUpdate`, or of
 * `workflow`. `members` stand in place of the sample's own. Sign it by `generateTestHeaders`.
 *
 * @throws `InvalidArgumentError`, field `type`, listing the types there are samples of.
 *
 * @example
 * ```ts
 * import { webhooks } from '@ghlkit/node'
 *
 * const body = webhooks.generateTestEvent('OpportunityStageUpdate', { id: 'opp1', pipelineStageId: 's1' })
 * const headers = webhooks.generateTestHeaders(body, { hmac: 'secret' })
 * const { status } = await webhooks.receiver({ hmac: 'secret' }).receive(body, headers)
 * console.log(status) // 200
 * ```
 */
function generateTestEvent(type: string, members: { readonly [name: string]: unknown } = {}): string {
  const eventType = text(type, 'type')
  // What a workflow sends has no id.
  const own = { ...(eventType !== 'workflow' && { webhookId: crypto.randomUUID() }), timestamp: new Date().toISOString() }
  return evaluate('webhook.sample', { eventType, members: { ...own, ...parts(members, 'members') } })
}

/** Receiving, verifying, reading and, for tests, signing webhooks. */
export const webhooks = Object.freeze({ constructEvent, generateTestEvent, generateTestHeaders, parse, receiver, verifier })
