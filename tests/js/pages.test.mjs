import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { startMock } from './support/mock.mjs'
import { ghlkit } from './support/package.mjs'

describe('what a search finds', () => {
  const COUNT = 7
  let mock, ghl
  before(async () => {
    mock = await startMock()
    ghl = new ghlkit.Ghl(mock.options)
    for (let i = 0; i < COUNT; i++) await mock.human('contact', { details: { email: `c${i}@example.com` } })
  })

  const emails = (contacts) => contacts.map(({ email }) => email).sort()
  const all = Array.from({ length: COUNT }, (_, i) => `c${i}@example.com`)

  test('all pages are read, each once', async () => {
    const found = []
    const sent = await mock.during(async () => {
      for await (const contact of ghl.contacts.search({ pageLimit: 3 })) found.push(contact)
    })
    assert.deepEqual(emails(found), all)
    assert.deepEqual(
      sent.map(({ path, body }) => [path, body.pageLimit]),
      Array(3).fill(['/contacts/search', 3]),
    )
  })

  test('nothing is fetched before it is needed', async () => {
    const sent = await mock.during(async () => {
      const search = ghl.contacts.search({ pageLimit: 3 })
      const items = search[Symbol.asyncIterator]()
      for (let i = 0; i < 3; i++) await items.next()
      await items.return()
      for await (const _ of search) break
    })
    assert.equal(sent.length, 2)
    assert.equal((await mock.during(async () => ghl.contacts.search())).length, 0)
  })

  test('a list is as long as it may be', async () => {
    const search = ghl.contacts.search({ pageLimit: 2 })
    const sent = await mock.during(async () => assert.equal((await search.toArray({ limit: 4 })).length, 4))
    assert.equal(sent.length, 2)
    assert.deepEqual(emails(await search.toArray({ limit: 1_000 })), all)
  })

  test('pages tell how many there are, and where the next begins', async () => {
    const pages = []
    for await (const page of ghl.contacts.search({ pageLimit: 5 }).pages()) pages.push(page)
    assert.deepEqual(
      pages.map(({ items, total }) => [items.length, total]),
      [
        [5, COUNT],
        [2, COUNT],
      ],
    )
    const rest = await ghl.contacts.search(pages[0].next).toArray({ limit: 10 })
    assert.deepEqual(emails(rest), emails(pages[1].items))
  })

  test('a search that is changed afterwards finds what was asked for', async () => {
    const query = { pageLimit: 4 }
    const search = ghl.contacts.search(query)
    query.pageLimit = 1
    const sent = await mock.during(() => search.toArray({ limit: 100 }))
    assert.deepEqual(
      sent.map(({ body }) => body.pageLimit),
      [4, 4],
    )
  })

  test('an error ends the loop, and another loop begins anew', async () => {
    await mock.faults(
      ...[2, 3, 4].map((nth) => ({ nth, method: 'POST', path: '/contacts/search', fault: { status: 500 } })),
    )
    const search = ghl.contacts.search({ pageLimit: 3 }, { maxRetries: 0 })
    const found = []
    await refused(async () => {
      for await (const contact of search) found.push(contact)
    }, 'server')
    assert.equal(found.length, 3)
    await mock.faults()
    assert.equal((await search.toArray({ limit: 100 })).length, COUNT)
  })

  test('what is wrong is named', async () => {
    refusedAtOnce(() => ghl.contacts.search(5), 'invalid_argument', 'search')
    refusedAtOnce(() => ghl.contacts.search({ query: 5n }), 'invalid_argument', 'query')
    const first = (search, options) => () => ghl.contacts.search(search, options).toArray({ limit: 1 })
    await refused(first({ querry: 'x' }), 'invalid_argument', 'querry')
    await refused(first({ pageLimit: '5' }), 'invalid_argument', 'pageLimit')
    await refused(first({}, { maxRetries: 10 }), 'invalid_argument', 'maxRetries')
    for (const limit of [undefined, 0, -1, 1.5, '5', NaN, Infinity, 5n]) {
      await refused(() => ghl.contacts.search().toArray({ limit }), 'invalid_argument', 'limit')
    }
    await refused(() => ghl.contacts.search().toArray(), 'invalid_argument', 'limit')
    await refused(() => ghl.contacts.search().toArray({ max: 5 }), 'invalid_argument', 'max')
  })
})
