import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { startPeer } from './support/peer.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

const TOKEN = 's0cket-5ecret'

describe('events over Socket.IO', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  /** An engine that hears of GHL by the socket alone, and the server. */
  async function listening(realtime, changes = {}) {
    const peer = await startPeer({ token: TOKEN, namespace: '/socket', recovery: true })
    const options = shop.options({
      sync: { searchLagMs: 0 },
      realtime: { url: `${peer.origin}/socket`, token: TOKEN, reconnectDelayMs: 40, ...realtime },
      ...changes,
    })
    const sync = await ghlkit.OrderSync.open(options)
    return { peer, sync }
  }

  const check = async (sync, status) => {
    const { realtime } = (await sync.health()).checks
    return realtime?.status === status && realtime
  }
  const seen = (peer, what) => until(async () => (await peer.tell({ do: 'seen' }))[what] > 0, what)

  test('lead to the order they are about', async () => {
    const { peer, sync } = await listening()
    const { opportunityId } = await sync.createOrder(order('socket'))
    await seen(peer, 'joined')
    await until(() => check(sync, 'ok'), 'a good check')
    await shop.mock.human('stage', { opportunityId, stage: 'Shipped' })
    const args = [{ opportunityId, newStageId: 'stage_shipped', previousStageId: 'stage_new_order' }]
    await peer.tell({ do: 'emit', event: 'opportunity.stage.changed', args })
    await until(async () => (await sync.order('socket')).status === 'shipped', 'the status')

    await peer.tell({ do: 'emit', event: 'opportunity.stage.changed', args: [{ ...args[0], opportunityId: 'nobody' }] })
    const [kept] = await until(async () => {
      const events = await sync.unresolved()
      return events.length > 0 && events
    }, 'an event of no order')
    assert.deepEqual([kept.type, kept.opportunityId], ['OpportunityStageUpdate', 'nobody'])
    await sync.close()
    peer.stop()
  })

  test('are not heard with a wrong token, which nobody is told', async () => {
    const { peer, sync } = await listening({ token: 'wr0ng' })
    await seen(peer, 'refused')
    const { detail } = await until(() => check(sync, 'failing'), 'a failing check')
    assert.match(detail, /unauthorized/)
    assert.doesNotMatch(detail, /wr0ng/)
    assert.equal((await peer.tell({ do: 'seen' })).joined, 0)
    await sync.close()
    peer.stop()
  })

  test('are set by variables too, and not heard where no worker runs', async () => {
    const peer = await startPeer({ token: TOKEN, namespace: '/socket' })
    const env = { GHLKIT_REALTIME_URL: `${peer.origin}/socket`, GHLKIT_REALTIME_TOKEN: TOKEN }
    const sync = await ghlkit.OrderSync.open(shop.options({ env, worker: false }))
    assert.equal((await sync.health()).checks.realtime, undefined)
    sync.start()
    await seen(peer, 'joined')
    const { urls } = await peer.tell({ do: 'seen' })
    assert.deepEqual(urls, ['/socket.io/?EIO=4&transport=websocket'])
    await sync.close()
    peer.stop()
  })

  test('are refused from where a token would travel in the open, or in a URL', async () => {
    for (const url of ['ws://relay.example.com', 'wss://relay.example.com/?token=5ecret', 'wss://u:5ecret@relay.example.com']) {
      const error = await refused(
        () => ghlkit.OrderSync.open(shop.options({ realtime: { url } })),
        'config',
        'realtime.url',
      )
      assert.doesNotMatch(error.message, /5ecret/)
    }
  })
})
