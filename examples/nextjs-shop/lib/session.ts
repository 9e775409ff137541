import { cookies } from 'next/headers'

import { isSession, isShopToken, newSession, SESSION, SESSION_SECONDS } from './access'

/** Whether one of the shop's people has signed in. */
export const signedIn = async (): Promise<boolean> => isSession((await cookies()).get(SESSION)?.value)

/** Begins a session for whoever knows the token of the shop. */
export async function begin(token: string): Promise<boolean> {
  if (!isShopToken(token)) return false
  const options = {
    httpOnly: true,
    // The consent page of GHL sends people back from another site.
    sameSite: 'lax',
    secure: !process.env.SHOP_URL?.startsWith('http:'),
    maxAge: SESSION_SECONDS,
    path: '/',
  } as const
  ;(await cookies()).set(SESSION, newSession(), options)
  return true
}

export async function end(): Promise<void> {
  ;(await cookies()).delete(SESSION)
}
