import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { LOCATION, TOKEN, startMock } from './support/mock.mjs'
import { ghlkit } from './support/package.mjs'

const { Ghl } = ghlkit

describe('calls to GHL', () => {
  let mock, ghl, pipeline
  before(async () => {
    mock = await startMock()
    ghl = new Ghl(mock.options)
    ;[pipeline] = await ghl.pipelines.list()
  })

  test('a contact is created, read, changed, tagged and deleted', async () => {
    const sent = await mock.during(async () => {
      const contact = await ghl.contacts.create({
        firstName: 'Zoë',
        lastName: 'Müller',
        email: 'zoe@example.com',
        tags: ['vip'],
      })
      assert.equal(contact.email, 'zoe@example.com')
      assert.deepEqual(contact.tags, ['vip'])
      const changed = await ghl.contacts.update(contact.id, { lastName: 'Mäkinen' })
      assert.equal(changed.lastName, 'Mäkinen')
      assert.deepEqual((await ghl.contacts.addTags(contact.id, ['late'])).tags.sort(), ['late', 'vip'])
      await ghl.contacts.removeTags(contact.id, ['vip'])
      const read = await ghl.contacts.get(contact.id)
      assert.deepEqual([read.firstName, read.lastName, read.tags], ['Zoë', 'Mäkinen', ['late']])
      assert.equal((await ghl.contacts.findDuplicate({ email: 'zoe@example.com' })).id, contact.id)
      assert.equal(await ghl.contacts.findDuplicate({ email: 'nobody@example.com' }), undefined)
      assert.deepEqual(await ghl.contacts.delete(contact.id), { succeeded: true })
      const error = await refused(() => ghl.contacts.get(contact.id), 'not_found')
      assert.ok(error instanceof ghlkit.NotFoundError)
      assert.ok(error.status >= 400, inspect(error))
    })
    assert.deepEqual(
      sent.map(({ method, path }) => `${method} ${path.replace(/[A-Za-z0-9]{18,}/, 'ID')}`),
      [
        'POST /contacts/',
        'PUT /contacts/ID',
        'POST /contacts/ID/tags',
        'DELETE /contacts/ID/tags',
        'GET /contacts/ID',
        'GET /contacts/search/duplicate',
        'GET /contacts/search/duplicate',
        'DELETE /contacts/ID',
        'GET /contacts/ID',
      ],
    )
    assert.deepEqual(sent[0].body, {
      firstName: 'Zoë',
      lastName: 'Müller',
      email: 'zoe@example.com',
      tags: ['vip'],
      locationId: LOCATION,
    })
    assert.deepEqual(sent[1].body, { lastName: 'Mäkinen' })
  })

  test('an upsert tells whether the contact is new', async () => {
    const first = await ghl.contacts.upsert({ email: 'aino@example.com', firstName: 'Aino' })
    const again = await ghl.contacts.upsert({ email: 'aino@example.com', lastName: 'Virtanen' })
    assert.deepEqual([first.new, again.new], [true, false])
    assert.equal(again.contact.id, first.contact.id)
  })

  test('a duplicate names the contact that stands in the way', async () => {
    const known = await ghl.contacts.create({ email: 'known@example.com' })
    const error = await refused(() => ghl.contacts.create({ email: 'known@example.com' }), 'duplicate')
    assert.ok(error instanceof ghlkit.DuplicateError)
    assert.equal(error.duplicateOf.contactId, known.id)
    assert.equal(error.status, 400)
  })

  test('an opportunity moves through its pipeline', async () => {
    const { id: contactId } = await ghl.contacts.create({ email: 'opp@example.com' })
    const [first, second] = pipeline.stages
    const opportunity = await ghl.opportunities.create({
      pipelineId: pipeline.id,
      pipelineStageId: first.id,
      name: 'Order #1',
      contactId,
      monetaryValue: 4999.5,
    })
    const moved = await ghl.opportunities.update(opportunity.id, { pipelineStageId: second.id })
    assert.equal(moved.pipelineStageId, second.id)
    assert.deepEqual(await ghl.opportunities.updateStatus(opportunity.id, 'won'), { succeeded: true })
    const read = await ghl.opportunities.get(opportunity.id)
    assert.deepEqual([read.status, read.monetaryValue, read.contactId], ['won', 4999.5, contactId])
    assert.deepEqual(await ghl.opportunities.delete(opportunity.id), { succeeded: true })
  })

  test('the location, its fields, tags and users are read', async () => {
    const location = await ghl.locations.get()
    assert.equal(location.id, LOCATION)
    const fields = await ghl.customFields.list('contact')
    assert.ok(fields.some(({ fieldKey }) => fieldKey === 'contact.order_status'))
    const created = await ghl.customFields.create({ name: 'Sauna Oven', dataType: 'TEXT', model: 'contact' })
    assert.equal(created.fieldKey, 'contact.sauna_oven')
    assert.equal((await ghl.tags.create('sauna')).name, 'sauna')
    assert.ok((await ghl.tags.list()).some(({ name }) => name === 'sauna'))
    assert.ok(Array.isArray(await ghl.users.search({ companyId: location.companyId }).toArray({ limit: 5 })))
  })

  test('an operation can be called by its name', async () => {
    const { id } = await ghl.call('locations.get', {})
    assert.equal(id, LOCATION)
    const error = await refused(() => ghl.call('contacts.explode', {}), 'invalid_argument', 'op')
    assert.match(error.message, /contacts\.get/)
  })

  test('a failure that may be repeated is repeated', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', fault: { status: 503 } })
    const sent = await mock.during(() => ghl.locations.get())
    assert.deepEqual(
      sent.map(({ status, fault }) => fault ?? status),
      ['Status(503)', 200],
    )
  })

  test('GHL is asked no more often than it says', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', fault: 'too_many' })
    const sent = await mock.during(() => ghl.locations.get())
    assert.deepEqual(
      sent.map(({ status }) => status),
      [429, 200],
    )
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', fault: 'too_many' })
    const error = await refused(() => ghl.locations.get({ maxRetries: 0 }), 'rate_limited')
    assert.ok(error instanceof ghlkit.RateLimitError && error.retryable)
    assert.equal(error.status, 429)
    assert.equal(typeof error.retryAfterMs, 'number')
  })

  test('a create that may have arrived is looked for and not repeated', async () => {
    await mock.faults({ nth: 1, method: 'POST', path: '/contacts/', fault: 'reset_after' })
    let contact
    const sent = await mock.during(async () => {
      contact = await ghl.contacts.create({ email: 'lost@example.com' })
    })
    assert.deepEqual(sent.map(({ method, path }) => `${method} ${path}`), ['POST /contacts/', 'GET /contacts/search/duplicate'])
    const { contacts } = await mock.state()
    assert.deepEqual(contacts.filter(({ email }) => email === 'lost@example.com').map(({ id }) => id), [contact.id])
  })

  test('a message that may have arrived is not repeated', async () => {
    await mock.faults({ nth: 1, method: 'POST', path: '/conversations/messages', fault: 'reset_after' })
    const { id: contactId } = await ghl.contacts.create({ email: 'told@example.com' })
    const sent = await mock.during(async () => {
      const call = () => ghl.messages.send({ type: 'Email', contactId, subject: 'Hei', html: 'Hei' })
      const error = await refused(call, 'outcome_unknown')
      assert.equal(error.delivery, 'unknown')
    })
    assert.equal(sent.length, 1)
  })

  test('a server error that stays is told, with its status', async () => {
    await mock.faults(...[1, 2].map((nth) => ({ nth, method: 'GET', path: '/locations/', fault: { status: 500 } })))
    const sent = await mock.during(async () => {
      const error = await refused(() => ghl.locations.get({ maxRetries: 1 }), 'server')
      assert.ok(error instanceof ghlkit.ApiError && error.retryable)
      assert.equal(error.status, 500)
    })
    assert.equal(sent.length, 2)
  })

  test('a call ends at its time-out', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', latency_ms: 60_000 })
    const error = await refused(() => ghl.locations.get({ timeoutMs: 50, maxRetries: 0 }), 'timeout')
    assert.ok(error instanceof ghlkit.TimeoutError)
  })

  test('a call ends at its deadline, whatever it is busy with', async () => {
    await mock.faults({ nth: 1, method: 'GET', path: '/locations/', latency_ms: 60_000 })
    await refused(() => ghl.locations.get({ deadlineMs: 50 }), 'timeout')
    const { id } = await ghl.locations.get({ deadlineMs: 5_000, priority: 'bulk' })
    assert.equal(id, (await ghl.locations.get()).id)
  })

  test('a wrong token is told from a missing one, and stands in no error', async () => {
    const stranger = new Ghl({ ...mock.options, token: 'pit-5ecret-token' })
    const error = await refused(() => stranger.locations.get(), 'unauthorized')
    assert.ok(error instanceof ghlkit.AuthError)
    assert.doesNotMatch(inspect([error, stranger], { depth: 9, showHidden: true }), /5ecret/)
  })

  test('a client is made of variables', async () => {
    const env = {
      GOHIGHLEVEL_API_KEY: TOKEN,
      GOHIGHLEVEL_LOCATION_ID: LOCATION,
      GHL_BASE_URL: mock.baseUrl,
      QUEUE: { binding: true },
      GHL_CLIENT_ID: 5,
    }
    assert.equal((await Ghl.fromEnv(env).locations.get()).id, LOCATION)
    const elsewhere = Ghl.fromEnv(env, { locationId: 'AnotherLocation00001' })
    await refused(() => elsewhere.locations.get(), 'wrong_location')
  })

  test('a call may be about another location than the client’s', async () => {
    const nowhere = new Ghl({ token: TOKEN, baseUrl: mock.baseUrl })
    await refused(() => nowhere.locations.get(), 'invalid_argument', 'locationId')
    assert.equal((await nowhere.locations.get({ locationId: LOCATION })).id, LOCATION)
  })
})
