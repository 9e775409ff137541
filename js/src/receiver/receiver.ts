import { callable, parts, text, whole } from '../args.js'
import type { WebhookEvent } from '../event.js'
import type { GhlError } from '../errors.js'
import type { VerifierSpec } from '../generated/types.js'
import type { HeadersInput } from '../headers.js'
import { errorOf, invalid } from '../raise.js'
import { bodyOf } from '../payload.js'
import { evaluate } from '../settle.js'
import { Verifier } from '../verifier.js'
import { ACCEPTED, errorFrom, refused, type Answer } from './answer.js'
import { nodeRoute, type NodeRequest, type NodeResponse } from './node.js'
import { MemorySeenStore, type SeenKey, type SeenStore } from './seen.js'
import { webRoute } from './web.js'

/** How webhooks are verified and remembered. */
export interface ReceiverOptions extends VerifierSpec {
  /** Remembers which were handled. Default: a memory of this process, which a restart empties. */
  seen?: SeenStore | undefined
  /** Tells receivers apart that share a memory. Default: `webhooks`. */
  name?: string | undefined
  /** How long handlers may take before a repetition is handled beside them, in milliseconds. Default: 60,000. */
  claimMs?: number | undefined
  /** How long an event is remembered, in milliseconds; at least `toleranceMs`. Default: 7 days. */
  keepMs?: number | undefined
}

/** Called with a webhook. If it throws or rejects, the webhook is not handled, and GHL is asked to repeat it. */
export type WebhookHandler = (event: WebhookEvent) => unknown

/** Called with what was refused or failed, and the webhook where it was genuine. */
export type WebhookErrorHandler = (error: GhlError, event?: WebhookEvent) => void

const DAY_MS = 24 * 60 * 60 * 1_000
/** GHL repeats a webhook for hours, and it is not known to give it another `timestamp` then. */
const TOLERANCE_MS = 3 * DAY_MS
const MAX_BYTES = 1024 * 1024
/** What no type is equal to. */
const ANY = Symbol('any')

/**
 * Receives webhooks: verified, handled once, and answered so that GHL repeats what failed. Its routes are functions that
 * can be handed over as they are.
 *
 * @example
 * ```ts
 * import { webhooks } from '@ghlkit/node'
 *
 * const receiver = webhooks.receiver({ ed25519: true })
 * receiver.on('AppointmentCreate', async (event) => console.log(event.contactId, event.details))
 * receiver.onError((error) => console.error(error.code, error.message))
 *
 * export const POST = receiver.fetch // Next.js, Workers, Deno, Bun
 * // app.post('/webhooks/ghl', receiver.node) with Express; http.createServer(receiver.node) with Node alone
 * ```
 */
export class Receiver {
  /** For frameworks whose handlers are `(Request) => Promise<Response>`. */
  readonly fetch = (request: Request): Promise<Response> =>
    webRoute(request, this.#maxBytes, (read, headers) => this.#receive(read, headers))

  /** For Node's `http`, Express and the Pages Router: before, or without, a body parser. */
  readonly node = (request: NodeRequest, response: NodeResponse): Promise<void> =>
    nodeRoute(request, response, this.#maxBytes, (read, headers) => this.#receive(read, headers))

  readonly #verifier: Verifier
  readonly #seen: SeenStore
  readonly #name: string
  readonly #claimMs: number
  readonly #keepMs: number
  readonly #toleranceMs: number
  readonly #maxBytes: number
  readonly #handlers = new Map<string | typeof ANY, Set<WebhookHandler>>()
  readonly #onError = new Set<WebhookErrorHandler>()
  readonly #verdicts = new Map<string, number>()

  /** @internal */
  constructor(options: ReceiverOptions) {
    const { seen, name = 'webhooks', claimMs = 60_000, keepMs = 7 * DAY_MS, ...spec } = parts(options, 'options')
    this.#toleranceMs = spec.toleranceMs ?? TOLERANCE_MS
    this.#verifier = new Verifier({ ...spec, toleranceMs: this.#toleranceMs })
    this.#seen = seen === undefined ? new MemorySeenStore() : store(seen)
    this.#name = text(name, 'name')
    this.#claimMs = whole(claimMs, 'claimMs', 1)
    this.#keepMs = whole(keepMs, 'keepMs', 0)
    this.#maxBytes = spec.maxBytes ?? MAX_BYTES
    if (this.#keepMs < this.#toleranceMs) {
      const message = `keepMs: expected at least the tolerance of ${this.#toleranceMs} ms, got ${this.#keepMs}`
      throw errorOf({ code: 'config', message, field: 'keepMs', retryable: false, delivery: 'not_sent' })
    }
  }

  /** Calls the handler for every webhook of a type, e.g. `ContactUpdate`. Returns what ends it. */
  on(type: string, handler: WebhookHandler): () => void {
    return this.#add(text(type, 'type'), handler)
  }

  /** Calls the handler for every webhook. Returns what ends it. */
  onAny(handler: WebhookHandler): () => void {
    return this.#add(ANY, handler)
  }

  /** Calls the handler with what was refused or failed. What it throws is not looked at. Returns what ends it. */
  onError(handler: WebhookErrorHandler): () => void {
    this.#onError.add(callable(handler, 'handler'))
    return () => void this.#onError.delete(handler)
  }

  /** Receives a webhook that came by any other way. Give it the raw body and all headers; send what it answers. */
  async receive(rawBody: Uint8Array | string, headers: HeadersInput): Promise<Answer> {
    try {
      return await this.#receive(async () => rawBody, headers)
    } catch (error) {
      return refused(errorFrom(error))
    }
  }

  #add(type: string | typeof ANY, handler: WebhookHandler): () => void {
    const handlers = this.#handlers.get(type) ?? new Set()
    this.#handlers.set(type, handlers.add(callable(handler, 'handler')))
    return () => void handlers.delete(handler)
  }

  /** How many webhooks there were by what became of them: `accepted`, `seen` before, or the code of the error. */
  verdicts(): Record<string, number> {
    return Object.fromEntries(this.#verdicts)
  }

  #count(verdict: string): void {
    this.#verdicts.set(verdict, (this.#verdicts.get(verdict) ?? 0) + 1)
  }

  async #receive(read: () => Promise<Uint8Array | string>, headers: HeadersInput): Promise<Answer> {
    let event
    try {
      const rawBody = await read()
      event = this.#verifier.constructEvent(rawBody, headers)
      this.#count(await this.#once(event, rawBody))
      return ACCEPTED
    } catch (thrown) {
      const error = errorFrom(thrown)
      this.#count(error.code)
      this.#tell(error, event)
      throw error
    }
  }

  async #once(event: WebhookEvent, rawBody: Uint8Array | string): Promise<'accepted' | 'seen'> {
    const id = event.webhookId ?? evaluate('webhook.identity', bodyOf(rawBody))
    // What has neither an id nor a time may rightly come twice.
    if (id === null) {
      await this.#handle(event)
      return 'accepted'
    }
    const [key, now] = [{ receiver: this.#name, event: id } satisfies SeenKey, Date.now()]
    const untilMs = now + this.#claimMs
    const claim = await stored(() => this.#seen.claim(key, now, untilMs))
    if (claim === 'seen') return claim
    if (claim !== 'new') throw failure('conflict', 'the same webhook is being handled; repeat it later')
    try {
      await this.#handle(event)
    } catch (error) {
      await stored(() => this.#seen.release(key, untilMs)).catch((failed) => this.#tell(failed, event))
      throw error
    }
    // Byte by byte the same is a repetition only while its timestamp is accepted.
    const sent = event.webhookId === undefined ? event.timestampMs : undefined
    const keepUntilMs = sent === undefined ? now + this.#keepMs : sent + this.#toleranceMs + 1
    await stored(() => this.#seen.remember(key, Date.now(), keepUntilMs)).catch((failed) => this.#tell(failed, event))
    return 'accepted'
  }

  async #handle(event: WebhookEvent): Promise<void> {
    try {
      for (const type of [event.type, ANY] as const) {
        for (const handler of [...(this.#handlers.get(type) ?? [])]) await handler(event)
      }
    } catch (cause) {
      throw failure('handler_failed', 'the webhook was not handled; repeat it later', { cause })
    }
  }

  #tell(error: GhlError, event: WebhookEvent | undefined): void {
    for (const handler of [...this.#onError]) {
      try {
        handler(error, event)
      } catch {
        // It is told what fails, and there is nobody else to tell.
      }
    }
  }
}

function store(given: SeenStore): SeenStore {
  for (const method of ['claim', 'remember', 'release'] as const) {
    if (typeof given?.[method] !== 'function') throw invalid('seen', `expected a store with a method \`${method}\``)
  }
  return given
}

/** What a store answers; anything it throws is an error of the store. */
async function stored<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw failure('store', 'the memory of webhooks failed; repeat it later', { cause })
  }
}

function failure(code: 'conflict' | 'handler_failed' | 'store', message: string, options?: { cause: unknown }): GhlError {
  return errorOf({ code, message, retryable: true, delivery: 'not_sent' }, options)
}
