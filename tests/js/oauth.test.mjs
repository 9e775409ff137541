// An app of GHL's marketplace: installed by consent, its tokens kept in a database and renewed once.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'

import { runChild } from './support/child.mjs'
import { refused, refusedAtOnce } from './support/errors.mjs'
import { LOCATION, startMock } from './support/mock.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { database, order } from './support/shop.mjs'
import { until } from './support/until.mjs'

const COMPANY = 'SaunaCompany00000001'
const SECRET = 'mock-client-secret'
const KEY = 'k1:S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2V5S2U='
const { OAuth, OrderSync, webhooks } = ghlkit

const settings = (baseUrl) => ({
  clientId: '65f0c0ffee0000000000abcd-saunaapp',
  clientSecret: SECRET,
  redirectUri: 'https://shop.example/oauth/callback',
  scopes: ['contacts.readonly', 'contacts.write', 'locations/tags.readonly'],
  tokenKeys: KEY,
  databaseUrl: database(),
  baseUrl,
  env: {},
})

/** A stand-in, and an app of its marketplace that is closed with the test. */
async function setUp(t) {
  const mock = await startMock('--limit', '0')
  const options = settings(mock.baseUrl)
  const oauth = await OAuth.open(options)
  t.after(() => oauth.close())
  return { mock, options, oauth, code: async (locationId) => (await mock.human('code', { locationId })).code }
}

/** The forms that the token endpoint received with a field. */
async function asked(mock, field) {
  const forms = (await mock.received()).filter(({ path }) => path.startsWith('/oauth/'))
  return forms.filter(({ body }) => JSON.stringify(body ?? '').includes(field))
}

describe('an app', nodeOnly, () => {
  test('is installed by the session that began it, and its token is renewed once for all calls', async (t) => {
    const { mock, oauth, options, code } = await setUp(t)
    const url = new URL(oauth.authorizeUrl('session-1'))
    assert.equal(url.origin + url.pathname, 'https://marketplace.gohighlevel.com/v2/oauth/chooselocation')
    const query = new URLSearchParams({ code: await code(LOCATION), state: url.searchParams.get('state') })
    await refused(() => oauth.callback(query, 'session-2'), 'invalid_argument', 'state')
    assert.equal((await asked(mock, 'authorization_code')).length, 0)
    const installed = await oauth.callback(`?${query}`, 'session-1')
    assert.deepEqual(installed.subject, { kind: 'location', id: LOCATION })
    assert.equal(installed.companyId, COMPANY)
    await refused(() => oauth.callback(query, 'session-1'), 'unauthorized')

    const ghl = oauth.client({ locationId: LOCATION })
    await ghl.tags.list()
    await mock.human('token/expire', {})
    await Promise.all(Array.from({ length: 20 }, () => ghl.tags.list()))
    assert.equal((await asked(mock, 'refresh_token')).length, 1)

    const file = options.databaseUrl.replace('sqlite:', '')
    const stored = [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('')
    assert.ok(stored.includes('ghlkit_tokens'))
    const shown = inspect([oauth, ghl, OAuth, globalThis[Symbol.for('ghlkit.open')]], { depth: 9, showHidden: true })
    const [{ body }] = await asked(mock, 'refresh_token')
    const [, token] = /refresh_token=([^&"]+)/.exec(JSON.stringify(body))
    for (const secret of [token, SECRET, KEY.slice(3)]) assert.ok(!stored.includes(secret) && !shown.includes(secret))
  })

  test('is removed by a verified event, and by no other', async (t) => {
    const { mock, oauth, code } = await setUp(t)
    await oauth.exchangeCode(await code(LOCATION))
    const ghl = oauth.client({ locationId: LOCATION })
    await ghl.tags.list()
    const event = (fields) => {
      const body = JSON.stringify({ appId: '65f0c0ffee0000000000abcd', locationId: LOCATION, ...fields })
      return webhooks.constructEvent(body, webhooks.generateTestHeaders(body, { hmac: 's' }), { hmac: 's' })
    }
    const forged = JSON.parse(JSON.stringify({ raw: event({ type: 'UNINSTALL' }).raw, verifiedBy: 'hmac' }))
    for (const wrong of [forged, undefined, null, 'UNINSTALL', webhooks.parse('{"type":"UNINSTALL"}')])
      await refused(() => oauth.applyEvent(wrong), 'invalid_argument', 'event')
    assert.deepEqual(await oauth.applyEvent(event({ type: 'UNINSTALL', appId: 'another' })), { removed: [] })
    await ghl.tags.list()
    const subject = { kind: 'location', id: LOCATION }
    assert.deepEqual(await oauth.applyEvent(event({ type: 'UNINSTALL' })), { removed: [subject] })
    const error = await refused(() => ghl.tags.list(), 'reauthorize')
    assert.ok(error instanceof ghlkit.AuthError)
    const installed = await oauth.applyEvent(event({ type: 'INSTALL', companyId: COMPANY }))
    assert.deepEqual(installed, { installed: LOCATION, removed: [] })
  })

  test('of an agency serves its locations', async (t) => {
    const { mock, oauth, code } = await setUp(t)
    const { subject, approvedLocations } = await oauth.exchangeCode(await code())
    assert.deepEqual(subject, { kind: 'company', id: COMPANY })
    assert.deepEqual(approvedLocations, [LOCATION])
    await oauth.client().tags.list({ locationId: LOCATION })
    assert.deepEqual((await oauth.installedLocations(COMPANY)).map(({ id }) => id), [LOCATION])
    assert.deepEqual(await oauth.adoptInstalled(COMPANY), [])
    assert.deepEqual(await oauth.rekey(), { changed: 0, current: 2, failed: 0 })
  })

  test('lends its tokens to an engine, which needs none of its own', async (t) => {
    const { mock, options, oauth, code } = await setUp(t)
    await oauth.exchangeCode(await code(LOCATION))
    const [location] = (await mock.state()).locations
    const { databaseUrl, baseUrl } = options
    const engine = { databaseUrl, baseUrl, locationId: LOCATION, pipelineId: location.pipelines[0].id, env: {} }
    const own = { ...engine, env: { GOHIGHLEVEL_API_KEY: 'pit-of-another' } }
    const sync = await OrderSync.open({ ...own, oauth })
    t.after(() => sync.close())
    await mock.human('token/expire', {})
    const { state } = await sync.createOrder(order('1'), { waitMs: 20_000 })
    assert.equal(state, 'synced')
    assert.equal((await asked(mock, 'refresh_token')).length, 1)
    assert.equal(await OrderSync.open({ ...own, oauth }), sync)
    await refused(() => OrderSync.open({ ...own, token: 'pit-1' }), 'invalid_argument', 'databaseUrl')
    const other = { ...engine, databaseUrl: database() }
    await refused(() => OrderSync.open({ ...other, oauth, token: 'pit-1' }), 'config', 'token')
    await refused(() => OrderSync.open({ ...other, oauth: {} }), 'invalid_argument', 'oauth')
    await refused(() => OrderSync.open(other), 'config', 'token')
  })

  test('is open once for each database, and closed once', async (t) => {
    const { options, oauth } = await setUp(t)
    assert.equal(await OAuth.open(options), oauth)
    await refused(() => OAuth.open({ ...options, scopes: ['a.readonly'] }), 'invalid_argument', 'databaseUrl')
    const ghl = oauth.client({ locationId: LOCATION })
    await oauth.close()
    await oauth.close()
    await refused(() => oauth.rekey(), 'invalid_argument', 'oauth')
    refusedAtOnce(() => oauth.authorizeUrl('s'), 'invalid_argument', 'oauth')
    refusedAtOnce(() => oauth.client(), 'invalid_argument', 'oauth')
    await refused(() => ghl.tags.list(), 'store')
    const again = await OAuth.open(options)
    t.after(() => again.close())
    assert.notEqual(again, oauth)
    assert.equal((await again.rekey()).failed, 0)
  })

  test('loses no token to its end', async (t) => {
    const { mock, options, oauth, code } = await setUp(t)
    await oauth.exchangeCode(await code(LOCATION))
    const ghl = oauth.client({ locationId: LOCATION })
    await ghl.tags.list()
    await mock.human('token/expire', {})
    await mock.faults({ nth: 1, method: 'POST', path: '/oauth/token', latency_ms: 300 })
    const call = ghl.tags.list().catch(() => {})
    await until(async () => (await mock.received()).some(({ status }) => status === 401), 'the refusal')
    await oauth.close()
    await call
    const again = await OAuth.open(options)
    t.after(() => again.close())
    await again.client({ locationId: LOCATION }).tags.list()
    assert.equal((await asked(mock, 'refresh_token')).length, 1)
  })

  test('names what is wrong, and shows no secret', async (t) => {
    const options = settings('http://127.0.0.1:9')
    for (const [changes, code, field] of [
      [{ clientSecret: undefined }, 'config', 'clientSecret'],
      [{ redirectUri: 'http://5ecret.example' }, 'config', 'redirectUri'],
      [{ consentUrl: 'http://marketplace.example' }, 'config', 'consentUrl'],
      [{ tokenKeys: 'k1:5ecret' }, 'config', 'tokenKeys'],
      [{ scopes: 'contacts.readonly' }, 'invalid_argument', 'scopes'],
      [{ secret: '5ecret' }, 'invalid_argument', 'secret'],
    ]) {
      const error = await refused(() => OAuth.open({ ...options, ...changes }), code, field)
      assert.ok(!inspect(error).includes('5ecret'), error.message)
    }
    const oauth = await OAuth.open(options)
    t.after(() => oauth.close())
    for (const wrong of [undefined, 7, '']) refusedAtOnce(() => oauth.authorizeUrl(wrong), 'invalid_argument', 'session')
    refusedAtOnce(() => oauth.client({ token: 'pit-5ecret' }), 'config', 'token')
    await refused(() => oauth.callback(7, 's'), 'invalid_argument', 'query')
    await refused(() => oauth.exchangeCode('a b'), 'invalid_argument', 'code')
    await refused(() => oauth.installedLocations('a/b'), 'invalid_argument', 'companyId')
    await refused(() => oauth.rekey({ signal: AbortSignal.abort() }), 'aborted')
  })

  test('keeps no process running, and is closed with it', async () => {
    const options = settings('http://127.0.0.1:9')
    const lines = await runChild(
      `import { OAuth } from '@ghlkit/node'
      const options = JSON.parse(process.env.OPTIONS)
      const oauth = await OAuth.open(options)
      const forgotten = await OAuth.open({ ...options, databaseUrl: options.databaseUrl + '2' })
      console.log((await oauth.rekey()).failed, (await forgotten.rekey()).failed)`,
      options,
    )
    assert.deepEqual(lines, ['0 0'])
    // The last connection that is closed takes the log away.
    assert.ok(!existsSync(`${options.databaseUrl.replace('sqlite:', '')}-wal`))
  })
})
