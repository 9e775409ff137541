import { mustBeOf } from '@/lib/access'
import { freeTimes } from '@/lib/installation'
import { route } from '@/lib/route'

/** The times at which an installation can begin. */
export const { GET, POST, PUT, PATCH, DELETE } = route<{ id: string }>({
  async GET(request, { id }) {
    await mustBeOf(request, id)
    const timeZone = new URL(request.url).searchParams.get('timeZone') ?? undefined
    return Response.json({ slots: await freeTimes(id, timeZone) }, { headers: { 'cache-control': 'no-store' } })
  },
})
