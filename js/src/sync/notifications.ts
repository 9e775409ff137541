import type { Cancellable } from '../call.js'
import type { EngineOps } from '../generated/ops.js'
import type { MessageDelivery, MessageInWords } from '../generated/types.js'
import type { OptionsOf } from './ops.js'

/** How an operation of the engine is called. */
export type Call = <Op extends keyof EngineOps>(
  op: Op,
  given: object,
  options?: object & Cancellable,
) => Promise<EngineOps[Op]['reply']>

/**
 * What customers and others are told of orders, each message once on each channel of the option `notifications`.
 *
 * @example
 * ```ts
 * import { OrderSync } from '@ghlkit/node'
 *
 * const sync = await OrderSync.open({
 *   notifications: { email: {}, shopName: 'Ilio Sauna', orderUrl: 'https://shop.example/orders/{{orderId}}' },
 * })
 * const { subject } = await sync.notifications.preview('status.shipped')
 * for (const { id } of await sync.notifications.list({ state: 'dead' })) await sync.notifications.replay(id)
 * console.log(subject)
 * ```
 */
export class Notifications {
  readonly #call: Call

  /** @internal */
  constructor(call: Call) {
    this.#call = call
  }

  /** Messages on their channels, by id: for example those that were given up, with `{ state: 'dead' }`. */
  list(options?: OptionsOf<'deliveries'>): Promise<MessageDelivery[]> {
    return this.#call('deliveries', {}, options)
  }

  /** Makes a message that was given up or skipped due now; false if it is neither. */
  replay(deliveryId: number, options?: Cancellable): Promise<boolean> {
    return this.#call('replayDelivery', { deliveryId }, options)
  }

  /**
   * Tells a customer something by hand, also again, on one channel: written down, then sent by the worker.
   *
   * @throws `InvalidArgumentError`, field `message`, `channel`, `customer.email` or `customer.phone`.
   */
  send(
    orderId: string,
    message: string,
    channel: 'email' | 'sms' | 'smtp' | 'hook',
    options?: OptionsOf<'notify', 'orderId' | 'message' | 'channel'>,
  ): Promise<null> {
    return this.#call('notify', { orderId, message, channel }, options)
  }

  /** A message in words, as it would be sent: about the order with `orderId`, or else about a made-up one. */
  preview(message: string, options?: OptionsOf<'previewMessage', 'message'>): Promise<MessageInWords> {
    return this.#call('previewMessage', { message }, options)
  }
}
