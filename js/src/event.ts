import { binding, encode } from '#binding'

import type { WebhookEvent as WebhookDetails } from './generated/types.js'
import { settle } from './settle.js'

export type { WebhookDetails }

/** The fields in the order in which the core gives them. */
const NAMES = [
  'contactId',
  'stage',
  'type',
  'orderStatus',
  'status',
  'locationId',
  'opportunityId',
  'pipelineId',
  'webhookId',
  'timestampMs',
  'verifiedBy',
] as const

/** Whether a value is an event that was verified, of whatever copy of this module. No JSON is. */
export function isVerified(value: unknown): value is WebhookEvent {
  return typeof value === 'object' && value !== null && VERIFIED in value
}

const VERIFIED = Symbol.for('ghlkit.WebhookEvent')

/** What opened a webhook, to do it again. */
interface Opener {
  open(body: Uint8Array, headers: string, nowMs: number): string
  read(body: Uint8Array, headers: string, nowMs: number): WebhookDetails
}

/**
 * A webhook that was verified. Its payload is a hint that something changed, not the truth of what is. It is
 * read as it is asked for: what most need at once, `details` and `raw` from the body when they are wanted.
 */
export class WebhookEvent {
  readonly #fields: string
  readonly #body: string | Uint8Array
  readonly #opener: Opener
  readonly #headers: string
  readonly #openedAtMs: number
  #details: WebhookDetails | undefined

  /** @internal `fields` is the core's text. */
  constructor(fields: string, body: string | Uint8Array, opener: Opener, headers: string, openedAtMs: number) {
    this.#fields = fields
    this.#body = body
    this.#opener = opener
    this.#headers = headers
    this.#openedAtMs = openedAtMs
  }

  /** Which scheme accepted it: `hmac`, `ed25519` or `shared-secret`. */
  get verifiedBy(): string {
    return this.#field(10) ?? ''
  }

  /** E.g. `OpportunityStageUpdate`; `workflow` for a workflow's body without a type. */
  get type(): string {
    return this.#field(2) ?? ''
  }

  /** GHL's id of the event, the same when it is repeated. */
  get webhookId(): string | undefined {
    return this.#field(8)
  }

  /** When it was sent, in epoch milliseconds of GHL's clock. */
  get timestampMs(): number | undefined {
    const at = this.#field(9)
    return at === undefined ? undefined : Number(at)
  }

  /** The location it is about. */
  get locationId(): string | undefined {
    return this.#field(5)
  }

  /** The contact it names. */
  get contactId(): string | undefined {
    return this.#field(0)
  }

  /** The opportunity it names. */
  get opportunityId(): string | undefined {
    return this.#field(6)
  }

  /** The pipeline of that opportunity. */
  get pipelineId(): string | undefined {
    return this.#field(7)
  }

  /** The stage: an id in app events, a key, id or name in a workflow's body. See `statusForStage`. */
  get stage(): string | undefined {
    return this.#field(1)
  }

  /** The custom field `order_status`, where the body carries it. */
  get orderStatus(): string | undefined {
    return this.#field(3)
  }

  /** The status of the opportunity or appointment, e.g. `open` or `confirmed`. */
  get status(): string | undefined {
    return this.#field(4)
  }

  /**
   * All that the event says, by its kind. Read on first use.
   *
   * @throws `SignatureError`: the body was given as a buffer that has been changed since.
   */
  get details(): WebhookDetails {
    return (this.#details ??= this.#read())
  }

  /** The body as it came, parsed anew at each use. Throws as `details` does. */
  get raw(): unknown {
    const body = this.#body
    if (typeof body === 'string') return JSON.parse(body)
    this.#opener.open(body, this.#headers, this.#openedAtMs)
    return JSON.parse(new TextDecoder().decode(body))
  }

  /** The fields above but `details` and `raw`: ids and words, nothing else of the customer. */
  toJSON(): Record<string, string | number> {
    const fields: Record<string, string | number> = {}
    for (const name of NAMES) {
      const value = this[name]
      if (value !== undefined) fields[name] = value
    }
    return fields
  }

  /** @internal */
  get [VERIFIED](): true {
    return true
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return `WebhookEvent ${inspect(this.toJSON(), options)}`
  }

  /** A text never changes, a buffer may: what is read of it must still be what was signed. */
  #read(): WebhookDetails {
    const body = this.#body
    if (typeof body === 'string') return settle(binding.webhookParse(encode(body)))
    return this.#opener.read(body, this.#headers, this.#openedAtMs)
  }

  /** Most events are asked for two or three of their fields, which is not worth a list of all. */
  #field(place: number): string | undefined {
    const fields = this.#fields
    let start = 1
    for (let before = 0; before < place; before++) start = fields.indexOf('\0', start) + 1
    const end = fields.indexOf('\0', start)
    return end === start ? undefined : fields.slice(start, end === -1 ? undefined : end) || undefined
  }
}
