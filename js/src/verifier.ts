import { binding } from '#binding'

import { json, options as known, shown } from './args.js'
import type { VerifierHandle } from './binding.js'
import { bytes, type RawBody } from './bytes.js'
import { WebhookEvent, type WebhookDetails } from './event.js'
import type { VerifierSpec } from './generated/types.js'
import { SIGNATURE, headerLines, onlySignature, type HeadersInput } from './headers.js'
import { invalid } from './raise.js'
import { settle, thrown } from './settle.js'

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

  /** @internal All that a webhook says, verified anew. */
  read(body: Uint8Array, headers: string, nowMs: number): WebhookDetails {
    let text
    try {
      text = binding.webhookRead(this.#handle, body, headers, nowMs)
    } catch (error) {
      throw thrown(error, 'rawBody')
    }
    return settle(text)
  }
}

function time(options: ConstructOptions): number {
  const { nowMs } = known(options, 'options', ['nowMs'])
  if (nowMs === undefined) return Date.now()
  if (Number.isFinite(nowMs)) return Math.trunc(nowMs)
  throw invalid('nowMs', `expected epoch milliseconds, got ${typeof nowMs === 'number' ? nowMs : shown(nowMs)}`)
}
