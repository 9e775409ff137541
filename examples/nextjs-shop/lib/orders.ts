import { isDeepStrictEqual } from 'node:util'

import { GhlError, orders, type TrackedOrder } from '@ghlkit/node'

import { CATALOGUE, productOf } from './catalogue'
import { engine } from './engine'
import { Refusal } from './refusal'
import { find, insert, orderOf, type Details, type Row } from './rows'

/** What a customer sends. */
export interface Wanted {
  product: string
  customer: Details['customer']
  shippingAddress: Details['shippingAddress']
  installationNotes?: string
}

/**
 * Places an order, once for each key, and has it taken to GHL; how long that takes concerns no customer. Who sends the form
 * can tell nothing of the keys of the shop's programs.
 */
export async function place(wanted: Wanted, by: 'form' | 'api', key: string): Promise<{ row: Row; made: boolean }> {
  if (!/^[\w-]{8,100}$/.test(key)) {
    throw new Refusal('invalid_argument', 'idempotency-key: expected 8 to 100 letters, digits, `-` and `_`')
  }
  const details = detailsOf(wanted)
  const sync = await engine()
  const { row, made } = await insert(`${by}-${key}`, details)
  if (!made && !isDeepStrictEqual(row.details, details)) {
    throw new Refusal('conflict', 'idempotency-key: was used for another order')
  }
  try {
    await sync.createOrder(orderOf(row), { waitMs: 0 })
  } catch (error) {
    if (!(error instanceof GhlError && error.code === 'order_exists')) throw error
  }
  return { row, made }
}

/** An order as the shop has it and as the engine knows it; nothing where there is none. */
export async function known(id: string): Promise<{ row: Row; order: TrackedOrder } | undefined> {
  const row = await find(id)
  return row && { row, order: await (await engine()).order(row.id) }
}

/** What is written down, which the engine will take: what it would refuse is refused before there is a row. */
function detailsOf({ product: slug, customer, shippingAddress, installationNotes }: Wanted): Details {
  const product = productOf(slug)
  if (product === undefined) {
    const slugs = CATALOGUE.map((one) => one.slug).join(', ')
    throw new Refusal('invalid_argument', `product: expected one of ${slugs}`)
  }
  const total = { amount: product.price, currency: 'EUR' }
  const order = { id: 'new', orderNumber: 'new', product: { name: product.name }, total, customer, shippingAddress }
  const checked = orders.check({ ...order, ...(installationNotes && { installationNotes }) })
  return {
    product: order.product,
    total,
    customer: checked.customer,
    shippingAddress: checked.shippingAddress,
    ...(checked.installationNotes && { installationNotes: checked.installationNotes }),
  }
}
