import { parts } from '../args.js'
import type { CallOptions } from '../call.js'
import type { ClientOps } from '../generated/ops.js'
import type { Fulfillment, PaymentOrder, PaymentOrderQuery } from '../generated/types.js'
import type { Pages } from '../pages.js'
import { Resource } from './resource.js'

/** What was sent of an order. */
export type NewFulfillment = Omit<ClientOps['paymentOrders.fulfil']['args'], 'paymentOrderId'>

/** The orders of GHL's own payments, which are not the shop's. They cannot be created. */
export class PaymentOrders extends Resource {
  /** The orders. */
  list(query: PaymentOrderQuery = {}, options?: CallOptions): Pages<PaymentOrder, PaymentOrderQuery> {
    return this.pages('paymentOrders.list', query, options)
  }

  /** Reads an order. */
  get(paymentOrderId: string, options?: CallOptions): Promise<PaymentOrder> {
    return this.call('paymentOrders.get', { paymentOrderId }, options)
  }

  /** What was sent of an order. */
  fulfillments(paymentOrderId: string, options?: CallOptions): Promise<Fulfillment[]> {
    return this.call('paymentOrders.fulfillments', { paymentOrderId }, options)
  }

  /** Tells what was sent of an order. A lost reply is not followed by a retry. */
  async fulfil(paymentOrderId: string, sent: NewFulfillment, options?: CallOptions): Promise<Fulfillment> {
    return this.call('paymentOrders.fulfil', { ...parts(sent, 'sent'), paymentOrderId }, options)
  }
}
