import Pusher from 'pusher-js'

import type { PusherApp } from '@/lib/pusher'

import { byEvents, type Followed, type Message } from './live'

/** Follows an order on its private channel. */
export function follow(followed: Followed, { key, cluster, host }: PusherApp, heard: (message: Message) => void): () => void {
  const { orderId, token } = followed
  const own = host && { wsHost: host.name, wsPort: host.port, wssPort: host.port, forceTLS: host.secure }
  const pusher = new Pusher(key, {
    cluster,
    ...own,
    enabledTransports: ['ws', 'wss'],
    channelAuthorization: { endpoint: '/api/pusher/auth', transport: 'ajax', params: { token } },
  })
  const channel = pusher.subscribe(`private-order-${orderId}`)
  // A channel keeps nothing: what was missed before it was joined, or joined again, is how the order stands.
  channel.bind('pusher:subscription_succeeded', () => {
    const leave = byEvents(followed, (message) => {
      leave()
      heard(message)
    })
  })
  for (const event of ['status-changed', 'progress-changed', 'milestone', 'installation-changed']) channel.bind(event, heard)
  return () => pusher.disconnect()
}
