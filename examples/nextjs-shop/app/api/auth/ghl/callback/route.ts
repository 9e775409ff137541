import { app, installer } from '@/lib/oauth'
import { route } from '@/lib/route'

/** Where the consent page sends them back to. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  async GET(request) {
    const session = installer(request)
    const { subject } = await (await app()).callback(new URL(request.url).searchParams, session)
    return Response.json({ success: true, installed: subject })
  },
})
