import { engine } from '@/lib/engine'
import { json, route } from '@/lib/route'

/** Where GHL posts to: its app's events and the workflow's. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: json(async (request) => (await engine()).handlers.webhook(request)),
})
