import { engine } from './engine'
import { kept } from './kept'
import { seriesOf, total } from './metrics'

/** How often the engine is looked at, and how many looks are kept: ten minutes. */
const EVERY_MS = 5_000
const KEPT = 120

/** What was seen at one look. */
export interface Sample {
  at: number
  /** Jobs that wait or are worked on. */
  waiting: number
  /** Calls to GHL since the look before. */
  calls: number
  /** Those of them that failed. */
  failed: number
}

/** The last ten minutes of this process, oldest first. */
export const history = (): readonly Sample[] => kept('history', (): Sample[] => [])

/** Looks at the engine from now on. GHL is not asked for it. */
export function keepHistory(): void {
  kept('history timer', () => setInterval(() => void look().catch(() => undefined), EVERY_MS).unref())
}

async function look(): Promise<void> {
  const series = seriesOf(await (await engine()).metrics())
  const counted = kept('history counters', () => ({ calls: 0, ok: 0 }))
  const [calls, ok] = [total(series, 'ghlkit_calls_total'), total(series, 'ghlkit_calls_total', 'code="ok"')]
  const waiting = total(series, 'ghlkit_jobs', 'state="waiting"')
  const made = calls - counted.calls
  const samples = history() as Sample[]
  samples.push({ at: Date.now(), waiting, calls: made, failed: made - (ok - counted.ok) })
  if (samples.length > KEPT) samples.shift()
  Object.assign(counted, { calls, ok })
}
