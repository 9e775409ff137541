import { useState, type FormEvent } from 'react'

import type { Booked } from '@/lib/installation'

interface Slot {
  startsAt: string
  endsAt: string
}

interface Props {
  orderId: string
  token: string
  booked: Booked | null
  /** Whether it may still be changed. */
  open: boolean
  onBooked: (booked: Booked) => void
}

/** Choosing, and moving, the day on which the sauna is put up. */
export function Booking({ orderId, token, booked, open, onBooked }: Props) {
  const [slots, setSlots] = useState<Slot[]>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const is = booked !== null && booked.state !== 'cancelled' ? booked : null

  /** Asks the shop; what it refuses is shown. */
  const ask = async <T,>(path: string, init: RequestInit = {}): Promise<T | undefined> => {
    setBusy(true)
    setProblem(undefined)
    try {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const response = await fetch(`/api/orders/${orderId}/installation${path}`, { ...init, headers })
      const answer = await response.json()
      if (response.ok) return answer as T
      if (answer.code === 'slot_taken') setSlots(answer.alternatives)
      setProblem(
        answer.code === 'slot_taken'
          ? 'Somebody was quicker. These times are free:'
          : 'That did not work. Please try again in a moment.',
      )
    } catch {
      setProblem('The shop cannot be reached. Are you online?')
    } finally {
      setBusy(false)
    }
  }
  const look = async () => {
    const found = await ask<{ slots: Slot[] }>(`/slots?timeZone=${encodeURIComponent(zone())}`)
    if (found !== undefined) setSlots(found.slots)
  }
  const choose = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const wanted = { at: form.get('at'), instructions: form.get('instructions') || undefined, timeZone: zone() }
    const made = await ask<Booked>('', { method: 'POST', body: JSON.stringify(wanted) })
    if (made === undefined) return
    setSlots(undefined)
    onBooked(made)
  }

  return (
    <section className="card booking" aria-labelledby="booking">
      <h2 id="booking">Installation</h2>
      <div aria-live="polite">
        {is !== null && (
          // Server and browser may know other forms of a date.
          <p className="appointment" suppressHydrationWarning>
            <strong suppressHydrationWarning>{dayOf(is.startsAt, is.timeZone)}</strong>
            <span suppressHydrationWarning>
              {`${timeOf(is.startsAt, is.timeZone)} – ${timeOf(is.endsAt, is.timeZone)}`}
            </span>
          </p>
        )}
        {is === null && slots === undefined && <p>It takes about six hours. You choose when we come.</p>}
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
      {open && slots === undefined && (
        <button type="button" className={is === null ? '' : 'quiet'} onClick={look} disabled={busy}>
          {is === null ? 'Choose a day' : 'Choose another day'}
        </button>
      )}
      {slots !== undefined && <Times slots={slots} first={is === null} busy={busy} onSubmit={choose} />}
      <noscript>
        <p className="muted">To choose a day, answer our e-mail: this page needs JavaScript for that.</p>
      </noscript>
    </section>
  )
}

interface TimesOf {
  slots: Slot[]
  first: boolean
  busy: boolean
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
}

/** Days that are shown at once. */
const PAGE = 5

function Times({ slots, first, busy, onSubmit }: TimesOf) {
  const [shown, setShown] = useState(PAGE)
  if (slots.length === 0) return <p>No day is free in the next two weeks. Please look again in a few days.</p>
  const all = [...new Set(slots.map(({ startsAt }) => dayOf(startsAt)))]
  const days = all.slice(0, shown)
  return (
    <form onSubmit={onSubmit} className="times">
      <fieldset>
        <legend className="hidden">When shall we come?</legend>
        {days.map((day) => (
          <div key={day} className="day">
            <span className="day-name">{day}</span>
            <div className="day-times">
              {slots
                .filter(({ startsAt }) => dayOf(startsAt) === day)
                .map(({ startsAt }) => (
                  <label key={startsAt} className="time">
                    <input type="radio" name="at" value={startsAt} required />
                    <span>
                      <span className="hidden">{day}, </span>
                      {timeOf(startsAt)}
                    </span>
                  </label>
                ))}
            </div>
          </div>
        ))}
      </fieldset>
      {days.length < all.length && (
        <button type="button" className="quiet" onClick={() => setShown(shown + PAGE)}>
          Later days
        </button>
      )}
      {first && (
        <div className="field">
          <label htmlFor="instructions">
            For the installers <span className="muted">optional</span>
          </label>
          <textarea id="instructions" name="instructions" maxLength={1000} placeholder="The gate is on the left" />
        </div>
      )}
      <button disabled={busy}>{busy ? 'One moment…' : 'Take this time'}</button>
    </form>
  )
}

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
const dayOf = (at: string, timeZone?: string) =>
  new Date(at).toLocaleDateString('en-IE', { weekday: 'long', day: 'numeric', month: 'long', timeZone })
const timeOf = (at: string, timeZone?: string) =>
  new Date(at).toLocaleTimeString('en-IE', { hour: '2-digit', minute: '2-digit', timeZone })
