import { app, installer } from '@/lib/oauth'
import { route } from '@/lib/route'

/** Sends one of the shop's people to GHL's consent page. */
export const { GET, POST, PUT, PATCH, DELETE } = route({
  async GET(request) {
    const session = installer(request)
    return Response.redirect((await app()).authorizeUrl(session))
  },
})
