// The page of an order where the shop has Pusher Channels: soketi is a server that speaks the same.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { APP, startSoketi } from '../../../tests/peers/soketi.mjs'
import { open, until } from './support.mjs'

describe('an open page by Pusher', () => {
  let shop, soketi, order, page
  const asked = []
  before(async () => {
    soketi = await startSoketi()
    const { appId, key, secret } = APP
    shop = await open({ env: { PUSHER_APP_ID: appId, PUSHER_KEY: key, PUSHER_SECRET: secret, PUSHER_HOST: soketi.url } })
    order = await shop.order(0, 'processing')
    page = await shop.page()
    page.on('websocket', (socket) => asked.push(new URL(socket.url()).host))
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(order.page)
    await until(() => asked.some((path) => path.endsWith('/events')), 'the channel is joined')
  })
  after(() => shop.stop())

  test('follows a card that somebody moves in GHL', async () => {
    const { id } = await shop.opportunity(order.orderNumber)
    await shop.steer('stage', { opportunityId: id, stage: 'In Production' })
    const bar = page.getByRole('progressbar')
    await until(async () => (await bar.getAttribute('aria-valuenow')) === '50', 'the bar')
    assert.equal((await shop.post(`/api/manufacturing/${order.id}`, { percent: 40 })).status, 200)
    await page.getByText('The workshop is 40\u00a0% done.').waitFor()
    assert.ok(asked.includes(`127.0.0.1:${soketi.port}`), 'it came by a socket')
    assert.deepEqual(page.problems, [])
  })

  test('lets no other page join', async () => {
    const join = async (channel, token) => {
      const form = new URLSearchParams({ socket_id: '1.1', channel_name: channel, token })
      const answer = await shop.fetch('/api/pusher/auth', { method: 'POST', body: form })
      return [answer.status, (await answer.json()).code]
    }
    const other = await shop.order(1)
    assert.deepEqual(await join(`private-order-${order.id}`, order.token), [200, undefined])
    assert.deepEqual(await join(`private-order-${order.id}`, other.token), [403, 'unauthorized'])
    assert.deepEqual(await join('private-order-all', order.token), [403, 'unauthorized'])
    assert.deepEqual(await join('presence-staff', order.token), [403, 'unauthorized'])
    assert.equal((await shop.fetch('/api/pusher/auth')).status, 405)
  })
})
