import { createHash, timingSafeEqual } from 'node:crypto'

import { notAllowed } from '../receiver/answer.js'
import { said } from '../warn.js'
import type { Drained } from '../generated/types.js'
import type { Ticked } from './schedules.js'

/** What a cron route does. */
interface Work {
  drain(): Promise<Drained>
  tick(): Promise<Ticked>
}

/** A route for the platform's cron: whoever has the secret makes the engine do what is due. */
export async function cronRoute(request: Request, secret: string | undefined, work: Work): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'POST') {
    return notAllowed('GET, POST')
  }
  const stranger = refusal(request, secret)
  if (stranger !== undefined) return stranger
  try {
    // First what the clock asks for: it may make more to do.
    const { fired, failed } = await work.tick()
    const { passes, more } = await work.drain()
    return answer(200, { success: true, passes, more, fired, failed: failed.map(({ name }) => name) })
  } catch (error) {
    return answer(503, { error: said(error) }, { 'retry-after': '30' })
  }
}

/** The answer to a request without the cron secret; nothing for one that has it. */
export function refusal(request: Request, secret: string | undefined): Response | undefined {
  if (secret === undefined || secret === '') {
    return answer(503, { error: 'CRON_SECRET: expected the secret that the caller sends', code: 'config' })
  }
  if (isBearer(request.headers.get('authorization'), secret)) return undefined
  const error = 'authorization: expected `Bearer` and the cron secret'
  return answer(401, { error, code: 'unauthorized' }, { 'www-authenticate': 'Bearer' })
}

/** Whether a header holds the secret; how long that takes tells nothing of it. */
export function isBearer(header: string | null, secret: string): boolean {
  const digest = (given: string) => createHash('sha256').update(given).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${secret}`))
}

export function answer(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}
