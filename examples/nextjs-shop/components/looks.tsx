'use client'

import type { DoctorReport, Reconciled } from '@ghlkit/node'
import { useActionState, type ReactNode } from 'react'

import { doctor, reconcile, type Looked } from '@/app/admin/sync/actions'

/** Compares GHL's list with what is known, when somebody asks for it. */
export function Reconciliation() {
  const [looked, look, busy] = useActionState<Looked<Reconciled>, FormData>(reconcile, undefined)
  return (
    <section className="card look" aria-labelledby="reconciliation">
      <form action={look}>
        <h2 id="reconciliation">Reconciliation</h2>
        <button className="quiet" disabled={busy}>
          Compare
        </button>
        <button className="quiet" name="mend" value="1" disabled={busy}>
          Mend
        </button>
      </form>
      <Found looked={looked} busy={busy} before="Compares every card and contact in GHL with the orders here. It also runs each night.">
        {({ opportunities, contacts, marked, differences }) => (
          <>
            <p>
              {opportunities} cards and {contacts} contacts compared:{' '}
              <strong>{marked === 0 ? 'all in step' : `${marked} ${marked === 1 ? 'order differs' : 'orders differ'}`}</strong>
            </p>
            <ul className="lines">
              {differences.map(({ orderId, differs }) => (
                <li key={orderId}>
                  <code>{orderId}</code> {differs.join(', ')}
                </li>
              ))}
            </ul>
          </>
        )}
      </Found>
    </section>
  )
}

/** Looks at the set-up, when somebody asks for it. */
export function Doctor() {
  const [looked, look, busy] = useActionState<Looked<DoctorReport>>(doctor, undefined)
  return (
    <section className="card look" aria-labelledby="doctor">
      <form action={look}>
        <h2 id="doctor">Doctor</h2>
        <button className="quiet" disabled={busy}>
          Look at the set-up
        </button>
      </form>
      <Found looked={looked} busy={busy} before="Looks at token, scopes, pipeline, stages, fields, calendar, clock and database.">
        {({ checks }) => (
          <ul className="lines">
            {checks.map(({ name, verdict, detail, fix }) => (
              <li key={name}>
                <span className={`pill ${verdict}`}>{verdict}</span> <strong>{name}</strong> {detail}
                {fix && <em> {fix}</em>}
              </li>
            ))}
          </ul>
        )}
      </Found>
    </section>
  )
}

interface FoundOf<T> {
  looked: Looked<T>
  busy: boolean
  before: string
  children: (found: T) => ReactNode
}

function Found<T>({ looked, busy, before, children }: FoundOf<T>) {
  if (busy) return <p className="muted">Looking…</p>
  if (looked === undefined) return <p className="muted">{before}</p>
  return <div aria-live="polite">{'found' in looked ? children(looked.found) : <p className="problem">{looked.problem}</p>}</div>
}
