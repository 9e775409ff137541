import { mustBeShop } from '@/lib/access'
import { engine } from '@/lib/engine'
import { place, type Wanted } from '@/lib/orders'
import { bodyOf, route } from '@/lib/route'

/** An order by one of the shop's programs; with the same `Idempotency-Key` it is the same order. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  async POST(request) {
    mustBeShop(request)
    const key = request.headers.get('idempotency-key') ?? crypto.randomUUID()
    const { row, made } = await place((await bodyOf(request)) as unknown as Wanted, 'api', key)
    const { id, orderNumber, status } = row
    const token = await (await engine()).orderToken(id)
    return Response.json({ id, orderNumber, status, token }, { status: made ? 201 : 200 })
  },
})
