import { engine } from '@/lib/engine'
import { route } from '@/lib/route'

/** Lets a customer's page join the channel of its order, by the order's token. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: async (request) => (await engine()).handlers.pusherAuth(request),
})
