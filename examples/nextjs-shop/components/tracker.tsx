import { isBookable } from '@/lib/bookable'

import { Booking } from './booking'
import { useStanding, type Followed, type Standing } from './live'

/** What a customer is told at each step. */
const WORDS: Record<string, string> = {
  order_placed: 'Thank you. We have your order and will choose the timber for it.',
  processing: 'The timber is chosen, and your place in the workshop is kept.',
  manufacturing: 'Your sauna is on the bench: every stave is cut for it.',
  quality_check: 'It is built. Every joint is looked at once more.',
  shipped: 'It is on its way to you.',
  delivered: 'It has arrived, and waits to be put up.',
  installation: 'Our installers put it up.',
  completed: 'It is yours. Enjoy the first löyly.',
  cancelled: 'This order is cancelled.',
  refunded: 'This order is cancelled, and your money is on its way back.',
  returned: 'Your sauna is back with us.',
}

/** What is followed, and how it stood when the page was drawn. */
export interface Tracked extends Followed {
  path: { status: string; label: string }[]
  initial: Standing
}

/** How far an order is, step by step, as it moves. */
export function Tracker({ path, initial, ...followed }: Tracked) {
  const { orderId, token } = followed
  const [now, book] = useStanding(followed, initial)
  const place = path.findIndex(({ status }) => status === now.status)
  const label = path[place]?.label ?? now.status
  const building = now.status === 'manufacturing' && now.manufacturing !== null
  return (
    <>
      <section className="card tracker" aria-labelledby="progress">
        <div className="tracker-head">
          <h2 id="progress">{label}</h2>
          <span className="percent" aria-hidden="true">
            {now.progress ?? 0}
            <small>%</small>
          </span>
        </div>
        <div
          className="bar"
          role="progressbar"
          aria-labelledby="progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={now.progress ?? 0}
        >
          <span style={{ width: `${now.progress ?? 0}%` }} />
        </div>
        <p aria-live="polite">
          {WORDS[now.status]}
          {building && ` The workshop is ${now.manufacturing}\u00a0% done.`}
        </p>
        <ol className="steps">
          {path.map(({ status, label }, index) => (
            <li
              key={status}
              className={index < place || now.status === 'completed' ? 'step done' : index === place ? 'step here' : 'step'}
              aria-current={index === place ? 'step' : undefined}
            >
              {label}
              {index < place && <span className="hidden"> (done)</span>}
            </li>
          ))}
        </ol>
      </section>
      {(isBookable(now.status) || now.installation !== null) && (
        <Booking orderId={orderId} token={token} booked={now.installation} onBooked={book} open={isBookable(now.status)} />
      )}
    </>
  )
}
