// Headers of a caller's own, and what the client says of itself.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { refused, refusedAtOnce } from './support/errors.mjs'
import { ghlkit } from './support/package.mjs'
import { Scripted } from './support/scripted.mjs'

const { Ghl } = ghlkit

describe('the headers of a call', () => {
  const scripted = new Scripted()
  scripted.always = { location: { id: 'loc1' } }
  let options
  before(async () => {
    options = { token: 'pit-5ecret', locationId: 'loc1', baseUrl: await scripted.start(), maxRetries: 0 }
  })
  after(() => scripted.stop())

  test('go along with those of the client', async () => {
    const ghl = new Ghl({ ...options, appInfo: { name: 'sauna-shop', version: '1.4.2', url: 'https://shop.example.com' } })
    await ghl.locations.get({ headers: { 'X-Trace': 't 1' } })
    const headers = scripted.headers.pop()
    assert.equal(headers['x-trace'], 't 1')
    assert.match(headers['user-agent'], /^ghlkit\/\d+\.\d+\.\d+ sauna-shop\/1\.4\.2 \(https:\/\/shop\.example\.com\)$/)
    assert.deepEqual([headers.authorization, headers.version], ['Bearer pit-5ecret', '2021-07-28'])
    await new Ghl(options).locations.get()
    assert.match(scripted.headers.pop()['user-agent'], /^ghlkit\/\d+\.\d+\.\d+$/)
  })

  test('that HTTP forbids or the client sets are refused, and nothing is sent', async () => {
    const ghl = new Ghl(options)
    scripted.requests = []
    for (const [name, value, says] of [
      ['X-Trace', '5ecret\r\nhost: evil.example.com', /^headers: `X-Trace`: expected a value/],
      ['X-Trace\n', 'a', /^headers: `X-Trace\?`: expected a name/],
      ['Authorization', 'Bearer 5ecret', /^headers: `Authorization` is set by the client; give the client its `token`/],
      ['version', 'v3', /^headers: `version` is set by the client; .*`version`/],
      ['Host', 'evil.example.com', /`baseUrl`/],
      ['user-agent', 'curl', /`appInfo`/],
      ['content-length', '5', /connection/],
    ]) {
      const error = await refused(() => ghl.locations.get({ headers: { [name]: value } }), 'invalid_argument', 'headers')
      assert.match(error.message, says)
      assert.doesNotMatch(JSON.stringify(error), /5ecret/)
    }
    await refused(() => ghl.locations.get({ headers: { 'x-a': 5 } }), 'invalid_argument', 'headers.x-a')
    await refused(() => ghl.locations.get({ headers: new Headers({ a: 'b' }) }), 'invalid_argument', 'headers')
    refusedAtOnce(() => new Ghl({ ...options, appInfo: { name: 'a\r\nb' } }), 'config', 'appInfo.name')
    assert.equal(scripted.requests.length, 0)
  })
})
