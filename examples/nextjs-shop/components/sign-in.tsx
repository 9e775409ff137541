'use client'

import { useActionState } from 'react'

import { signIn } from '@/app/admin/sync/actions'

/** For the shop's people. */
export function SignIn() {
  const [problem, enter, busy] = useActionState(signIn, '')
  return (
    <form action={enter} className="card sign-in">
      <h1>Sync</h1>
      <p className="muted">For the people of the shop.</p>
      <label htmlFor="token">Token of the shop</label>
      <input id="token" name="token" type="password" autoComplete="current-password" required />
      {problem !== '' && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button disabled={busy}>Sign in</button>
    </form>
  )
}
