import type { Cancellable } from '../call.js'
import type { SyncOutcome } from '../generated/types.js'
import type { OptionsOf } from './ops.js'
import { Tokens } from './tokens.js'

/** Changes that the shop makes by its own SQL: what `OrderSync` has of them. */
export abstract class Outbox extends Tokens {
  /**
   * Takes an order's status as it is in your `orders`, after you have changed it there by yourself, then waits up to
   * `waitMs` for GHL. Where it is known already, because of the trigger or an earlier call, there is only the waiting.
   */
  statusChanged(orderId: string, options?: OptionsOf<'statusChanged', 'orderId'>): Promise<SyncOutcome> {
    return this.ask('statusChanged', { orderId }, options)
  }

  /**
   * From now on every change of a known order's status is pushed, whoever makes it: Prisma, Drizzle, psql. A trigger
   * on your `orders` writes the intent down in the transaction that changes the status. It stays until it is removed;
   * again, this does nothing.
   */
  installStatusTrigger(options?: Cancellable): Promise<null> {
    return this.ask('installStatusTrigger', {}, options)
  }

  /** Removes the trigger; again, it does nothing. */
  removeStatusTrigger(options?: Cancellable): Promise<null> {
    return this.ask('removeStatusTrigger', {}, options)
  }
}
