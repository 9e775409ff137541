import { StatusModel } from '@ghlkit/node'
import type { ReactNode } from 'react'

import { replay } from '@/app/admin/sync/actions'
import type { Overview } from '@/lib/overview'

import { Move } from './move'

const STATUSES = new StatusModel().statuses.map(({ status, label }) => ({ status, label }))

/** The figures at the top. */
export function Tiles({ waiting, oldest, dead, headroom }: Overview) {
  return (
    <div className="tiles">
      <Tile name="In the queue" value={waiting} note={waiting === 0 ? 'nothing waits' : `the first for ${Math.round(oldest)} s`} />
      <Tile name="Given up" value={dead.length} note={dead.length === 0 ? 'nothing to replay' : 'see below'} bad={dead.length > 0} />
      <Tile name="Calls free now" value={headroom.now} note="of this location’s limit" />
      <Tile name="Calls left today" value={headroom.today.toLocaleString('en-IE')} note="until midnight UTC" />
    </div>
  )
}

function Tile({ name, value, note, bad = false }: { name: string; value: ReactNode; note: string; bad?: boolean }) {
  return (
    <div className={bad ? 'card tile bad' : 'card tile'}>
      <span className="tile-name">{name}</span>
      <strong>{value}</strong>
      <span className="muted">{note}</span>
    </div>
  )
}

/** Jobs that were given up, each to be replayed. */
export function Dead({ dead }: Overview) {
  if (dead.length === 0) return null
  return (
    <section className="card" aria-labelledby="dead">
      <div className="section-head">
        <h2 id="dead">Given up</h2>
        <form action={replay}>
          <button className="quiet small">Replay all</button>
        </form>
      </div>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Order</th>
              <th>Why</th>
              <th>
                <span className="hidden">Replay</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {dead.map(({ id, orderNumber, error }) => (
              <tr key={id}>
                <td className="number">{orderNumber}</td>
                <td>
                  <span className="pill failed">{error?.code}</span> {error?.message}
                </td>
                <td>
                  <form action={replay}>
                    <input type="hidden" name="job" value={id} />
                    <button className="small" aria-label={`Replay order ${orderNumber}`}>
                      Replay
                    </button>
                  </form>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** The latest orders, and whether GHL has them as they are. */
export function Orders({ orders, dead }: Overview) {
  const given = new Set(dead.map(({ orderId }) => orderId))
  return (
    <section className="card" aria-labelledby="orders">
      <h2 id="orders">Latest orders</h2>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Order</th>
              <th>Customer</th>
              <th>In GHL</th>
              <th>Status</th>
            </tr>
          </thead>
          <tbody>
            {orders.map(({ row: { id, orderNumber, details }, order, token }) => (
              <tr key={id}>
                <td>
                  <a href={`/orders/${id}?token=${token}`}>{orderNumber}</a>
                </td>
                <td>
                  {details.customer.firstName} {details.customer.lastName}
                  <br />
                  <span className="muted">{details.product.name}</span>
                </td>
                <td>
                  <Step order={order} dead={given.has(id)} />
                </td>
                <td>
                  {order && <Move orderId={id} orderNumber={orderNumber} status={order.status} statuses={STATUSES} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {orders.length === 0 && <p className="muted">Nothing was ordered yet.</p>}
      </div>
    </section>
  )
}

function Step({ order, dead }: { order: Overview['orders'][number]['order']; dead: boolean }) {
  if (dead) return <span className="pill failed">given up</span>
  if (order !== undefined && order.syncedVersion >= order.version) return <span className="pill ok">in step</span>
  return <span className="pill warning">on its way</span>
}

/** What GHL has sent, and what was said of it. */
export function Webhooks({ webhooks, verdicts }: Overview) {
  const kinds = { applied: 'ok', waiting: 'warning', unresolved: 'failed' }
  return (
    <section className="card" aria-labelledby="webhooks">
      <div className="section-head">
        <h2 id="webhooks">Webhooks</h2>
        <p className="verdicts">
          {verdicts.map(([verdict, count]) => (
            <span key={verdict} className={verdict === 'accepted' || verdict === 'seen' ? 'pill' : 'pill failed'}>
              {verdict} {count}
            </span>
          ))}
        </p>
      </div>
      <ul className="lines">
        {webhooks.map(({ id, at, type, verdict, reason }) => (
          <li key={id}>
            <time dateTime={at.toISOString()}>{at.toLocaleTimeString('en-IE')}</time>{' '}
            <span className={`pill ${kinds[verdict]}`}>{verdict}</span> {type} {reason && <em>{reason}</em>}
          </li>
        ))}
        {webhooks.length === 0 && <li className="muted">None came yet.</li>}
      </ul>
    </section>
  )
}

/** Whether orders and GHL are kept in step, part by part. */
export function HealthOf({ health }: Overview) {
  return (
    <section className="card" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <ul className="lines">
        {Object.entries(health.checks).map(([name, { status, detail }]) => (
          <li key={name}>
            <span className={`pill ${status === 'ok' ? 'ok' : 'failed'}`}>{status}</span>{' '}
            <strong>{name.replace('_', ' ')}</strong> {detail}
          </li>
        ))}
      </ul>
    </section>
  )
}
