'use server'

import type { DefaultStatus, DoctorReport, Reconciled } from '@ghlkit/node'
import { GhlError } from '@ghlkit/node'
import { revalidatePath } from 'next/cache'
import { redirect } from 'next/navigation'

import { engine } from '@/lib/engine'
import { begin, end, signedIn } from '@/lib/session'

const PAGE = '/admin/sync'

export async function signIn(_: string, form: FormData): Promise<string> {
  if (await begin(String(form.get('token')))) redirect(PAGE)
  return 'That is not the token of the shop.'
}

export async function signOut(): Promise<void> {
  await end()
  redirect(PAGE)
}

/** An action is a route of its own: whoever calls it must have signed in. */
async function opened() {
  if (!(await signedIn())) redirect(PAGE)
  return engine()
}

export async function replay(form: FormData): Promise<void> {
  const sync = await opened()
  const job = form.get('job')
  await (job === null ? sync.replayAll() : sync.replay(String(job)))
  revalidatePath(PAGE)
}

/** Moves an order; what may not be is said. */
export async function move(_: string, form: FormData): Promise<string> {
  const sync = await opened()
  try {
    await sync.updateStatus(String(form.get('order')), String(form.get('status')) as DefaultStatus, {
      allowBackward: true,
      waitMs: 0,
    })
  } catch (error) {
    if (error instanceof GhlError) return error.message
    throw error
  }
  revalidatePath(PAGE)
  return ''
}

/** What a look was like: what was found, or why it failed. */
export type Looked<T> = { at: number; found: T } | { at: number; problem: string } | undefined

/** Compares GHL with what is known; with `mend` what differs is looked at by the worker. */
export async function reconcile(_: Looked<Reconciled>, form: FormData): Promise<Looked<Reconciled>> {
  const sync = await opened()
  return looked(sync.reconcile({ dryRun: form.get('mend') === null, deadlineMs: 20_000 }))
}

export async function doctor(): Promise<Looked<DoctorReport>> {
  return looked((await opened()).doctor())
}

async function looked<T>(look: Promise<T>): Promise<Looked<T>> {
  try {
    return { found: await look, at: Date.now() }
  } catch (error) {
    if (error instanceof GhlError) return { problem: error.message, at: Date.now() }
    throw error
  }
}
