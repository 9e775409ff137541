import { binding } from '#binding'

import { isObject, json, options as known, parts, shown } from './args.js'
import type { VerifierHandle } from './binding.js'
import { bytes, type RawBody } from './bytes.js'
import { invalid } from './raise.js'
import { WebhookEvent, type WebhookDetails } from './event.js'
import type { PureOps } from './generated/ops.js'
import type { VerifierSpec } from './generated/types.js'
import { SIGNATURE, headerLines, onlySignature, type HeadersInput } from './headers.js'
import { evaluate, settle, thrown } from './settle.js'

/** How one webhook is verified. */
export interface ConstructOptions {
  /** The time to check a `timestamp` against, in epoch milliseconds. Default: now. */
  nowMs?: number | undefined
}

/** `+`, with which the text of an event begins. */
const PLUS = 0x2b

/** Verifies webhooks by one configuration, whose keys it keeps in the core. */
export class Verifier {
  readonly #handle: VerifierHandle
  readonly #names: readonly string[]
  /** Whether all that is accepted was signed, so that a body which changes afterwards is noticed. */
  readonly #signed: boolean

  /** @internal */
  constructor(config: VerifierSpec) {
    const spec = json(config, 'config')
    try {
      this.#handle = binding.verifierNew(spec)
    } catch (error) {
      throw thrown(error, 'config')
    }
    const header = config.sharedSecret?.header.toLowerCase()
    this.#signed = header === undefined
    this.#names = header === undefined || header === SIGNATURE ? [SIGNATURE] : [SIGNATURE, header]
  }

  /** As `webhooks.constructEvent`, by the configuration of this verifier. */
  constructEvent(rawBody: RawBody, headers: HeadersInput, options?: ConstructOptions): WebhookEvent {
    const body = bytes(rawBody, 'rawBody')
    const lines = (this.#signed ? onlySignature(headers) : undefined) ?? headerLines(headers, this.#names)
    const now = options === undefined ? Date.now() : time(options)
    const fields = this.open(body, lines, now)
    if (typeof rawBody === 'string') return new WebhookEvent(fields, rawBody, this, lines, now)
    return new WebhookEvent(fields, this.#signed ? body : new Uint8Array(body), this, lines, now)
  }

  /** @internal The core's text for a webhook. */
  open(body: Uint8Array, headers: string, nowMs: number): string {
    let text
    try {
      text = binding.webhookOpen(this.#handle, body, headers, nowMs)
    } catch (error) {
      throw thrown(error, 'rawBody')
    }
    // Anything else is an error, which is thrown.
    return text.charCodeAt(0) === PLUS ? text : settle(text)
  }
}

function time(options: ConstructOptions): number {
  const { nowMs } = known(options, 'options', ['nowMs'])
  if (nowMs === undefined) return Date.now()
  if (Number.isFinite(nowMs)) return Math.trunc(nowMs)
  throw invalid('nowMs', `expected epoch milliseconds, got ${typeof nowMs === 'number' ? nowMs : shown(nowMs)}`)
}

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

/** Reads a body without verifying it: for bodies that were verified before, e.g. from a queue of your own. */
function parse(rawBody: RawBody): WebhookDetails {
  const body = bytes(rawBody, 'rawBody')
  let text
  try {
    text = binding.webhookParse(body)
  } catch (error) {
    throw thrown(error, 'rawBody')
  }
  return settle(text)
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

function bodyOf(payload: RawBody | object): { body: string } | { bodyBase64: string } {
  if (typeof payload === 'string') return { body: payload }
  if (isObject(payload) && Object.getPrototypeOf(payload) === Object.prototype)
    return { body: json(payload, 'payload') }
  const binary = Array.from(bytes(payload as RawBody, 'payload'), (byte) => String.fromCharCode(byte))
  return { bodyBase64: btoa(binary.join('')) }
}

/** Verifying, reading and, for tests, signing webhooks. */
export const webhooks = Object.freeze({ constructEvent, generateTestHeaders, parse, verifier })
