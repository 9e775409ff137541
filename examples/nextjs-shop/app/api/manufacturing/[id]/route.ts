import { mustBeShop } from '@/lib/access'
import { engine } from '@/lib/engine'
import { bodyOf, route } from '@/lib/route'

/** The workshop says how far an order is: `{ "percent": 50 }`. */
export const { GET, POST, PUT, PATCH, DELETE } = route<{ id: string }>({
  async POST(request, { id }) {
    mustBeShop(request)
    const { percent } = await bodyOf(request)
    const { state } = await (await engine()).setManufacturingProgress(id, percent as number, { waitMs: 0 })
    return Response.json({ success: true, state })
  },
})
