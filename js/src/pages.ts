import { options as known, whole } from './args.js'
import type { Page } from './generated/types.js'

/**
 * What a search finds: all items by `for await`, a page at a time by `pages`, or a list. Nothing is
 * fetched before it is needed, and each loop starts anew.
 *
 * @example
 * ```ts
 * import { Ghl } from '@ghlkit/node'
 *
 * const ghl = Ghl.fromEnv()
 * for await (const contact of ghl.contacts.search({ query: 'virtanen' })) {
 *   if (contact.email === undefined) break // no further page is fetched
 * }
 * const newest = await ghl.contacts.search({}).toArray({ limit: 20 })
 * console.log(newest.length)
 * ```
 */
export class Pages<Item, Args> implements AsyncIterable<Item> {
  readonly #first: Args
  readonly #fetch: (args: Args) => Promise<Page<Item, Args>>

  /** @internal */
  constructor(first: Args, fetch: (args: Args) => Promise<Page<Item, Args>>) {
    this.#first = first
    this.#fetch = fetch
  }

  /** Page by page: the items, the total where GHL tells it, and the search that goes on from there. */
  async *pages(): AsyncGenerator<Page<Item, Args>, void, undefined> {
    let args: Args | undefined = this.#first
    while (args !== undefined) {
      const page: Page<Item, Args> = await this.#fetch(args)
      yield page
      args = page.next
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items
  }

  /** The first `limit` items as a list. */
  async toArray(options: { limit: number }): Promise<Item[]> {
    const limit = whole(known(options, 'options', ['limit']).limit, 'limit', 1)
    const found: Item[] = []
    for await (const item of this) {
      found.push(item)
      if (found.length === limit) break
    }
    return found
  }
}
