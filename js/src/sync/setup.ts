import { isObject, json, parts, shown, text } from '../args.js'
import { cancellable, type Cancellable } from '../call.js'
import type { EngineOps } from '../generated/ops.js'
import type { DoctorReport, Health, Provisioned, TestWebhook } from '../generated/types.js'
import { engine } from '../host/node.js'
import { invalid } from '../raise.js'
import { opening, type Opening, type OrderSyncOptions } from './options.js'
import type { OptionsOf } from './ops.js'

/** How a shop is set up and watched: what `OrderSync` has of it. Without `new` and `open`, no database is opened for it. */
export abstract class Setup {
  /**
   * Looks at a set-up before anything is opened: settings, database, token and scopes, pipeline, stages, custom fields,
   * calendar, clock, and with a `webhookUrl` a signed webhook to it. All that is wrong is a line of the report, never an
   * error; `npx ghlkit doctor` prints it. Nothing is made, migrated or changed.
   *
   * @example
   * ```ts
   * import { OrderSync } from '@ghlkit/node'
   *
   * const { ok, checks } = await OrderSync.doctor()
   * for (const { verdict, name, detail, fix } of checks) console.log(verdict, name, detail, fix ?? '')
   * process.exitCode = ok ? 0 : 1
   * ```
   */
  static async doctor(options: OrderSyncOptions & Cancellable = {}): Promise<DoctorReport> {
    const { webhookUrl } = opening(rest(options))
    return alone('doctor', webhookUrl === undefined ? {} : { webhookUrl }, options)
  }

  /** The same as `sync.provision`, without a database. */
  static async provision(
    options: OrderSyncOptions & Cancellable = {},
    given: Omit<OptionsOf<'provision'>, 'signal'> = {},
  ): Promise<Provisioned> {
    return alone('provision', parts(given, 'given'), options)
  }

  /** The same as `sync.sendTestWebhook`, without a database. */
  static async sendTestWebhook(
    url: string,
    options: OrderSyncOptions & Cancellable = {},
    given: Omit<OptionsOf<'sendTestWebhook', 'url'>, 'signal'> = {},
  ): Promise<TestWebhook> {
    return alone('sendTestWebhook', { ...parts(given, 'given'), url: text(url, 'url') }, options)
  }

  /** @internal */
  protected abstract readonly opened: Pick<Opening, 'webhookUrl' | 'health'>

  /** @internal */
  protected abstract ask<Op extends keyof EngineOps>(
    op: Op,
    given: object,
    options?: object & Cancellable,
  ): Promise<EngineOps[Op]['reply']>

  /**
   * What is right and wrong with the set-up, line by line, and how to mend it. A signed webhook that changes no order is sent
   * to `webhookUrl`, by default the one that the engine was opened with, if any. What is wrong is a line, never an error.
   */
  doctor(options: OptionsOf<'doctor'> = {}): Promise<DoctorReport> {
    const { webhookUrl } = this.opened
    return this.ask('doctor', {}, { ...(webhookUrl !== undefined && { webhookUrl }), ...parts(options, 'options') })
  }

  /**
   * Reads a location's pipeline and custom fields, creates the fields that are missing, tells what has no partner, and which
   * lines of settings name the stages. With `dryRun` it only tells.
   */
  provision(options?: OptionsOf<'provision'>): Promise<Provisioned> {
    return this.ask('provision', {}, options)
  }

  /**
   * Sends a sample of a webhook to your own route, HTTPS or on this machine, signed by the configured secret, and tells
   * what it answered. No redirect is followed. By default it is what a workflow sends of a contact `test_contact_123`.
   *
   * @throws `InvalidArgumentError`, field `url`, `event` or `timeoutMs`; `ConfigError` where only HighLevel can sign;
   * `NetworkError` and `TimeoutError` where nobody answers.
   */
  sendTestWebhook(url: string, options?: OptionsOf<'sendTestWebhook', 'url'>): Promise<TestWebhook> {
    return this.ask('sendTestWebhook', { url }, options)
  }

  /**
   * What happens in this process and waits in its database, as the text that Prometheus reads: calls, retries, what is left
   * of the limits, the queue, webhooks. The database is asked, GHL never; `handlers.metrics` is the route of it.
   */
  metrics(options?: OptionsOf<'metrics'>): Promise<string> {
    return this.ask('metrics', {}, options)
  }

  /**
   * Whether orders and GHL are kept in step, part by part. GHL is asked only where no call has shown for 30 s how it is;
   * `handlers.health` is the route of it.
   */
  health(options: OptionsOf<'health'> = {}): Promise<Health> {
    return this.ask('health', {}, { ...this.opened.health, ...parts(options, 'options') })
  }
}

/** The options that are an engine's. */
function rest(options: OrderSyncOptions & Cancellable): OrderSyncOptions {
  if (!isObject(options)) throw invalid('options', `expected an object, got ${shown(options)}`)
  const { signal: _, ...engines } = options
  return engines
}

async function alone<Op extends keyof EngineOps>(
  op: Op,
  given: object,
  options: OrderSyncOptions & Cancellable,
): Promise<EngineOps[Op]['reply']> {
  const { settings, app } = opening(rest(options))
  const args = json(given)
  return cancellable(options.signal, (cancel) => engine.syncAlone(settings, op, args, app, cancel))
}
