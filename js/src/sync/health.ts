import type { Health } from '../generated/types.js'
import { errorFrom, notAllowed } from '../receiver/answer.js'

/** A route that tells how the engine is; one that is closed is not well. */
export async function healthRoute(request: Request, health: () => Promise<Health>): Promise<Response> {
  const headers = { 'cache-control': 'no-store' }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return notAllowed('GET, HEAD')
  }
  try {
    const found = await health()
    return Response.json(found, { status: found.status === 'healthy' ? 200 : 503, headers })
  } catch (error) {
    const { code, message } = errorFrom(error)
    return Response.json({ status: 'degraded', error: message, code }, { status: 503, headers })
  }
}

/** A route that tells that the process lives. */
export async function liveRoute(request: Request, isOpen: () => boolean): Promise<Response> {
  const headers = { 'cache-control': 'no-store' }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return notAllowed('GET, HEAD')
  }
  const live = isOpen()
  return Response.json({ status: live ? 'live' : 'closed' }, { status: live ? 200 : 503, headers })
}
