import { parts, text } from '../args.js'
import { bytes, type RawBody } from '../bytes.js'
import type { Cancellable } from '../call.js'
import type { PusherAuth, PusherMember, PusherWebhook } from '../generated/types.js'
import { headerLines, type HeadersInput } from '../headers.js'
import { invalid } from '../raise.js'
import type { Call } from './notifications.js'

/** The headers of Pusher's webhooks. */
const SIGNED = ['x-pusher-key', 'x-pusher-signature']

/** An event of the shop's own. */
export interface PusherTrigger {
  /** What it is called. */
  event: string
  /** Its data: JSON of up to 10 kB. */
  data: unknown
}

/**
 * Events by Pusher Channels, or a server that speaks the same. What happens to an order is told by itself, on the channel
 * `order-<id>` as `status-changed`, `progress-changed`, `milestone` and `installation-changed`, where the option
 * `notifications.pusher` or the variable `PUSHER_APP_ID` is set; this is for the rest.
 *
 * @example
 * ```ts
 * import { OrderSync } from '@ghlkit/node'
 *
 * const sync = await OrderSync.open({ notifications: { pusher: { cluster: 'eu', private: true } } })
 * await sync.pusher.trigger('private-order-5d2c', { event: 'note', data: { text: 'On its way' } })
 * ```
 */
export class Pusher {
  readonly #call: Call

  /** @internal */
  constructor(call: Call) {
    this.#call = call
  }

  /**
   * Sends an event to up to 100 channels, once and at once.
   *
   * @throws `InvalidArgumentError`, field `event`, `channels`, `channel`, `data` or `socketId`; `ConfigError`.
   */
  trigger(
    channels: string | string[],
    trigger: PusherTrigger & { except?: string },
    options?: Cancellable,
  ): Promise<null> {
    const list = typeof channels === 'string' ? [channels] : channels
    return this.#call('pusherTrigger', { channels: list, ...parts(trigger, 'trigger') }, options)
  }

  /** Sends up to ten events in one request, each to one channel. */
  triggerBatch(batch: (PusherTrigger & { channel: string })[], options?: Cancellable): Promise<null> {
    return this.#call('pusherTriggerBatch', { batch }, options)
  }

  /**
   * Lets a connection join a private channel, or a presence channel as this member: whoever calls this has decided that it may.
   * `handlers.pusherAuth` does it for customers.
   */
  authorize(
    socketId: string,
    channel: string,
    options: { member?: PusherMember } & Cancellable = {},
  ): Promise<PusherAuth> {
    const { signal, ...rest } = parts(options, 'options')
    const given = { socketId: text(socketId, 'socketId'), channel: text(channel, 'channel'), ...rest, allowed: true }
    return this.#call('pusherAuthorize', given, signal === undefined ? {} : { signal })
  }

  /**
   * Verifies and reads a webhook of Pusher's own: give it the raw body and all headers.
   *
   * @throws `SignatureError` (answer 401), `PayloadError` (400 or 413).
   */
  async webhook(rawBody: RawBody, headers: HeadersInput): Promise<PusherWebhook> {
    const body = utf8(bytes(rawBody, 'rawBody'))
    return this.#call('pusherWebhook', { body, headers: headerLines(headers, SIGNED) })
  }
}

function utf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch (error) {
    throw invalid('rawBody', 'expected UTF-8', { cause: error })
  }
}
