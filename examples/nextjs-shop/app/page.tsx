import { CATALOGUE } from '@/lib/catalogue'
import { OrderForm } from '@/components/order-form'

import './shop.css'

// Each visit has a key of its own, by which an order that is sent twice is one order.
export const dynamic = 'force-dynamic'

export default function Shop() {
  return (
    <>
      <section className="hero">
        <p className="eyebrow">Built to order</p>
        <h1>Warmth, from the first board to the first löyly.</h1>
        <p className="lead">
          Choose your sauna. We build it in our workshop, tell you at every step how far it is, and put it up in your garden.
        </p>
      </section>
      <OrderForm catalogue={CATALOGUE} requestKey={crypto.randomUUID()} />
    </>
  )
}
