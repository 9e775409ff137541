// A shop that places one order and ends, to have something to look at: its settings are the variables of the guide.
import { OrderSync } from '@ghlkit/node'

const id = process.argv[2] ?? '1042'
const sync = await OrderSync.open({ worker: false })
const { state } = await sync.createOrder({
  id,
  orderNumber: `IS-${id}`,
  total: { amount: '4999.00', currency: 'EUR' },
  customer: { firstName: 'Žofie', lastName: 'Nováková', email: `zofie.${id}@example.com` },
  product: { name: 'Barrel sauna' },
  shippingAddress: { line1: 'Dlouhá 12', city: 'Praha', postalCode: '110 00', country: 'CZ' },
})
console.log(state)
await sync.close()
