import { OAuth } from '@ghlkit/node'

import { mustBeShop, SESSION } from './access'
import { Refusal } from './refusal'

/** The app that GHL_CLIENT_ID names. */
export const app = (): Promise<OAuth> => OAuth.open()

/** What only the browser of the person who installs has: the session that the shop has given it. */
export function installer(request: Request): string {
  mustBeShop(request)
  const cookie = new RegExp(`(?:^|;\\s*)${SESSION}=([^;]+)`).exec(request.headers.get('cookie') ?? '')?.[1]
  if (cookie === undefined) throw new Refusal('unauthorized', 'cookie: expected the session of a browser; sign in first')
  return cookie
}
