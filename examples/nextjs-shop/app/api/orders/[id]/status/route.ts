import type { DefaultStatus } from '@ghlkit/node'

import { mustBeShop } from '@/lib/access'
import { engine } from '@/lib/engine'
import { bodyOf, route } from '@/lib/route'

/** The shop says what has become of an order: `{ "status": "shipped" }`. */
export const { GET, POST, PUT, PATCH, DELETE } = route<{ id: string }>({
  async POST(request, { id }) {
    mustBeShop(request)
    const { status, allowBackward } = await bodyOf(request)
    const options = { waitMs: 0, ...(allowBackward === true && { allowBackward }) }
    const { state } = await (await engine()).updateStatus(id, status as DefaultStatus, options)
    return Response.json({ success: true, state })
  },
})
