// A customer's page is of the Pages Router: the App Router alone would bring more than 130 kB of scripts to a phone.
import { AuthError, InvalidArgumentError, StatusModel } from '@ghlkit/node'
import type { GetServerSideProps } from 'next'
import Head from 'next/head'

import { Tracker, type Tracked } from '@/components/tracker'
import { euros } from '@/lib/catalogue'
import { engine } from '@/lib/engine'
import { booked } from '@/lib/installation'
import { known } from '@/lib/orders'
import { pusherApp } from '@/lib/pusher'

interface Props {
  orderNumber: string
  firstName: string
  product: string
  facts: [string, string[]][]
  tracked: Tracked
}

/** What a customer sees of their order, for whoever has its address. */
export const getServerSideProps: GetServerSideProps<Props> = async ({ params, query: { token }, res }) => {
  const id = String(params?.id)
  res.setHeader('cache-control', 'no-store')
  // Who has another token does not learn whether there is such an order.
  if (typeof token !== 'string' || !(await opens(id, token))) return { notFound: true }
  const found = await known(id)
  if (found === undefined) return { notFound: true }
  const { row, order } = found
  const { customer, product, total, shippingAddress: address } = row.details
  const { status, progress = null, manufacturingProgress: manufacturing = null } = order
  const { statuses } = new StatusModel()
  return {
    props: {
      orderNumber: row.orderNumber,
      firstName: customer.firstName ?? '',
      product: product.name,
      facts: [
        ['Sauna', [product.name]],
        ['Price', [euros((total as { amount: string }).amount)]],
        ['Ordered', [row.placedAt.toLocaleDateString('en-IE', { day: 'numeric', month: 'long', year: 'numeric' })]],
        ['Goes to', [`${customer.firstName} ${customer.lastName}`, address.line1, `${address.postalCode} ${address.city}`]],
      ],
      tracked: {
        orderId: id,
        token,
        pusher: pusherApp(),
        path: statuses.filter(({ onPath }) => onPath).map(({ status, label }) => ({ status, label })),
        initial: { status, progress, manufacturing, installation: (await booked(id)) ?? null },
      },
    },
  }
}

async function opens(id: string, token: string): Promise<boolean> {
  try {
    await (await engine()).checkOrderToken(id, token)
    return true
  } catch (error) {
    if (error instanceof AuthError || error instanceof InvalidArgumentError) return false
    throw error
  }
}

export default function OrderPage({ orderNumber, firstName, product, facts, tracked }: Props) {
  return (
    <div className="order">
      <Head>
        <title>Your order · Ilio Sauna</title>
        <meta name="robots" content="noindex" />
        <meta name="theme-color" content="#f6f1ea" />
      </Head>
      <header className="order-head">
        <p className="eyebrow">Order {orderNumber}</p>
        <h1>
          {firstName}, this is your {product.toLowerCase()}.
        </h1>
      </header>
      <Tracker {...tracked} />
      <section className="card summary" aria-labelledby="summary">
        <h2 id="summary">What we are building</h2>
        <dl>
          {facts.map(([name, lines]) => (
            <div key={name}>
              <dt>{name}</dt>
              {lines.map((line) => (
                <dd key={line}>{line}</dd>
              ))}
            </div>
          ))}
        </dl>
        <p className="muted small">Questions? Answer any of our e-mails, a person reads them.</p>
      </section>
    </div>
  )
}
