import { Installations } from './installations.js'
import type { OptionsOf } from './ops.js'

/** Tokens with which customers see their orders: what `OrderSync` has of them. */
export abstract class Tokens extends Installations {
  /** A token with which a customer may watch an order in `handlers.events`, for 30 days or `expiresInMs`: for the URL of its page. */
  orderToken(orderId: string, options?: OptionsOf<'orderToken', 'orderId'>): Promise<string> {
    return this.ask('orderToken', { orderId }, options)
  }

  /**
   * Lets through a token of `orderToken` that is for this order, in the pages and routes that a shop has beside the stream.
   *
   * @throws `AuthError`, field `token`, for any other.
   */
  checkOrderToken(
    orderId: string,
    token: string,
    options?: OptionsOf<'checkOrderToken', 'orderId' | 'token'>,
  ): Promise<null> {
    return this.ask('checkOrderToken', { orderId, token }, options)
  }
}
