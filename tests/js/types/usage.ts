// What users write must compile, and what is wrong must not. One file for both packages: `ghlkit` is either.
import * as ghlkit from 'ghlkit'
import type { Contact, DefaultStatus, HeadersInput, WebhookDetails, WebhookEvent } from 'ghlkit'

const { Ghl, GhlError, StatusModel, orders, statusForStage, webhooks } = ghlkit

export async function calls(signal: AbortSignal): Promise<void> {
  const ghl = new Ghl({ token: 'pit-1', locationId: 'loc1', timeoutMs: 5_000 })
  const { contact, new: created } = await ghl.contacts.upsert({ email: 'a@example.com' }, { timeoutMs: 5_000, signal })
  const email: string | undefined = contact.email
  const isNew: boolean | undefined = created
  for await (const opportunity of ghl.opportunities.search({ pipelineId: 'p' })) {
    const stage: string | undefined = opportunity.pipelineStageId
    void stage
  }
  const list: Contact[] = await ghl.contacts.search({ query: 'x' }).toArray({ limit: 5 })
  for await (const page of ghl.contacts.search().pages()) void page.next?.query
  const found: Contact | undefined = await ghl.contacts.findDuplicate({ email: 'a@example.com' })
  const read: Contact = await ghl.call('contacts.get', { contactId: 'c' })
  void [email, isNew, list, found, read]
  const off: () => void = ghl.on('retry', ({ route, code, delayMs }) => void [route.length, code satisfies string, delayMs + 1])
  off()
  ghl.on('error', ({ status, delivery }) => void [status?.toFixed(), delivery])

  // @ts-expect-error a token is needed
  new Ghl({})
  // @ts-expect-error an id is text
  await ghl.contacts.get(5)
  // @ts-expect-error tags have routes of their own
  await ghl.contacts.update('c', { tags: ['a'] })
  // @ts-expect-error there is no such status
  await ghl.opportunities.updateStatus('o', 'shipped')
  // @ts-expect-error there is no such operation
  await ghl.call('contacts.explode', {})
  // @ts-expect-error a list has an end
  await ghl.contacts.search().toArray()
  const [one, two] = await ghl.batch([
    { op: 'contacts.get', args: { contactId: 'c' } },
    { op: 'tags.list', args: {}, options: { maxRetries: 0 } },
  ])
  if (one.ok) void (one.value satisfies Contact)
  else void one.error.code
  if (two.ok) for (const tag of two.value) void tag.name
  for (const each of await ghl.batch(['a', 'b'].map((contactId) => ({ op: 'contacts.get', args: { contactId } })), { signal })) {
    if (each.ok) void (each.value satisfies Contact)
  }

  // @ts-expect-error there is no such operation
  await ghl.batch([{ op: 'contacts.explode', args: {} }])
  // @ts-expect-error an id is text
  await ghl.batch([{ op: 'contacts.get', args: { contactId: 5 } }])
  // @ts-expect-error there is no such event
  ghl.on('retries', () => {})
  // @ts-expect-error a request has no status yet
  ghl.on('request', ({ status }) => status)
  // @ts-expect-error the option is called timeoutMs
  await ghl.contacts.get('c', { timeout: 5 })
}

export async function receives(
  request: Request,
  node: { [name: string]: string | string[] | undefined },
  raw: string[],
): Promise<void> {
  const event: WebhookEvent = webhooks.constructEvent(await request.text(), request.headers, { hmac: 's' })
  const all: HeadersInput[] = [request.headers, node, raw, new Map([['a', 'b']]), [['a', 'b']]]
  for (const headers of all) webhooks.constructEvent(new Uint8Array(), headers, { ed25519: true, toleranceMs: 5 })
  const stage: string | undefined = event.stage
  const status: DefaultStatus | undefined = stage === undefined ? undefined : statusForStage(stage)
  const details: WebhookDetails = event.details
  if (details.kind === 'opportunity') void details.opportunityId.length
  if (details.kind === 'workflow') void details.customFields.map(({ id, value }) => [id, value])
  const headers: { [name: string]: string } = webhooks.generateTestHeaders({ a: 1 }, { hmac: 's' })
  void [status, headers, event.raw]

  // @ts-expect-error the body is not what it was parsed to
  webhooks.constructEvent({}, request.headers, { hmac: 's' })
  // @ts-expect-error a promise must be awaited
  webhooks.constructEvent(request.text(), request.headers, { hmac: 's' })
  // @ts-expect-error how is it verified?
  webhooks.constructEvent('', request.headers)
  // @ts-expect-error there is no such scheme
  webhooks.constructEvent('', request.headers, { md5: 's' })
  // @ts-expect-error an event is not to be changed
  event.stage = 'x'
}

export async function maps(): Promise<void> {
  const mine = new StatusModel<'new' | 'ready'>({ model: { path: [{ status: 'new', progress: 0, label: 'New' }] } })
  const status: 'new' | 'ready' | undefined = mine.statusForStage('s')
  const progress: number = ghlkit.progressFor('manufacturing', { manufacturing: 50 })
  const { commands } = orders.plan({ contactId: 'c' }, 'shipped')
  for (const command of commands) if (command.type === 'addTags') void command.tags.length
  const { missing } = await orders.push(
    Ghl.fromEnv({ A: 1 }),
    { contactId: 'c' },
    { status: 'shipped' },
    { pipelineId: 'p', maxRetries: 0 },
  )
  void [status, progress, missing]

  // @ts-expect-error there is no such status
  ghlkit.stageForStatus('paid')
  // @ts-expect-error nor is there one of the built-in
  mine.progressFor('shipped')
}

export function fails(error: unknown): string {
  if (error instanceof ghlkit.DuplicateError) return error.duplicateOf?.contactId ?? error.code
  if (error instanceof ghlkit.RateLimitError) return `${error.retryAfterMs}`
  if (error instanceof GhlError) {
    if (error instanceof ghlkit.ConfigError) return error.code satisfies 'config'
    switch (error.code) {
      case 'not_found':
        return error.traceId ?? ''
      // @ts-expect-error there is no such code
      case 'oops':
        return ''
    }
    return error.message
  }
  return ''
}
