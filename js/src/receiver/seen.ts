import type { Claim } from '../generated/types.js'

/** A webhook, as a memory tells it from others. */
export interface SeenKey {
  /** Whose memory it is: two receivers that share one each handle every webhook. */
  readonly receiver: string
  /** What is the same when the webhook is repeated. */
  readonly event: string
}

/**
 * Remembers which webhooks were handled, for all processes that share it. `Database.seen` of `@ghlkit/node` is one in
 * PostgreSQL or SQLite; another takes a store with an atomic "set if absent".
 */
export interface SeenStore {
  /**
   * Claims a webhook until `untilMs`, unless it is claimed (`busy`) or remembered (`seen`). Of many who ask at once, one
   * is told `new`. A claim ends by itself at its time.
   */
  claim(key: SeenKey, nowMs: number, untilMs: number): Promise<Claim>
  /** Remembers a webhook that was handled until `keepUntilMs`. */
  remember(key: SeenKey, nowMs: number, keepUntilMs: number): Promise<void>
  /** Gives up the claim that ends at `untilMs`, so that a repetition is handled; any other stays. */
  release(key: SeenKey, untilMs: number): Promise<void>
}

interface Row {
  readonly handled: boolean
  readonly untilMs: number
}

/** So many events are remembered at most: beyond it the oldest are forgotten. */
const MOST = 100_000

/** A memory of this process alone, and only while it runs. */
export class MemorySeenStore implements SeenStore {
  /** In the order in which they were written, which is about that in which they end. */
  readonly #rows = new Map<string, Row>()

  async claim(key: SeenKey, nowMs: number, untilMs: number): Promise<Claim> {
    const name = nameOf(key)
    const row = this.#rows.get(name)
    if (row !== undefined && row.untilMs > nowMs) return row.handled ? 'seen' : 'busy'
    this.#put(name, { handled: false, untilMs }, nowMs)
    return 'new'
  }

  async remember(key: SeenKey, nowMs: number, keepUntilMs: number): Promise<void> {
    this.#put(nameOf(key), { handled: true, untilMs: keepUntilMs }, nowMs)
  }

  async release(key: SeenKey, untilMs: number): Promise<void> {
    const row = this.#rows.get(nameOf(key))
    if (row !== undefined && !row.handled && row.untilMs === untilMs) this.#rows.delete(nameOf(key))
  }

  #put(name: string, row: Row, nowMs: number): void {
    this.#rows.delete(name)
    this.#rows.set(name, row)
    for (const [oldest, { untilMs }] of this.#rows) {
      if (untilMs > nowMs && this.#rows.size <= MOST) break
      this.#rows.delete(oldest)
    }
  }
}

function nameOf({ receiver, event }: SeenKey): string {
  return `${receiver}\0${event}`
}
