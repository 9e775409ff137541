import { json, options as known, text } from './args.js'
import type { ModelSpec, PipelineStage, StatusInfo } from './generated/types.js'
import { evaluate } from './settle.js'

/** The statuses of the built-in model: the path in order, then those beside it. */
export type DefaultStatus =
  | 'order_placed'
  | 'processing'
  | 'manufacturing'
  | 'quality_check'
  | 'shipped'
  | 'delivered'
  | 'installation'
  | 'completed'
  | 'cancelled'
  | 'refunded'
  | 'returned'

/** A shop's own statuses and stages. */
export interface StatusModelOptions {
  /** The statuses. Default: the built-in ones. */
  model?: ModelSpec
  /** The stages of the pipeline, as `pipelines.list` gives them. Without them a stage's name alone decides. */
  pipeline?: PipelineStage[]
  /** The stages of single statuses, by id, name or key, as `GHL_STAGE_<STATUS>` gives them. */
  stages?: { [status: string]: string }
}

/** What bears on progress besides the status. */
export interface ProgressOptions {
  /** Manufacturing progress in percent. */
  manufacturing?: number
  /** The overall progress before: it stays at that beside the path. Default: 0. */
  previous?: number
}

/** How many names of stages are remembered besides the keys of the model. */
const MAX_NAMES = 1_000
/** A longer name is no stage's, and is not remembered. */
const MAX_NAME_LENGTH = 200

/**
 * The statuses of a shop and their stages. The core decides; what it has decided is looked up.
 *
 * @example
 * ```ts
 * import { Ghl, StatusModel } from '@ghlkit/node'
 *
 * const [pipeline] = await Ghl.fromEnv().pipelines.list()
 * const statuses = new StatusModel({ pipeline: pipeline!.stages })
 * console.log(statuses.statusForStage(pipeline!.stages[0]!.id)) // 'order_placed'
 * ```
 */
export class StatusModel<S extends string = DefaultStatus> {
  /** Every status with its label, stage key and progress: the path in order, then those beside it. */
  readonly statuses: readonly StatusInfo[]
  readonly #options: StatusModelOptions
  readonly #statuses = new Map<string, S | undefined>()
  readonly #stages = new Map<string, string | undefined>()
  readonly #progress = new Map<string, number>()

  /** @throws `InvalidArgumentError` naming the part, e.g. `model.path[2].progress`. */
  constructor(options: StatusModelOptions = {}) {
    const { model, pipeline, stages } = known(options, 'options', ['model', 'pipeline', 'stages'])
    // What is remembered holds however these change.
    this.#options = JSON.parse(json(options, 'options')) as StatusModelOptions
    const table = evaluate('model.describe', model === undefined ? {} : { model })
    this.statuses = table.statuses
    for (const { status, progress } of table.statuses) {
      if (progress !== undefined) this.#progress.set(status, progress)
    }
    if (pipeline !== undefined || stages !== undefined) {
      // Whatever is wrong with them shows at the first question.
      this.stageForStatus(table.first as S)
      return
    }
    for (const { status, stageKey } of table.statuses) {
      this.#stages.set(status, stageKey)
      if (stageKey !== undefined) this.#statuses.set(stageKey, status as S)
    }
  }

  /** The status of a stage, given by id, key or name; `undefined` for a stage that stands for none. */
  statusForStage(stage: string): S | undefined {
    const known = this.#statuses.get(stage)
    if (known !== undefined) return known
    return this.#statuses.has(stage) ? undefined : this.#ask(stage)
  }

  #ask(stage: string): S | undefined {
    const status = evaluate('status.forStage', { ...this.#options, stage: text(stage, 'stage') }) as S | null
    if (stage.length <= MAX_NAME_LENGTH) {
      if (this.#statuses.size >= MAX_NAMES) this.#statuses.delete(this.#statuses.keys().next().value as string)
      this.#statuses.set(stage, status ?? undefined)
    }
    return status ?? undefined
  }

  /** The stage of a status: its id in the pipeline, without one its key; `undefined` where the opportunity stays where it is. */
  stageForStatus(status: S): string | undefined {
    if (!this.#stages.has(status)) {
      const stage = evaluate('stage.forStatus', { ...this.#options, status: text(status, 'status') })
      this.#stages.set(status, stage ?? undefined)
    }
    return this.#stages.get(status)
  }

  /** The overall progress in percent. */
  progressFor(status: S, options?: ProgressOptions): number {
    const progress = options === undefined ? this.#progress.get(status) : undefined
    if (progress !== undefined) return progress
    const { model } = this.#options
    const args = { ...known(options, 'options', ['manufacturing', 'previous']), status: text(status, 'status') }
    return evaluate('progress.overall', model === undefined ? args : { ...args, model })
  }

  /** The milestones of manufacturing progress passed between the last one told and now, in order. */
  milestonesCrossed(last: number, now: number): number[] {
    return evaluate('milestones.crossed', { last, now })
  }
}

let model: StatusModel | undefined
const builtIn = (): StatusModel => (model ??= new StatusModel())

/**
 * The status of a stage, by its key or name: `stage_in_production` and `In Production` are `manufacturing`.
 * For ids of stages, and for statuses of your own, see {@link StatusModel}.
 */
export function statusForStage(stage: string): DefaultStatus | undefined {
  return builtIn().statusForStage(stage)
}

/** The key of a status's stage, e.g. `stage_shipped`; `undefined` for one without. */
export function stageForStatus(status: DefaultStatus): string | undefined {
  return builtIn().stageForStatus(status)
}

/** The overall progress of an order in percent, e.g. 50 for `manufacturing`, and 54 at a quarter of it. */
export function progressFor(status: DefaultStatus, options?: ProgressOptions): number {
  return builtIn().progressFor(status, options)
}

/** The milestones of manufacturing progress passed between the last one told and now: `(0, 60)` gives 25 and 50. */
export function milestonesCrossed(last: number, now: number): number[] {
  return builtIn().milestonesCrossed(last, now)
}
