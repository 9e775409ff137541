import { engine } from '@/lib/engine'
import { json, route } from '@/lib/route'

/** Sends a signed test webhook to this shop, for whoever has the cron secret. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  POST: json(async (request) => (await engine()).handlers.testWebhook(request)),
})
