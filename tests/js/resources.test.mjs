import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'
import { Scripted } from './support/scripted.mjs'

const LOCATION = 've9EPM428h8vShlRW1KT'

describe('the resources', () => {
  const scripted = new Scripted()
  let ghl
  before(async () => {
    ghl = new ghlkit.Ghl({ token: 'pit-1', locationId: LOCATION, baseUrl: await scripted.start(), maxRetries: 0 })
  })
  after(() => scripted.stop())

  /** What a call sent and what it gave, for what GHL answered. */
  async function exchange(call, ...replies) {
    scripted.replies = replies
    scripted.requests = []
    const given = await call()
    assert.equal(scripted.replies.length, 0, 'every reply was asked for')
    return { given, sent: scripted.requests }
  }

  const id = { id: 'n1' }
  const ROWS = [
    [() => ghl.contactNotes.list('c1'), 'GET /contacts/c1/notes', undefined, { notes: [{ ...id, body: 'Hei' }] }, ([note]) => note.body === 'Hei'],
    [() => ghl.contactNotes.create('c1', { body: 'Hei' }), 'POST /contacts/c1/notes', { body: 'Hei' }, { note: id }, (note) => note.id === 'n1'],
    [() => ghl.contactTasks.list('c1'), 'GET /contacts/c1/tasks', undefined, { tasks: [{ ...id, title: 'Soita' }] }, ([task]) => task.title === 'Soita'],
    [
      () => ghl.contactTasks.search({ contacts: ['c1'], completed: false }).toArray({ limit: 5 }),
      `POST /locations/${LOCATION}/tasks/search`,
      { contactId: ['c1'], completed: false, skip: 0, limit: 100 },
      { tasks: [{ ...id, title: 'Soita' }] },
      ([task]) => task.title === 'Soita',
    ],
    [
      () => ghl.contacts.removeAllTags(['c1']),
      'POST /contacts/bulk/tags/update/remove',
      { locationId: LOCATION, contacts: ['c1'], tags: [], removeAllTags: true },
      { succeded: true, errorCount: 0 },
      (reply) => reply.succeeded,
    ],
    [() => ghl.calendars.list(), `GET /calendars/?locationId=${LOCATION}`, undefined, { calendars: [{ ...id, name: 'Asennus' }] }, ([calendar]) => calendar.name === 'Asennus'],
    [
      () => ghl.calendars.freeSlots('cal1', { startDate: 1_769_860_800_000, endDate: 1_769_947_200_000, timezone: 'Europe/Helsinki' }),
      'GET /calendars/cal1/free-slots?startDate=1769860800000&endDate=1769947200000&timezone=Europe%2FHelsinki',
      undefined,
      { '2026-02-02': { slots: ['2026-02-02T09:00:00+02:00'] } },
      (slots) => slots['2026-02-02'].slots.length === 1,
    ],
    [
      () => ghl.appointments.create({ calendarId: 'cal1', contactId: 'c1', startTime: '2026-02-02T09:00:00+02:00' }),
      'POST /calendars/events/appointments',
      { locationId: LOCATION, calendarId: 'cal1', contactId: 'c1', startTime: '2026-02-02T09:00:00+02:00' },
      { id: 'app1', calendarId: 'cal1' },
      (event) => event.id === 'app1',
    ],
    [() => ghl.appointments.delete('app1'), 'DELETE /calendars/events/app1', {}, { succeeded: true }, (reply) => reply.succeeded],
    [() => ghl.customValues.list(), `GET /locations/${LOCATION}/customValues`, undefined, { customValues: [{ ...id, name: 'v' }] }, ([value]) => value.name === 'v'],
    [() => ghl.users.get('u1'), 'GET /users/u1', undefined, { id: 'u1', name: 'Eero' }, (user) => user.name === 'Eero'],
    [() => ghl.messages.send({ type: 'SMS', contactId: 'c1', message: 'Hei' }), 'POST /conversations/messages', { type: 'SMS', contactId: 'c1', message: 'Hei' }, { messageId: 'm1', conversationId: 'v1' }, (sent) => sent.messageId === 'm1'],
    [() => ghl.paymentOrders.get('o1'), `GET /payments/orders/o1?altId=${LOCATION}&altType=location`, undefined, { _id: 'o1', status: 'completed' }, (order) => order.id === 'o1'],
    [() => ghl.request({ method: 'GET', path: '/workflows/', query: { locationId: LOCATION } }), `GET /workflows/?locationId=${LOCATION}`, undefined, { workflows: [] }, (reply) => reply.workflows.length === 0],
  ]
  for (const [call, line, body, reply, given] of ROWS) {
    test(`sends ${line.split('?')[0]} and reads the reply`, async () => {
      const exchanged = await exchange(call, reply)
      assert.deepEqual(exchanged.sent.map((sent) => sent.line), [line])
      assert.deepEqual(exchanged.sent[0].body, body)
      assert.match(exchanged.sent[0].version, /^2021-0[47]-(15|28)$/)
      assert.ok(given(exchanged.given), JSON.stringify(exchanged.given))
    })
  }

  test('speaks version 3 under the same names', async () => {
    const v3 = new ghlkit.Ghl({ token: 'pit-1', locationId: LOCATION, baseUrl: scripted.url, apiVersion: 'v3' })
    const stop = { status: 'active' }
    const { given, sent } = await exchange(
      () => v3.contacts.update('c1', { dndSettings: { SMS: stop }, customFields: [{ id: 'f1', value: 4999.5 }] }),
      { succeeded: true, contact: { id: 'c1', dndSettings: { sms: stop }, customFields: [{ id: 'f1', value: 4999.5 }] } },
    )
    assert.deepEqual(sent, [
      { line: 'PUT /contacts/c1', body: { dndSettings: { sms: stop }, customFields: [{ id: 'f1', fieldValue: 4999.5 }] }, version: 'v3' },
    ])
    assert.deepEqual([given.dndSettings, given.customFields], [{ SMS: stop }, [{ id: 'f1', value: 4999.5 }]])
    const found = await exchange(() => v3.opportunities.search({ pipelineId: 'p1' }).toArray({ limit: 1 }), { opportunities: [] })
    assert.match(found.sent[0].line, /[?]locationId=.*&pipelineId=p1&/)
    await refused(() => new ghlkit.Ghl({ token: 'pit-1', apiVersion: 'v2' }), 'config', 'apiVersion')
  })

  test('fetches a page only when it is needed', async () => {
    const order = (nth) => ({ _id: `o${nth}` })
    const { given, sent } = await exchange(
      () => ghl.paymentOrders.list({ limit: 2 }).toArray({ limit: 3 }),
      { data: [order(1), order(2)], totalCount: 6 },
      { data: [order(3), order(4)], totalCount: 6 },
    )
    assert.deepEqual(given.map(({ id }) => id), ['o1', 'o2', 'o3'])
    assert.deepEqual(sent.map(({ line }) => new URL(line.split(' ')[1], 'http://ghl').searchParams.get('offset')), ['0', '2'])
  })

  test('what is wrong is named, and nothing is sent', async () => {
    scripted.requests = []
    for (const [call, field] of [
      [() => ghl.contactNotes.create('c1', {}), 'note.body'],
      [() => ghl.appointments.create({ calendarId: 'a/b', contactId: 'c1', startTime: '' }), 'appointment.calendarId'],
      [() => ghl.calendars.freeSlots('cal1', { startDate: 'now', endDate: 1 }), 'startDate'],
      [() => ghl.messages.send({ type: 'Pigeon', contactId: 'c1' }), 'type'],
      [() => ghl.request({ method: 'PATCH', path: '/x' }), 'method'],
      [() => ghl.request({ method: 'GET', path: 'https://example.com/' }), 'path'],
      [() => ghl.request({ method: 'GET', path: '/../x' }), 'request'],
    ]) {
      await refused(call, 'invalid_argument', field)
    }
    assert.deepEqual(scripted.requests, [])
  })
})
