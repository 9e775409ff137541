import { json, parts } from './args.js'
import { HANDLE, type DatabaseHandle } from './binding.js'
import { variables, type Env } from './env.js'
import type { DatabaseOps } from './generated/ops.js'
import type { Claim, DatabaseSettings } from './generated/types.js'
import { engine } from './host/node.js'
import { invalid } from './raise.js'
import type { SeenKey, SeenStore } from './receiver/seen.js'
import { shared } from './registry.js'
import { settle, thrown } from './settle.js'

/** Which database is opened. */
export interface DatabaseOptions extends DatabaseSettings {
  /** The variables that fill in for options. Default: `process.env`. */
  env?: Env
}

/**
 * What processes share through a database, where there is no `OrderSync` or `OAuth` that has opened it: which webhooks
 * were handled, and the limits of locations. The tables it needs are made in it.
 *
 * @example
 * ```ts
 * import { Database, Ghl, webhooks } from '@ghlkit/node'
 *
 * const database = await Database.open({ databaseUrl: 'sqlite:shop.db' })
 * const receiver = webhooks.receiver({ ed25519: true, seen: database.seen })
 * const ghl = new Ghl({ token: process.env.GOHIGHLEVEL_API_KEY!, database })
 * ```
 */
export class Database {
  /** Remembers which webhooks were handled. */
  readonly seen: SeenStore
  readonly #database: DatabaseHandle
  readonly #forget: () => void

  /** @internal */
  constructor(database: DatabaseHandle, forget: () => void) {
    this.#database = database
    this.#forget = forget
    this.seen = Object.freeze({
      claim: (key: SeenKey, nowMs: number, untilMs: number): Promise<Claim> =>
        this.#call('seen.claim', { ...key, nowMs, untilMs }),
      remember: async (key: SeenKey, nowMs: number, keepUntilMs: number): Promise<void> =>
        void (await this.#call('seen.remember', { ...key, nowMs, keepUntilMs })),
      release: async (key: SeenKey, untilMs: number): Promise<void> =>
        void (await this.#call('seen.release', { ...key, untilMs })),
    })
  }

  /**
   * Opens a database. A process opens each once: again, as a hot reload does, gives the one that is open.
   *
   * @throws `ConfigError` naming the option or variable, `StoreError`.
   */
  static async open(options: DatabaseOptions = {}): Promise<Database> {
    const { env, ...settings } = parts(options, 'options')
    const ours = variables(env)
    const url = settings.databaseUrl ?? ours['DATABASE_URL']
    const written = `{"options":${json(settings, 'options')},"env":${json({ DATABASE_URL: ours['DATABASE_URL'] })}}`
    const opened = shared({ database: `database ${url ?? ''}`, settings: '' }, async (leave) => {
      return new Database(await begin(written), leave)
    })
    if (opened !== undefined) return opened
    throw invalid('databaseUrl', 'is open in this process with other settings; close that first, or use the same')
  }

  /** @internal Public, as who asks may be of another copy of this module. */
  get [HANDLE](): DatabaseHandle {
    return this.#database
  }

  /** Closes the database. Later calls reject with an `InvalidArgumentError`, field `database`. */
  async close(): Promise<void> {
    this.#forget()
    settle(await engine.databaseClose(this.#database))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<Op extends keyof DatabaseOps>(op: Op, args: DatabaseOps[Op]['args']): Promise<DatabaseOps[Op]['reply']> {
    const written = json(args)
    return settle(await engine.databaseCall(this.#database, op, written))
  }
}

async function begin(settings: string): Promise<DatabaseHandle> {
  try {
    return await engine.databaseOpen(settings)
  } catch (error) {
    throw thrown(error, 'options')
  }
}
