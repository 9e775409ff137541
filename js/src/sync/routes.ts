import type { SyncHandle } from '../binding.js'
import type { Drained, Health, Receipt, TestWebhook } from '../generated/types.js'
import type { HeadersInput } from '../headers.js'
import { ACCEPTED, type Answer } from '../receiver/answer.js'
import { nodeRoute, type NodeRequest, type NodeResponse } from '../receiver/node.js'
import { webRoute } from '../receiver/web.js'
import type { Call } from './notifications.js'
import { pusherAuthRoute, type PusherAuthOptions } from './pusher-auth.js'
import { eventsRoute, type EventsOptions } from './events-route.js'
import { cronRoute } from './cron.js'
import { healthRoute, liveRoute } from './health.js'
import { metricsRoute } from './metrics.js'
import type { Opening } from './options.js'
import type { Ticked } from './schedules.js'
import { testWebhookRoute } from './test-webhook.js'

/** What routes do with an engine. */
interface Engine {
  readonly isOpen: boolean
  receiveWebhook(rawBody: Uint8Array, headers: HeadersInput, options: { locationId?: string }): Promise<Receipt>
  tick(): Promise<Ticked>
  drain(): Promise<Drained>
  health(): Promise<Health>
  metrics(): Promise<string>
  sendTestWebhook(url: string, options: { event?: string; locationId?: string }): Promise<TestWebhook>
}

/** Routes of a shop. Those of webhooks are for the only location, or for the one that the query's `locationId` names. */
export interface Routes {
  /** GHL's webhooks, for frameworks whose handlers are `(Request) => Promise<Response>`. */
  webhook(this: void, request: Request): Promise<Response>
  /** GHL's webhooks, for Node's `http`, Express and the Pages Router: before, or without, a body parser. */
  node(this: void, request: NodeRequest, response: NodeResponse): Promise<void>
  /**
   * The platform's cron, where no worker runs: does what is due, by the clock and in the queue, for whoever sends the
   * `cronSecret` as `Authorization: Bearer …`.
   */
  cron(this: void, request: Request): Promise<Response>
  /** That the process lives: 200 until the engine is closed, whatever GHL and the database do. */
  live(this: void, request: Request): Promise<Response>
  /** For monitors and load balancers: 200 where all is well, else 503, and which part is not. */
  health(this: void, request: Request): Promise<Response>
  /** What Prometheus scrapes; with a `metricsToken`, for whoever sends it as `Authorization: Bearer …`. */
  metrics(this: void, request: Request): Promise<Response>
  /**
   * `POST /api/test/webhook`: sends a signed test webhook to the `url` in the JSON of the body, else to the option
   * `webhookUrl`, for whoever sends the `cronSecret` as `Authorization: Bearer …`. The body may name an `event` and a
   * `locationId` too. Answers 200 with what the route answered, or 502 where that is no success.
   */
  testWebhook(this: void, request: Request): Promise<Response>
  /**
   * What happens to an order as server-sent events, for the browser's `EventSource`: its status as it is, then each change once,
   * also across a cut. For whoever has a token of `orderToken`, as `?token=…` or `Authorization: Bearer …`, or whom
   * `authorize` lets in.
   *
   * @example
   * ```ts
   * import { OrderSync } from '@ghlkit/node'
   *
   * const sync = await OrderSync.open()
   * // app/api/orders/[id]/events/route.ts; the page opens `/api/orders/5d2c/events?token=…`
   * export const GET = async (request: Request, { params }: { params: Promise<{ id: string }> }) =>
   *   sync.handlers.events(request, { orderId: (await params).id })
   * ```
   */
  events(this: void, request: Request, options?: EventsOptions): Promise<Response>
  /**
   * Where clients of Pusher's ask whether they may join a private channel: an order's for whoever has a token of `orderToken`, in
   * the query, in the body as `token` or as `Authorization: Bearer …`; any for whom `authorize` lets in.
   *
   * @example
   * ```ts
   * import { OrderSync } from '@ghlkit/node'
   *
   * const sync = await OrderSync.open({ notifications: { pusher: { private: true } } })
   * // app/api/pusher/auth/route.ts; the page says `channelAuthorization: { endpoint: '/api/pusher/auth', params: { token } }`
   * export const POST = (request: Request) => sync.handlers.pusherAuth(request)
   * ```
   */
  pusherAuth(this: void, request: Request, options?: PusherAuthOptions): Promise<Response>
}

export function routes({ maxBytes, cronSecret, webhookUrl, metricsToken, corsOrigins }: Opening, engine: Engine, sync: SyncHandle, call: Call): Routes {
  const take = async (read: () => Promise<Uint8Array>, headers: HeadersInput, url = ''): Promise<Answer> => {
    // Node has the path alone.
    const locationId = new URL(url, 'http://localhost').searchParams.get('locationId') ?? ''
    await engine.receiveWebhook(await read(), headers, { locationId })
    return ACCEPTED
  }
  return Object.freeze({
    webhook: (request: Request) =>
      webRoute(request, maxBytes, (read, headers) => take(read, headers, request.url)),
    node: (request: NodeRequest, response: NodeResponse) =>
      nodeRoute(request, response, maxBytes, (read, headers) => take(read, headers, request.url)),
    cron: (request: Request) => cronRoute(request, cronSecret, engine),
    live: (request: Request) => liveRoute(request, () => engine.isOpen),
    health: (request: Request) => healthRoute(request, () => engine.health()),
    metrics: (request: Request) => metricsRoute(request, metricsToken, () => engine.metrics()),
    testWebhook: (request: Request) =>
      testWebhookRoute(request, cronSecret, webhookUrl, (url, options) => engine.sendTestWebhook(url, options)),
    events: (request: Request, options?: EventsOptions) => eventsRoute(request, sync, corsOrigins, options),
    pusherAuth: (request: Request, options?: PusherAuthOptions) =>
      pusherAuthRoute(request, call, corsOrigins, options),
  })
}
