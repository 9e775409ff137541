'use client'

import { useActionState } from 'react'

import { move } from '@/app/admin/sync/actions'

interface Props {
  orderId: string
  orderNumber: string
  status: string
  statuses: { status: string; label: string }[]
}

/** The status of an order, to be changed by the shop. */
export function Move({ orderId, orderNumber, status, statuses }: Props) {
  const [problem, act, busy] = useActionState(move, '')
  return (
    <form action={act} className="move">
      <input type="hidden" name="order" value={orderId} />
      <select key={status} name="status" defaultValue={status} aria-label={`Status of order ${orderNumber}`}>
        {statuses.map(({ status, label }) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </select>
      <button className="quiet small" disabled={busy} aria-label={`Set the status of order ${orderNumber}`}>
        Set
      </button>
      {problem !== '' && <p role="alert">{problem}</p>}
    </form>
  )
}
