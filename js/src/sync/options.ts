import { callable, isObject, json, parts, shown, text } from '../args.js'
import { APP, type OAuthHandle } from '../binding.js'
import { variables, type Env } from '../env.js'
import type { EngineOps } from '../generated/ops.js'
import type { ConfigOptions, NotificationOptions } from '../generated/types.js'
import { invalid } from '../raise.js'
import type { MessageSender } from './feed.js'

/** How an engine is opened; what is left out comes from the environment or is the default. */
export interface OrderSyncOptions extends ConfigOptions {
  /** Who is told what happens to orders: e-mails, text messages, your own code, a webhook. Default: nobody. */
  notifications?: NotificationOptions & {
    /** Your own code, for example with your mail service. */
    send?: MessageSender
  }
  /** Whether this process works on what is due. Default: true. Without, call `drain` from a timer. */
  worker?: boolean
  /**
   * The app whose tokens calls are made with, where the locations have installed it: no option `token` then. It must stay
   * open for as long as the engine is.
   */
  oauth?: App
  /** What the platform's cron sends to `handlers.cron` as `Authorization: Bearer …`. Default: the variable `CRON_SECRET`. */
  cronSecret?: string
  /**
   * Where GHL's webhooks reach this shop, for `handlers.testWebhook` and `doctor`. Default: the variable `GHLKIT_WEBHOOK_URL`,
   * else none.
   */
  webhookUrl?: string
  /** From when on `health` and `handlers.health` take something to be wrong, unless a call says otherwise. */
  health?: EngineOps['health']['args']
  /**
   * What a scraper sends to `handlers.metrics` as `Authorization: Bearer …`. Default: the variable `GHLKIT_METRICS_TOKEN`, else
   * everyone who can reach the route may read it.
   */
  metricsToken?: string
  /** The variables that fill in for options. Default: `process.env`. */
  env?: Env
}

/** What `OAuth` is to an engine. */
export interface App {
  /** @internal */
  readonly [APP]: unknown
}

/** The same, read. */
export interface Opening {
  /** JSON for the core. */
  readonly settings: string
  /** Which database, for telling engines apart; it may hold a password. */
  readonly database: string
  readonly worker: boolean
  readonly app: OAuthHandle | undefined
  readonly cronSecret: string | undefined
  readonly webhookUrl: string | undefined
  readonly metricsToken: string | undefined
  readonly health: EngineOps['health']['args']
  readonly send: MessageSender | undefined
  /** The origins whose pages may read streams of events. */
  readonly corsOrigins: readonly string[]
  /** The largest body of a webhook that any location takes, in bytes. */
  readonly maxBytes: number
}

/** What the core takes where nothing is set. */
const DEFAULT_MAX_BYTES = 1024 * 1024

export function opening(options: OrderSyncOptions): Opening {
  const { worker = true, env, oauth, cronSecret, webhookUrl, metricsToken, health, notifications, ...rest } =
    parts(options, 'options')
  if (typeof worker !== 'boolean') throw invalid('worker', `expected true or false, got ${shown(worker)}`)
  const { send, told } = telling(notifications)
  const settings = told === undefined ? rest : { ...rest, notifications: told }
  const { CRON_SECRET, GHLKIT_WEBHOOK_URL, GHLKIT_METRICS_TOKEN, ...ours } = variables(env)
  const secret = cronSecret === undefined ? CRON_SECRET : text(cronSecret, 'cronSecret')
  const url = webhookUrl === undefined ? GHLKIT_WEBHOOK_URL : text(webhookUrl, 'webhookUrl')
  const token = metricsToken === undefined ? GHLKIT_METRICS_TOKEN : text(metricsToken, 'metricsToken')
  const written = `{"options":${json(settings, 'options')},"env":${JSON.stringify(ours)}}`
  const locations = Array.isArray(settings.locations) ? settings.locations : []
  // What is not of its type is refused by the core, which reads the same.
  const limits = [settings, ...locations].map((one) => one?.webhooks?.maxBytes ?? DEFAULT_MAX_BYTES)
  const database = settings.databaseUrl ?? ours['DATABASE_URL'] ?? ''
  return {
    settings: written,
    database,
    worker,
    app: handleOf(oauth),
    cronSecret: secret,
    webhookUrl: url,
    metricsToken: token,
    health: health === undefined ? {} : { ...parts(health, 'health') },
    send,
    // What is not of its type is refused by the core here too.
    corsOrigins: Array.isArray(settings.events?.corsOrigins) ? settings.events.corsOrigins : [],
    maxBytes: Math.max(...limits),
  }
}

/** The code among the options, and the others with word of it. */
function telling(notifications: OrderSyncOptions['notifications']): { send?: MessageSender; told?: object } {
  if (notifications === undefined) return {}
  const { send, ...told } = parts(notifications, 'notifications')
  if (send === undefined) return { told }
  return { send: callable(send, 'notifications.send'), told: { ...told, hook: true } }
}

function handleOf(oauth: App | undefined): OAuthHandle | undefined {
  if (oauth === undefined) return undefined
  const handle = isObject(oauth) ? oauth[APP] : undefined
  if (handle !== undefined) return handle as OAuthHandle
  throw invalid('oauth', 'expected what `OAuth.open` returned')
}
