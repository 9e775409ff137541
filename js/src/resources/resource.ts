import { json } from '../args.js'
import type { ClientHandle } from '../binding.js'
import { call, type CallOptions } from '../call.js'
import type { ClientOps } from '../generated/ops.js'
import type { Page } from '../generated/types.js'
import { Pages } from '../pages.js'

type Paged = { [Op in keyof ClientOps]: ClientOps[Op]['reply'] extends Page<any, any> ? Op : never }[keyof ClientOps]
type Item<Op extends Paged> = ClientOps[Op]['reply']['items'][number]

/** The operations on one kind of GHL's objects. */
export class Resource {
  readonly #client: ClientHandle

  /** @internal */
  constructor(client: ClientHandle) {
    this.#client = client
  }

  /** @internal */
  protected call<Op extends keyof ClientOps>(
    op: Op,
    args: ClientOps[Op]['args'],
    options?: CallOptions,
  ): Promise<ClientOps[Op]['reply']> {
    return call(this.#client, op, args, options)
  }

  /** @internal Later pages are asked for as the first was, however the search changes meanwhile. */
  protected pages<Op extends Paged>(
    op: Op,
    search: ClientOps[Op]['args'],
    options?: CallOptions,
  ): Pages<Item<Op>, ClientOps[Op]['args']> {
    const first = JSON.parse(json(search, 'search')) as ClientOps[Op]['args']
    const fetch = (args: ClientOps[Op]['args']) => this.call(op, args, options)
    return new Pages(first, fetch as (args: ClientOps[Op]['args']) => Promise<Page<Item<Op>, ClientOps[Op]['args']>>)
  }
}
