'use server'

import { GhlError } from '@ghlkit/node'
import { redirect } from 'next/navigation'

import { engine } from '@/lib/engine'
import { place } from '@/lib/orders'
import { Refusal } from '@/lib/refusal'

/** How an order form was left by the last try. */
export interface Tried {
  problem?: string
  values: Record<string, string>
}

/** Places the order of the form, and shows the customer its page. */
export async function placeOrder(_: Tried, form: FormData): Promise<Tried> {
  const entries = [...form.entries()].filter(([name, value]) => !name.startsWith('$') && typeof value === 'string')
  const values = Object.fromEntries(entries) as Record<string, string>
  let id: string
  try {
    id = await placed(values)
  } catch (error) {
    if (!(error instanceof GhlError || error instanceof Refusal)) throw error
    return { values, problem: said(error) }
  }
  redirect(`/orders/${id}?token=${await (await engine()).orderToken(id)}`)
}

async function placed(values: Record<string, string>): Promise<string> {
  const { key = '', product = '', firstName, lastName, email, phone, notes } = values
  const { line1 = '', city = '', postalCode = '', country = '' } = values
  const customer = { firstName, lastName, email, ...(phone && { phone }) }
  const shippingAddress = { line1, city, postalCode, country }
  const wanted = { product, customer, shippingAddress, ...(notes && { installationNotes: notes }) }
  const { row } = await place(wanted, 'form', key)
  return row.id
}

/** What a customer is told of it. */
function said(error: GhlError | Refusal): string {
  const field = error instanceof GhlError && error.code === 'invalid_argument' ? error.field?.split('.').at(-1) : undefined
  const names: Record<string, string> = { email: 'e-mail address', phone: 'phone number, with its country code,', line1: 'street' }
  if (field !== undefined) return `Please look at the ${names[field] ?? field} once more.`
  return 'We could not take your order just now. Please send it again in a moment; it is placed only once.'
}
