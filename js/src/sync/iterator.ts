import type { OrderEvent } from '../generated/types.js'

/** Events for a `for await` loop: an event was heard once the loop comes back for the next one, or is left. */
export class EventIterator implements AsyncIterableIterator<OrderEvent> {
  readonly #ended: () => void
  /** The event that waits for the loop, or that it is at work on. */
  #event: OrderEvent | undefined
  /** Tells that the event was heard. */
  #heard: (() => void) | undefined
  #atWork = false
  #waiting: ((result: IteratorResult<OrderEvent>) => void)[] = []
  #done = false

  constructor(ended: () => void) {
    this.#ended = ended
  }

  /** Offers an event, one at a time; resolves once it was heard. */
  readonly take = (event: OrderEvent): Promise<void> =>
    new Promise((heard) => {
      this.#event = event
      this.#heard = heard
      this.#waiting.shift()?.(this.#begin(event))
    })

  async next(): Promise<IteratorResult<OrderEvent>> {
    if (this.#atWork) this.#finish()
    if (this.#done) return { done: true, value: undefined }
    if (this.#event !== undefined) return this.#begin(this.#event)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async return(): Promise<IteratorResult<OrderEvent>> {
    this.#finish()
    this.end()
    return { done: true, value: undefined }
  }

  /** There will be no more; an event that the loop is at work on is still its own. */
  end(): void {
    if (this.#done) return
    this.#done = true
    if (!this.#atWork) this.#finish()
    this.#ended()
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #begin(event: OrderEvent): IteratorResult<OrderEvent> {
    this.#atWork = true
    return { done: false, value: event }
  }

  #finish(): void {
    this.#heard?.()
    this.#heard = this.#event = undefined
    this.#atWork = false
  }
}
