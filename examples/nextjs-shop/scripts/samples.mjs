// A few orders, so that there is something to see.
import { SHOP_TOKEN } from './services.mjs'

const CUSTOMERS = [
  ['Aino', 'Virtanen', 'Kauppakatu 4', '70100', 'Kuopio', 'FI', 'barrel'],
  ['Žofie', 'Nováková', 'Dlouhá 12', '110 00', 'Praha', 'CZ', 'lakeside'],
  ['Seán', 'Ó Briain', 'Quay Street 3', 'H91 X2P0', 'Galway', 'IE', 'cabin'],
  ['Lotta', 'Lindqvist', 'Strandvägen 21', '114 56', 'Stockholm', 'SE', 'barrel'],
  ['Jonas', 'Weber', 'Seestraße 8', '82319', 'Starnberg', 'DE', 'cabin'],
]
const STATUSES = ['shipped', 'manufacturing', 'processing', 'completed']

/** Asks the shop as one of its programs would. */
export async function post(shopUrl, path, body, headers = {}) {
  const response = await fetch(shopUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SHOP_TOKEN}`, ...headers },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${JSON.stringify(answer)}`)
  return answer
}

/** An order of one of them. */
export function sample(index) {
  const [firstName, lastName, line1, postalCode, city, country, product] = CUSTOMERS[index % CUSTOMERS.length]
  const email = `customer${index + 1}@example.com`
  return { product, customer: { firstName, lastName, email }, shippingAddress: { line1, postalCode, city, country } }
}

/** Places them, each at another step; what the shop says of each. */
export async function placeSamples(shopUrl) {
  const placed = []
  for (let index = 0; index < CUSTOMERS.length; index++) {
    placed.push(await post(shopUrl, '/api/orders', sample(index), { 'idempotency-key': `sample-order-${index}` }))
  }
  for (const [index, status] of STATUSES.entries()) {
    await post(shopUrl, `/api/orders/${placed[index].id}/status`, { status })
  }
  await post(shopUrl, `/api/manufacturing/${placed[1].id}`, { percent: 40 })
  return placed
}
