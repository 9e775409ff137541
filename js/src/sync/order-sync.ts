import { callable, json, parts, text } from '../args.js'
import type { SyncHandle } from '../binding.js'
import { bytes, type RawBody } from '../bytes.js'
import { cancellable, checked, type Cancellable } from '../call.js'
import type { EngineOps } from '../generated/ops.js'
import type {
  Drained,
  Job,
  OrderData,
  OrderEvent,
  Receipt,
  Reconciled,
  SyncOutcome,
  TrackedOrder,
  UnresolvedEvent,
} from '../generated/types.js'
import { headerLines, type HeadersInput } from '../headers.js'
import { engine } from '../host/node.js'
import { invalid } from '../raise.js'
import { shared } from '../registry.js'
import { settle, thrown } from '../settle.js'
import type { DefaultStatus } from '../status.js'
import { ALL, Feed, type EventHandler, type MessageSender } from './feed.js'
import { holding } from './hold.js'
import { importAll, type ImportOptions, type ImportProgress, type Orders } from './import.js'
import { pull, type ManufacturingSource, type Pulled, type PullOptions } from './manufacturing.js'
import { Notifications, type Call } from './notifications.js'
import { opening, type Opening, type OrderSyncOptions } from './options.js'
import type { OptionsOf } from './ops.js'
import { Outbox } from './outbox.js'
import { Pusher } from './pusher.js'
import { routes, type Routes } from './routes.js'
import { Schedules, type ScheduleHandler, type ScheduleOptions, type Ticked } from './schedules.js'

/**
 * Keeps a shop's orders and GHL in step: every intent is written to the database before the first call, so
 * that a crash, a lost reply or an hour without GHL loses nothing and doubles nothing.
 *
 * Waiting for work does not keep the process running; a call, an event's handler and `run` do.
 *
 * @example
 * ```ts
 * import { OrderSync } from '@ghlkit/node'
 *
 * const sync = await OrderSync.open({ databaseUrl: 'sqlite:shop.db' })
 * sync.on('status_changed', (event) => console.log(event.orderId, event.payload))
 *
 * const { state } = await sync.createOrder({
 *   id: '5d2c',
 *   orderNumber: '1042',
 *   total: { amount: '4999.00', currency: 'EUR' },
 *   customer: { firstName: 'Žofie', lastName: 'Nováková', email: 'zofie@example.com' },
 *   product: { name: 'Barrel sauna' },
 *   shippingAddress: { line1: 'Dlouhá 12', city: 'Praha', postalCode: '110 00', country: 'CZ' },
 * })
 * console.log(state) // synced, queued or dead
 * await sync.updateStatus('5d2c', 'manufacturing')
 *
 * export const POST = sync.handlers.webhook // the route that GHL posts to
 * ```
 */
export class OrderSync<S extends string = DefaultStatus> extends Outbox {
  /** Routes of a shop: for GHL's webhooks, the platform's cron, monitors. */
  readonly handlers: Routes

  /** What customers and others are told of orders. */
  readonly notifications: Notifications

  /** Events of the shop's own by Pusher Channels. */
  readonly pusher: Pusher

  readonly #sync: SyncHandle
  readonly #opened: Pick<Opening, 'webhookUrl' | 'health'>
  readonly #feed: Feed
  readonly #schedules: Schedules
  readonly #forget: () => void
  #closing: Promise<void> | undefined

  /** @internal */
  constructor(sync: SyncHandle, feed: Feed, opening: Opening, forget: () => void) {
    super()
    this.#opened = { webhookUrl: opening.webhookUrl, health: opening.health }
    const call: Call = (op, given, options) => this.#call(op, given, options)
    this.handlers = routes(opening, this, sync, call)
    this.notifications = new Notifications(call)
    this.pusher = new Pusher(call)
    this.#sync = sync
    this.#feed = feed
    this.#schedules = new Schedules((op, args) => this.#call(op, args))
    this.#forget = forget
  }

  /**
   * Opens the database and, unless `worker: false`, begins to work on what is due. A process has one engine for
   * each database: opening it again, as a hot reload does, gives the one that is open.
   *
   * @throws `ConfigError` naming the option or variable, `StoreError`.
   */
  static async open<S extends string = DefaultStatus>(options: OrderSyncOptions = {}): Promise<OrderSync<S>> {
    const settings = opening(options)
    const { database, app } = settings
    const told = `${app === undefined ? '' : 'an app '}${settings.settings}`
    const opened = shared({ database, settings: told }, (leave) => begin<S>(settings, leave))
    if (opened === undefined) {
      throw invalid('databaseUrl', 'is open in this process with other settings; close that first, or use the same')
    }
    const sync = await opened
    sync.sendBy(settings.send)
    if (settings.worker) sync.start()
    return sync
  }

  /** Takes an order in, durably, then waits up to `waitMs` for GHL. Rejects only when nothing was written. */
  createOrder(order: OrderData, options?: OptionsOf<'createOrder', 'order'>): Promise<SyncOutcome> {
    return this.#call('createOrder', { order }, options)
  }

  /** Changes an order's status, durably, then waits up to `waitMs` for GHL. Rejects only when nothing was written. */
  updateStatus(
    orderId: string,
    status: S,
    options?: OptionsOf<'updateStatus', 'orderId' | 'status'>,
  ): Promise<SyncOutcome> {
    return this.#call('updateStatus', { orderId, status }, options)
  }

  /**
   * Sets how far an order in manufacturing is, in whole percent, then waits up to `waitMs` for GHL. Each milestone it passes
   * (25, 50, 75, 100) becomes an event `milestone`, once; at 100 the order goes on to the next status.
   *
   * @throws `TransitionError` for an order in another status, and for less than before without `force`.
   */
  setManufacturingProgress(
    orderId: string,
    percent: number,
    options?: OptionsOf<'setManufacturingProgress', 'orderId' | 'percent'>,
  ): Promise<SyncOutcome> {
    return this.#call('setManufacturingProgress', { orderId, percent }, options)
  }

  /**
   * Asks your source how far every order in manufacturing is, and writes down what rose: for a cron job. An order whose
   * source fails or takes too long concerns that order alone. Several processes may pull at the same time.
   *
   * @example
   * ```ts
   * import { OrderSync } from '@ghlkit/node'
   *
   * const sync = await OrderSync.open()
   * const { changed, failures } = await sync.pullManufacturing(async (orderId, signal) => {
   *   const reply = await fetch(`https://plant.example/orders/${orderId}`, { signal })
   *   return ((await reply.json()) as { percent: number }).percent
   * })
   * console.log(changed, failures)
   * ```
   */
  pullManufacturing(source: ManufacturingSource, options: PullOptions = {}): Promise<Pulled> {
    const orders = {
      list: (page: OptionsOf<'ordersInManufacturing'>) => this.#call('ordersInManufacturing', {}, page),
      take: (said: EngineOps['takeManufacturingProgress']['args']) => this.#call('takeManufacturingProgress', said),
    }
    return pull(orders, source, options)
  }

  /**
   * Calls the handler by a cron pattern, each time in one process of all that share the database; times that were missed are
   * one. This process does it by itself while its worker runs; else call `tick`, or `handlers.cron`, from the platform's cron.
   * A handler whose process dies is called again in another within a minute. Resolves to what ends it.
   *
   * @example
   * ```ts
   * import { OrderSync } from '@ghlkit/node'
   *
   * const sync = await OrderSync.open()
   * await sync.schedule('reconcile', '0 3 * * *', () => sync.reconcile(), { timeZone: 'Europe/Helsinki' })
   * ```
   *
   * @throws `InvalidArgumentError`, field `name`, `cron` or `timeZone`.
   */
  schedule(name: string, cron: string, handler: ScheduleHandler, options?: ScheduleOptions): Promise<() => void> {
    return this.#schedules.add(name, cron, handler, options)
  }

  /** Does what schedules of this process have due and no other process is at. */
  tick(): Promise<Ticked> {
    return this.#schedules.tick()
  }

  /** Orders by id: for example those that are under way, with `{ status: 'shipped' }`. */
  orders(options?: OptionsOf<'orders', 'status'> & { status?: S }): Promise<TrackedOrder[]> {
    return this.#call('orders', {}, options)
  }

  /** What is known of an order. */
  order(orderId: string, options?: OptionsOf<'order', 'orderId'>): Promise<TrackedOrder> {
    return this.#call('order', { orderId }, options)
  }

  /** Sync jobs by id, one an order: for example those that were given up, with `{ state: 'dead' }`. */
  jobs(options?: OptionsOf<'jobs'>): Promise<Job[]> {
    return this.#call('jobs', {}, options)
  }

  /** Makes a job that was given up due now; false if it was not given up. */
  replay(jobId: string, options?: Cancellable): Promise<boolean> {
    return this.#call('replay', { jobId }, options)
  }

  /** Makes all jobs that were given up due now, or those of a location, an order or an `errorCode`. How many there were. */
  replayAll(options?: OptionsOf<'replayAll'>): Promise<number> {
    return this.#call('replayAll', {}, options)
  }

  /** Does what is due now and then ends: for a cron route where no worker runs. */
  drain(options?: OptionsOf<'drain'>): Promise<Drained> {
    return this.#call('drain', {}, options)
  }

  /**
   * Compares what GHL lists with what is known, and marks the orders that differ for a look; with `dryRun` it only lists
   * them. After `deadlineMs`, as after a crash, the next call goes on: `more` says whether there is more.
   */
  reconcile(options?: OptionsOf<'reconcile'>): Promise<Reconciled> {
    return this.#call('reconcile', {}, options)
  }

  /**
   * Takes existing orders in, each with its `status`, oldest first: from an array, a generator or a cursor of your
   * database, a hundred in memory at a time. An order that is there already is skipped, so that an import that was ended
   * goes on when it is run again. Nothing is told as an event, and new orders are not held up by it.
   *
   * @returns How far it came: also how many orders were refused, of which `onError` hears.
   */
  import(orders: Orders, options?: ImportOptions): Promise<ImportProgress> {
    if (this.#closing !== undefined) return Promise.reject(closed())
    return importAll(orders, options, (chunk) => this.#call('import', chunk))
  }

  /** Received events that belong to no known order, by id. */
  unresolved(options?: OptionsOf<'unresolved'>): Promise<UnresolvedEvent[]> {
    return this.#call('unresolved', {}, options)
  }

  /**
   * Takes a webhook in: verified, and written down to be applied by the worker. Give it the raw body and all
   * headers; answer 200 once it resolves. `handlers.webhook` does all of that.
   *
   * @throws `SignatureError` (answer 401), `PayloadError` (400 or 413), `AuthError` for an event of another
   * location (403), `StoreError` (429, so that GHL repeats it).
   */
  async receiveWebhook(
    rawBody: RawBody,
    headers: HeadersInput,
    options: { locationId?: string } = {},
  ): Promise<Receipt> {
    const { locationId = '' } = parts(options, 'options')
    const body = bytes(rawBody, 'rawBody')
    const lines = headerLines(headers)
    const location = text(locationId, 'locationId')
    return cancellable(undefined, () => engine.syncReceive(this.#sync, location, body, lines))
  }

  /** Calls the handler for every event of a type, e.g. `status_changed`. Returns what ends it. */
  on(type: string, handler: EventHandler): () => void {
    if (this.#closing !== undefined) throw closed()
    this.#feed.on(text(type, 'type'), callable(handler, 'handler'))
    return () => this.off(type, handler)
  }

  /** Calls the handler for every event. Returns what ends it. */
  onAny(handler: EventHandler): () => void {
    return this.on(ALL, handler)
  }

  /** Calls the handler no more; `*` for one that was given to `onAny`. */
  off(type: string, handler: EventHandler): void {
    this.#feed.off(text(type, 'type'), callable(handler, 'handler'))
  }

  /**
   * All events from now on, for a `for await` loop. An event was heard once the loop comes back for the next
   * one, or is left: for what must not be missed when handling fails, use `on`.
   */
  events(): AsyncIterableIterator<OrderEvent> {
    if (this.#closing !== undefined) throw closed()
    return this.#feed.iterate()
  }

  /** @internal */
  sendBy(sender: MessageSender | undefined): void {
    this.#feed.sendBy(sender)
  }

  /** @internal Public, as the engine may be of another copy of this module. */
  start(): void {
    try {
      engine.syncStart(this.#sync)
    } catch (error) {
      throw thrown(error, 'sync')
    }
    this.#schedules.start()
  }

  /** Works on what is due, and keeps the process running, until `stop`, `close` or the signal. */
  async run(options: Cancellable = {}): Promise<void> {
    const { signal } = parts(options, 'options')
    const stop = () => engine.syncStop(this.#sync)
    if (signal !== undefined && checked(signal).aborted) return
    signal?.addEventListener('abort', stop, { once: true })
    try {
      this.start()
      await holding(() => this.#stopped())
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Ends the worker once what it is at work on is done. `run` begins another. */
  async stop(): Promise<void> {
    try {
      engine.syncStop(this.#sync)
    } catch (error) {
      throw thrown(error, 'sync')
    }
    await holding(async () => {
      await this.#schedules.stop()
      await this.#stopped()
    })
  }

  /** Whether it takes calls: until `close` is called. */
  get isOpen(): boolean {
    return this.#closing === undefined
  }

  /** Stops, and closes the database. Later calls reject with an `InvalidArgumentError`, field `sync`; again does nothing. */
  close(): Promise<void> {
    return (this.#closing ??= holding(() => this.#close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  protected override get opened() {
    return this.#opened
  }

  /** @internal */
  protected override ask<Op extends keyof EngineOps>(op: Op, given: object, options?: object & Cancellable) {
    return this.#call(op, given, options)
  }

  async #call<Op extends keyof EngineOps>(
    op: Op,
    given: object,
    options: object & Cancellable = {},
  ): Promise<EngineOps[Op]['reply']> {
    const { signal, ...rest } = parts(options, 'options')
    const args = json({ ...rest, ...given })
    return cancellable(signal, (cancel) => engine.syncCall(this.#sync, op, args, cancel))
  }

  async #stopped(): Promise<void> {
    settle(await engine.syncStopped(this.#sync))
  }

  async #close(): Promise<void> {
    this.#forget()
    await this.#schedules.end()
    this.#feed.end()
    try {
      settle(await engine.syncClose(this.#sync))
    } finally {
      this.#feed.detach()
    }
  }
}

async function begin<S extends string>(opening: Opening, leave: () => void): Promise<OrderSync<S>> {
  const feed = new Feed()
  let sync
  try {
    sync = await engine.syncOpen(opening.settings, feed.ring, opening.app)
  } catch (error) {
    throw thrown(error, 'options')
  }
  feed.attach(sync)
  return new OrderSync<S>(sync, feed, opening, leave)
}

function closed(): Error {
  return invalid('sync', 'expected one that is open, but it was closed; open it again')
}
