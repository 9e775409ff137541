import { engine } from '@/lib/engine'
import { route } from '@/lib/route'

/** For monitors: 200 where orders and GHL are kept in step, else 503. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  GET: async (request) => (await engine()).handlers.health(request),
})
