import { isObject } from '../args.js'
import type { SyncHandle } from '../binding.js'
import type { CustomerMessage, FeedItem, OrderEvent } from '../generated/types.js'
import { engine } from '../host/node.js'
import { said, warn } from '../warn.js'
import { holding } from './hold.js'
import { EventIterator } from './iterator.js'

/**
 * Takes an event. If it throws, rejects or takes longer than a minute, the event is offered again later, to all
 * handlers: `position` tells a repeated event.
 */
export type EventHandler = (event: OrderEvent) => unknown

/** Resolves once the event was taken. */
type Taker = (event: OrderEvent) => Promise<unknown>

/** Stands for every type of event. */
export const ALL = '*'

/**
 * Sends a message to a customer; resolves to what the channel calls it, if it calls it anything. If it throws, rejects or
 * takes longer than a minute, it is asked again later, for three days; not if the error says `retryable: false`.
 * `message.id` tells a repetition.
 */
export type MessageSender = (message: CustomerMessage) => string | void | Promise<string | void>

/** Hands the events of an engine to its handlers, in order, and tells the engine what became of each. */
export class Feed {
  /** What takes events by their type, `*` for all types: each under the handler that was given. */
  readonly #takers = new Map<string, Map<EventHandler, Taker>>()
  readonly #iterators = new Set<EventIterator>()
  /** Events that are taken and not told yet. */
  readonly #events: Extract<FeedItem, { kind: 'event' }>[] = []
  #sender: MessageSender | undefined
  #sync: SyncHandle | undefined
  #rung = false
  #busy = false
  #ended = false

  /** The engine, once it is open; it may have rung before. */
  attach(sync: SyncHandle): void {
    this.#sync = sync
    if (this.#rung) this.ring()
  }

  /** Sends messages to customers from now on. */
  sendBy(sender: MessageSender | undefined): void {
    this.#sender = sender
  }

  /** There is something to take. */
  readonly ring = (): void => {
    this.#rung = true
    for (let items = this.#poll(); items.length > 0; items = this.#poll()) {
      for (const item of items) {
        // Neither waits for the other.
        if (item.kind === 'message') void holding(() => this.#send(item.lease, item.message))
        else this.#events.push(item)
      }
    }
    if (!this.#busy) this.#tellAll().catch(warn)
  }

  /** Takes events of a type; while it does, the process does not end. */
  on(type: string, handler: EventHandler): void {
    this.#add(type, handler, (event) => holding(async () => handler(event)))
  }

  off(type: string, handler: EventHandler): void {
    const takers = this.#takers.get(type)
    takers?.delete(handler)
    if (takers?.size === 0) this.#takers.delete(type)
    if (this.#takers.size === 0) this.#listen(false)
  }

  /** All events, for a `for await` loop. */
  iterate(): AsyncIterableIterator<OrderEvent> {
    const iterator: EventIterator = new EventIterator(() => {
      this.off(ALL, iterator.take)
      this.#iterators.delete(iterator)
    })
    this.#iterators.add(iterator)
    this.#add(ALL, iterator.take, iterator.take)
    return iterator
  }

  /**
   * The engine is about to be closed. What is being handled may still be told; what nobody took is told by the
   * next engine, and so must not count as heard.
   */
  end(): void {
    this.#ended = true
    for (const iterator of this.#iterators) iterator.end()
    this.#takers.clear()
  }

  /** The engine is closed. */
  detach(): void {
    this.#sync = undefined
  }

  #add(type: string, handler: EventHandler, taker: Taker): void {
    const takers = this.#takers.get(type) ?? new Map<EventHandler, Taker>()
    this.#takers.set(type, takers.set(handler, taker))
    this.#listen(true)
  }

  #listen(on: boolean): void {
    if (this.#sync !== undefined && !this.#ended) engine.syncListen(this.#sync, on)
  }

  async #tellAll(): Promise<void> {
    this.#busy = true
    try {
      for (let item = this.#events.shift(); item !== undefined; item = this.#events.shift()) {
        const failure = await this.#offer(item.event)
        this.#answer(item.lease, failure === undefined ? null : undefined, { message: failure })
      }
    } finally {
      this.#busy = false
    }
  }

  #poll(): FeedItem[] {
    return this.#sync === undefined || this.#ended ? [] : (JSON.parse(engine.syncPoll(this.#sync)) as FeedItem[])
  }

  async #send(lease: string, message: CustomerMessage): Promise<void> {
    try {
      if (this.#sender === undefined) throw new Error('nothing sends messages in this process')
      const reference = await this.#sender(message)
      this.#answer(lease, typeof reference === 'string' ? reference : null)
    } catch (error) {
      const retryable = !isObject(error) || error['retryable'] !== false
      this.#answer(lease, undefined, { message: said(error), retryable })
    }
  }

  /** Answers a lease: with a result, or, where there is none, with why. */
  #answer(lease: string, result: string | null | undefined, failure?: object): void {
    if (this.#sync === undefined) return
    if (result === undefined) engine.syncFailed(this.#sync, lease, JSON.stringify(failure))
    else engine.syncDone(this.#sync, lease, JSON.stringify(result))
  }

  /** Offers an event to everyone who takes it, at once. Why someone failed, if someone did. */
  async #offer(event: OrderEvent): Promise<string | undefined> {
    if (this.#ended) return 'the engine is about to be closed'
    const takers = [event.type, ALL].flatMap((type) => [...(this.#takers.get(type)?.values() ?? [])])
    const outcomes = await Promise.allSettled(takers.map((take) => take(event)))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) return undefined
    const failure = said(failed.reason)
    warn(`a handler of ${event.type} failed, so the event is offered again: ${failure}`)
    return failure
  }
}
