import { engine } from '@/lib/engine'
import { route } from '@/lib/route'

const cron = async (request: Request) => (await engine()).handlers.cron(request)

/** For the platform's cron, with its secret: what is due by the clock (the reconciliation is) and in the queue. */
export const { GET, POST, PUT, PATCH, DELETE } = route({ GET: cron, POST: cron })
