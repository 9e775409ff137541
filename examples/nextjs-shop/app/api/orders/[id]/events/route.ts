import { engine } from '@/lib/engine'
import { route } from '@/lib/route'

/** What happens to an order, as it happens, for whoever has its token. */
export const { GET, POST, PUT, PATCH, DELETE } = route<{ id: string }>({
  GET: async (request, { id }) => (await engine()).handlers.events(request, { orderId: id }),
})
