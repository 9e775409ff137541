import { notAllowed } from '../receiver/answer.js'
import { said } from '../warn.js'
import { answer, isBearer } from './cron.js'

/** A route that Prometheus scrapes, for everyone or for whoever sends the token. */
export async function metricsRoute(
  request: Request,
  token: string | undefined,
  metrics: () => Promise<string>,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return notAllowed('GET, HEAD')
  }
  // One that is set but empty lets nobody in.
  if (token !== undefined && (token === '' || !isBearer(request.headers.get('authorization'), token))) {
    const error = 'authorization: expected `Bearer` and the token of the metrics'
    return answer(401, { error, code: 'unauthorized' }, { 'www-authenticate': 'Bearer' })
  }
  try {
    const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' }
    return new Response(await metrics(), { headers })
  } catch (error) {
    return answer(503, { error: said(error) })
  }
}
