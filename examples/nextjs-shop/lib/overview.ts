import type { Health, Job, TrackedOrder } from '@ghlkit/node'

import { database } from './database'
import { engine } from './engine'
import { byLabel, seriesOf, total } from './metrics'
import { latest, type Row } from './rows'

/** A webhook that was taken in, and what became of it. */
export interface Webhook {
  id: string
  at: Date
  type: string
  verdict: 'applied' | 'waiting' | 'unresolved'
  reason: string | null
}

/** What the shop sees of its sync. */
export interface Overview {
  health: Health
  waiting: number
  /** For how long the first has been due, in seconds. */
  oldest: number
  dead: (Job & { orderNumber: string })[]
  headroom: { now: number; today: number }
  /** Webhooks by what was said of them as they came, those that were refused too. */
  verdicts: [string, number][]
  webhooks: Webhook[]
  /** The latest, each with what opens its page. */
  orders: { row: Row; order?: TrackedOrder; token?: string }[]
}

export async function overview(): Promise<Overview> {
  const sync = await engine()
  const [health, metrics, jobs, rows, webhooks] = await Promise.all([
    sync.health(),
    sync.metrics(),
    sync.jobs({ state: 'dead', limit: 20 }),
    latest(10),
    lastWebhooks(),
  ])
  const series = seriesOf(metrics)
  const orders = rows.map(async (row) => {
    const [order, token] = await Promise.allSettled([sync.order(row.id), sync.orderToken(row.id)])
    if (order.status === 'rejected' || token.status === 'rejected') return { row }
    return { row, order: order.value, token: token.value }
  })
  const dead = jobs.map(async (job) => ({ ...job, orderNumber: (await sync.order(job.orderId)).orderNumber }))
  return {
    health,
    waiting: total(series, 'ghlkit_jobs', 'state="waiting"'),
    oldest: total(series, 'ghlkit_job_oldest_seconds'),
    dead: await Promise.all(dead),
    headroom: {
      now: series.get('ghlkit_rate_headroom') ?? 0,
      today: series.get('ghlkit_rate_headroom_daily') ?? 0,
    },
    verdicts: byLabel(series, 'ghlkit_webhooks_total', 'verdict').filter(([, count]) => count > 0),
    webhooks,
    orders: await Promise.all(orders),
  }
}

async function lastWebhooks(): Promise<Webhook[]> {
  const query = `SELECT id, event_type AS type, error AS reason, created_at AT TIME ZONE 'UTC' AS at,
      CASE WHEN error IS NOT NULL THEN 'unresolved' WHEN processed THEN 'applied' ELSE 'waiting' END AS verdict
    FROM webhook_events WHERE source = 'gohighlevel' ORDER BY created_at DESC, id LIMIT 10`
  return (await database().query<Webhook>(query)).rows
}
