import { json, parts, text } from './args.js'
import { APP, type OAuthHandle } from './binding.js'
import { cancellable, type Cancellable } from './call.js'
import { variables, type Env } from './env.js'
import { isVerified, type WebhookEvent } from './event.js'
import type { OAuthOps } from './generated/ops.js'
import type {
  AppChanged,
  Installation,
  InstalledLocation,
  OAuthSettings,
  Rekeyed,
} from './generated/types.js'
import { Ghl, type GhlOptions } from './ghl.js'
import { engine } from './host/node.js'
import { invalid } from './raise.js'
import { shared } from './registry.js'
import { settle, thrown } from './settle.js'

/** How an app is opened; what is left out comes from the environment or is the default. */
export interface OAuthOptions extends OAuthSettings {
  /** The variables that fill in for options. Default: `process.env`. */
  env?: Env
}

/**
 * An app of GHL's marketplace: people install it by consent, and its tokens are kept encrypted in the database and
 * renewed once, however many calls and processes share them.
 *
 * @example
 * ```ts
 * import { OAuth } from '@ghlkit/node'
 *
 * const oauth = await OAuth.open({ databaseUrl: 'sqlite:shop.db' }) // the rest from GHL_CLIENT_ID, …
 *
 * // A route that begins the installation. `session` is what only this browser has, such as its session cookie.
 * export const install = (session: string) => Response.redirect(oauth.authorizeUrl(session))
 *
 * // The redirect URI, where the consent page sends the browser back to.
 * export async function callback(request: Request, session: string) {
 *   const { subject } = await oauth.callback(new URL(request.url).search, session)
 *   return new Response(`Installed at ${subject.kind} ${subject.id}`)
 * }
 *
 * const ghl = oauth.client({ locationId: 've9EPM428h8vShlRW1KT' }) // its tokens renew themselves
 * ```
 */
export class OAuth {
  readonly #oauth: OAuthHandle
  readonly #defaults: GhlOptions
  readonly #env: Record<string, string>
  readonly #forget: () => void

  /** @internal */
  constructor(oauth: OAuthHandle, defaults: GhlOptions, env: Record<string, string>, forget: () => void) {
    this.#oauth = oauth
    this.#defaults = defaults
    this.#env = env
    this.#forget = forget
  }

  /**
   * Opens the database that the tokens are kept in. A process has one app for each database: opening it again, as a
   * hot reload does, gives the one that is open.
   *
   * @throws `ConfigError` naming the option or variable, `StoreError`.
   */
  static async open(options: OAuthOptions = {}): Promise<OAuth> {
    const { env, ...settings } = parts(options, 'options')
    const ours = variables(env)
    const written = `{"options":${json(settings, 'options')},"env":${JSON.stringify(ours)}}`
    const database = `oauth ${settings.databaseUrl ?? ours['DATABASE_URL'] ?? ''}`
    const opened = shared({ database, settings: written }, async (leave) => {
      const { baseUrl, apiVersion } = settings
      const defaults: GhlOptions = {}
      if (baseUrl !== undefined) defaults.baseUrl = baseUrl
      if (apiVersion !== undefined) defaults.apiVersion = apiVersion
      return new OAuth(await begin(written), defaults, ours, leave)
    })
    if (opened !== undefined) return opened
    throw invalid('databaseUrl', 'is open in this process with other settings; close that first, or use the same')
  }

  /**
   * The address of the consent page, to send a person to. `session` is a text that only this browser's session
   * has, such as its cookie: the answer must come back from the same session, within an hour.
   */
  authorizeUrl(session: string): string {
    const own = text(session, 'session')
    let url
    try {
      url = engine.oauthAuthorizeUrl(this.#oauth, own)
    } catch (error) {
      throw thrown(error, 'session')
    }
    return settle(url)
  }

  /**
   * Takes the consent page's answer: the query of the request to the redirect URI, and the session as it was given
   * to `authorizeUrl`. Checks that both belong together, exchanges the code, and keeps the tokens.
   *
   * @throws `InvalidArgumentError`, field `state`: another session's, forged, or older than an hour. `ApiError`,
   * code `refused`: the person did not consent. `OutcomeUnknownError`: no reply came, so begin again.
   */
  callback(query: string | URLSearchParams, session: string, options?: Cancellable): Promise<Installation> {
    const given = query instanceof URLSearchParams ? query.toString() : query
    return this.#call('callback', { query: given, session }, options)
  }

  /**
   * Exchanges a code that came without a `state`, as when a person begins the installation in the marketplace. Anyone
   * can bring such a request about with a code of their own: attach nothing of the visitor's session to it.
   */
  exchangeCode(code: string, options?: Cancellable): Promise<Installation> {
    return this.#call('exchangeCode', { code }, options)
  }

  /** Applies an `INSTALL` or `UNINSTALL` event of this app, as `webhooks.constructEvent` has verified it. */
  async applyEvent(event: WebhookEvent, options?: Cancellable): Promise<AppChanged> {
    if (isVerified(event)) return this.#call('applyEvent', { event: event.raw }, options)
    throw invalid('event', 'expected what `webhooks.constructEvent` returned')
  }

  /** The locations of an agency where the app is installed, by the agency's token. */
  installedLocations(companyId: string, options?: Cancellable): Promise<InstalledLocation[]> {
    return this.#call('installedLocations', { companyId }, options)
  }

  /** Makes the locations of an agency known where the app is installed. Resolves to those that were not. */
  adoptInstalled(companyId: string, options?: Cancellable): Promise<string[]> {
    return this.#call('adoptInstalled', { companyId }, options)
  }

  /** Encrypts all tokens with the first of `tokenKeys`, while everything goes on. */
  rekey(options?: Cancellable): Promise<Rekeyed> {
    return this.#call('rekey', {}, options)
  }

  /** @internal Public, as who asks may be of another copy of this module. */
  get [APP](): OAuthHandle {
    return this.#oauth
  }

  /** A client that calls with the app's tokens, at whatever location it is told, and where the app is. */
  client(options: Omit<GhlOptions, 'token' | 'fetch'> = {}): Ghl {
    return new Ghl({ ...this.#defaults, ...parts(options, 'options') }, this.#env, this.#oauth)
  }

  /**
   * Closes the database, once renewals that are under way are saved. Later calls reject, and those of its clients
   * as soon as they need another token.
   */
  async close(): Promise<void> {
    this.#forget()
    settle(await engine.oauthClose(this.#oauth))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<Op extends keyof OAuthOps>(
    op: Op,
    given: OAuthOps[Op]['args'],
    options: Cancellable = {},
  ): Promise<OAuthOps[Op]['reply']> {
    const { signal } = parts(options, 'options')
    const args = json(given)
    return cancellable(signal, (cancel) => engine.oauthCall(this.#oauth, op, args, cancel))
  }
}

async function begin(settings: string): Promise<OAuthHandle> {
  try {
    return await engine.oauthOpen(settings)
  } catch (error) {
    throw thrown(error, 'options')
  }
}
