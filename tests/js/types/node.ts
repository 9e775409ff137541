// What only `@ghlkit/node` has.
import { OAuth, OrderSync, webhooks, type EventHandler, type Ghl, type OrderEvent } from '@ghlkit/node'

export async function syncs(signal: AbortSignal): Promise<void> {
  const sync = await OrderSync.open({ databaseUrl: 'sqlite:a.db', worker: false, health: { queueMs: 5 } })
  const { state, contactId, error } = await sync.createOrder({
    id: '1',
    orderNumber: '1',
    total: 5,
    customer: { email: 'a@example.com' },
    product: { name: 'p' },
    shippingAddress: { line1: 'l', city: 'c', postalCode: 'p', country: 'FI' },
  })
  const known: 'synced' | 'queued' | 'dead' | 'skipped' = state
  await sync.updateStatus('1', 'shipped', { allowBackward: true, signal })
  const handler: EventHandler = async ({ orderId, position }: OrderEvent) => void [orderId, position]
  const off: () => void = sync.on('status_changed', handler)
  off()
  sync.onAny(handler)
  for await (const { type, payload } of sync.events()) void [type, payload['status']]
  const route: (request: Request) => Promise<Response> = sync.handlers.webhook
  const test: (request: Request) => Promise<Response> = sync.handlers.testWebhook
  const { ok, checks } = await sync.doctor({ webhookUrl: 'https://shop.example/hook', signal })
  const verdict: 'ok' | 'warning' | 'failed' | 'skipped' | undefined = checks[0]?.verdict
  const before = await OrderSync.doctor({ databaseUrl: 'sqlite:a.db', webhookUrl: 'https://shop.example/hook', signal })
  const { status, durationMs, body } = await sync.sendTestWebhook('https://shop.example/hook', { event: 'workflow' })
  const { lines, stages } = await sync.provision({ dryRun: true })
  void [test, ok, verdict, before.ok, status, durationMs, body, lines[0], stages[0]?.stage?.id]
  const numbers: string = await sync.metrics({ locations: true })
  const scraped: (request: Request) => Promise<Response> = sync.handlers.metrics
  const alive: (request: Request) => Promise<Response> = sync.handlers.live
  const { checks: parts } = await sync.health({ dead: 0 })
  const since: string | undefined = parts.last_sync.since
  void [numbers, scraped, alive, since, sync.isOpen]
  const { passes } = await sync.drain({ deadlineMs: 5 })
  await sync.run({ signal })
  await sync[Symbol.asyncDispose]()
  void [known, contactId, error?.code, route, passes]

  // @ts-expect-error there is no such status
  await sync.updateStatus('1', 'paid')
  // @ts-expect-error an order has a customer
  await sync.createOrder({ id: '1' })
  // @ts-expect-error there is no such option
  await OrderSync.open({ database: 'x' })

  const own = await OrderSync.open<'new' | 'ready'>()
  await own.updateStatus('1', 'ready')
  // @ts-expect-error it is none of its own
  await own.updateStatus('1', 'shipped')
}

export async function installs(signal: AbortSignal): Promise<void> {
  const oauth = await OAuth.open({ clientId: 'a-b', scopes: ['contacts.readonly'], tokenKeys: 'k1:…', env: {} })
  const address: string = oauth.authorizeUrl('session')
  const { subject, approvedLocations } = await oauth.callback(new URLSearchParams('code=c'), 'session', { signal })
  const kind: 'company' | 'location' = subject.kind
  const event = webhooks.constructEvent('{}', {}, { hmac: 's' })
  const { installed, removed } = await oauth.applyEvent(event)
  const [first] = await oauth.installedLocations('company')
  const adopted: string[] = await oauth.adoptInstalled('company')
  const ghl: Ghl = oauth.client({ locationId: 'l', timeoutMs: 5 })
  const { changed } = await oauth.rekey()
  await oauth[Symbol.asyncDispose]()
  void [address, kind, approvedLocations, installed, removed[0]?.id, first?.name, adopted, ghl, changed]

  // @ts-expect-error the app's own tokens are used
  oauth.client({ token: 't' })
  // @ts-expect-error an event is verified first
  await oauth.applyEvent({ type: 'UNINSTALL' })
  // @ts-expect-error there is no such option
  await OAuth.open({ secret: 'x' })
}
