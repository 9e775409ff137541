/** What a page knows of the app of Pusher Channels, or of a server that speaks the same. */
export interface PusherApp {
  key: string
  cluster: string
  /** A server of one's own. */
  host: { name: string; port: number; secure: boolean } | null
}

/** The app, where the shop has one. */
export function pusherApp(env = process.env): PusherApp | null {
  const { PUSHER_APP_ID, PUSHER_KEY: key, PUSHER_CLUSTER: cluster = 'mt1', PUSHER_HOST } = env
  if (PUSHER_APP_ID === undefined || key === undefined) return null
  if (PUSHER_HOST === undefined) return { key, cluster, host: null }
  const { hostname, port, protocol } = new URL(PUSHER_HOST.includes('://') ? PUSHER_HOST : `https://${PUSHER_HOST}`)
  const secure = protocol === 'https:'
  return { key, cluster, host: { name: hostname, port: Number(port) || (secure ? 443 : 80), secure } }
}
