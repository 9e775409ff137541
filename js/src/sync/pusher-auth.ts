import type { Cancellable } from '../call.js'
import type { PusherMember } from '../generated/types.js'
import { errorFrom, METHOD_NOT_ALLOWED } from '../receiver/answer.js'
import { collect } from '../receiver/web.js'
import { answering, corsOf, lets, refusal, tokenOf } from './customer.js'
import type { Call } from './notifications.js'

/** Who may join a channel. */
export interface PusherAuthOptions {
  /** Lets a caller in by your own session instead of a token, for the channel that is asked for. */
  authorize?: (request: Request, channel: string) => boolean | Promise<boolean>
  /** With `authorize`: who joins, on a presence channel. */
  member?: PusherMember
  /** The order's location, where several are configured. */
  locationId?: string
}

const MAX_BYTES = 8 * 1024
const TOO_LARGE = { error: `body: expected at most ${MAX_BYTES} bytes`, code: 'too_large' }

/** The route that clients of Pusher's ask whether they may join a private channel. */
export async function pusherAuthRoute(
  request: Request,
  call: Call,
  corsOrigins: readonly string[],
  { authorize, member, locationId }: PusherAuthOptions & Cancellable = {},
): Promise<Response> {
  const cors = corsOf(request.headers.get('origin'), corsOrigins)
  const answer = answering({ ...cors, 'cache-control': 'no-store' })
  if (request.method === 'OPTIONS') {
    const allowed = { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'authorization, content-type' }
    return new Response(null, { status: 204, headers: { ...cors, ...allowed, allow: 'POST, OPTIONS' } })
  }
  if (request.method !== 'POST') return answer(METHOD_NOT_ALLOWED, { allow: 'POST, OPTIONS' })
  try {
    const body = await collect(request.body ?? [], MAX_BYTES)
    if (body.length > MAX_BYTES) return answer({ status: 413, body: JSON.stringify(TOO_LARGE) })
    const form = new URLSearchParams(new TextDecoder().decode(body))
    const channel = form.get('channel_name') ?? ''
    const allowed = authorize !== undefined && (await lets(() => authorize(request, channel)))
    const joins = channel.startsWith('presence-') ? member : undefined
    const token = form.get('token') ?? tokenOf(request, new URL(request.url, 'http://localhost').searchParams)
    const given = {
      socketId: form.get('socket_id') ?? '',
      channel,
      ...(authorize === undefined && token !== null && { token }),
      ...(allowed && { allowed, ...(joins !== undefined && { member: joins }) }),
      ...(locationId !== undefined && { locationId }),
    }
    return answer({ status: 200, body: JSON.stringify(await call('pusherAuthorize', given)) })
  } catch (error) {
    const refused = refusal(errorFrom(error))
    // As clients expect it of who may not join.
    return answer({ ...refused, status: refused.status === 401 ? 403 : refused.status })
  }
}
