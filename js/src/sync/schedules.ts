import { callable, options as known, text } from '../args.js'
import { GhlError } from '../errors.js'
import type { EngineOps } from '../generated/ops.js'
import type { ScheduleFiring, ScheduleTurn } from '../generated/types.js'
import { said, warn } from '../warn.js'
import { holding } from './hold.js'

/** What a schedule does. What it throws ends the firing, and is told by `tick`. */
export type ScheduleHandler = (firing: { name: string; dueAt: number }) => unknown

/** How a schedule goes by the clock. */
export interface ScheduleOptions {
  /** A name of the IANA database, e.g. `Europe/Helsinki`; default `UTC`. */
  timeZone?: string
}

/** What a tick did. */
export interface Ticked {
  /** Schedules that were due and whose work was done here, by name. */
  fired: string[]
  /** Those that failed, and what was thrown. */
  failed: { name: string; error: unknown }[]
  /** When to tick again, in epoch milliseconds. */
  nextAt: number
}

/** What schedules do with an engine. */
type Call = <Op extends 'nextFiring' | 'beginFiring' | 'keepFiring' | 'endFiring'>(
  op: Op,
  args: EngineOps[Op]['args'],
) => Promise<EngineOps[Op]['reply']>

interface Planned {
  readonly schedule: EngineOps['beginFiring']['args']
  readonly handler: ScheduleHandler
}

/** A firing is ours for a minute, unless it is kept. */
const KEEP_MS = 20_000
const LOOK_AGAIN_MS = 60_000
const BLIND_MS = 1_000
/** How long an engine that is closed waits for handlers. */
const GRACE_MS = 10_000

/** Calls handlers by the clock, each firing once in all processes of a database. */
export class Schedules {
  readonly #planned = new Map<string, Planned>()
  readonly #call: Call
  #resident = false
  #ended = false
  #timer: NodeJS.Timeout | undefined
  #ticking: Promise<Ticked> | undefined

  constructor(call: Call) {
    this.#call = call
  }

  /** Plans; resolves to what ends it, once the pattern and the zone are known to be right. */
  async add(name: string, cron: string, handler: ScheduleHandler, given?: ScheduleOptions): Promise<() => void> {
    const { timeZone } = known(given, 'options', ['timeZone'])
    const schedule = {
      name: text(name, 'name'),
      cron: text(cron, 'cron'),
      ...(timeZone === undefined ? {} : { timeZone: text(timeZone, 'timeZone') }),
    }
    const planned = { schedule, handler: callable(handler, 'handler') }
    await this.#call('nextFiring', schedule)
    this.#planned.set(name, planned)
    this.#arm(0)
    return () => {
      if (this.#planned.get(name) === planned) this.#planned.delete(name)
    }
  }

  /** From now on ticks by itself, whenever something is due. Waiting for that does not keep the process running. */
  start(): void {
    this.#resident = true
    this.#arm(0)
  }

  /** Does what is due and nobody else is at, one after another. While it does, another call waits for the same. */
  tick(): Promise<Ticked> {
    return (this.#ticking ??= holding(() => this.#tick()).finally(() => (this.#ticking = undefined)))
  }

  /** Begins nothing more, and waits a while for what is under way. */
  async stop(): Promise<void> {
    this.#resident = false
    clearTimeout(this.#timer)
    if (this.#ticking === undefined) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => (timer = setTimeout(resolve, GRACE_MS)))
    await Promise.race([this.#ticking.catch(() => undefined), late])
    clearTimeout(timer)
  }

  /** The engine is about to be closed. */
  async end(): Promise<void> {
    this.#ended = true
    await this.stop()
  }

  #arm(delay: number): void {
    if (!this.#resident || this.#ended || this.#planned.size === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#due(), Math.min(Math.max(delay, 1), LOOK_AGAIN_MS))
    this.#timer.unref()
  }

  async #due(): Promise<void> {
    try {
      const { nextAt } = await this.tick()
      this.#arm(nextAt - Date.now())
    } catch (error) {
      if (!this.#ended) warn(`the schedules could not be read: ${said(error)}`)
      this.#arm(BLIND_MS)
    }
  }

  async #tick(): Promise<Ticked> {
    const ticked: Ticked = { fired: [], failed: [], nextAt: Date.now() + LOOK_AGAIN_MS }
    for (const { schedule, handler } of [...this.#planned.values()]) {
      if (this.#ended) break
      const { firing, nextAt }: ScheduleTurn = await this.#call('beginFiring', schedule)
      ticked.nextAt = Math.min(ticked.nextAt, nextAt)
      if (firing === undefined) continue
      const failure = await this.#fire(firing, handler)
      if (failure === undefined) ticked.fired.push(firing.name)
      else ticked.failed.push({ name: firing.name, error: failure.error })
    }
    return ticked
  }

  /** Calls the handler, and keeps the firing meanwhile. What went wrong, if something did. */
  async #fire(firing: ScheduleFiring, handler: ScheduleHandler): Promise<{ error: unknown } | undefined> {
    const { name, dueAt, token } = firing
    const keeping = setInterval(() => this.#call('keepFiring', { name, token }).catch(warn), KEEP_MS)
    keeping.unref()
    let failure: { error: unknown } | undefined
    try {
      await handler({ name, dueAt })
    } catch (error) {
      failure = { error }
      warn(`the schedule ${name} failed: ${said(error)}`)
    } finally {
      clearInterval(keeping)
    }
    const error = failure?.error
    const noted = failure === undefined ? {} : { error: error instanceof GhlError ? error.code : said(error) }
    await this.#call('endFiring', { name, token, ...noted })
    return failure
  }
}
