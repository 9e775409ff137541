import { mustBeOf } from '@/lib/access'
import { book, callOff } from '@/lib/installation'
import { bodyOf, route } from '@/lib/route'

/** The customer chooses when the sauna is installed, `{ "at": "2026-10-26T09:00:00Z" }`, or another time, or none. */
export const { GET, POST, PUT, PATCH, DELETE } = route<{ id: string }>({
  async POST(request, { id }) {
    await mustBeOf(request, id)
    return Response.json(await book(id, await bodyOf(request)))
  },
  async DELETE(request, { id }) {
    await mustBeOf(request, id)
    return Response.json(await callOff(id))
  },
})
