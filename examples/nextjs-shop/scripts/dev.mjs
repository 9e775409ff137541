// `npm run dev`: the shop, a stand-in for GHL and a database that is thrown away. No account is needed.
import { placeSamples } from './samples.mjs'
import { environment, SHOP_TOKEN, startMock, startPostgres, startShop } from './services.mjs'

const port = Number(process.env.PORT ?? 3000)
const shopUrl = `http://localhost:${port}`
const [mockUrl, databaseUrl] = await Promise.all([startMock(shopUrl), startPostgres()])
const shop = await startShop('dev', await environment({ shopUrl, mockUrl, databaseUrl }), port)
const [order] = await placeSamples(shopUrl)

console.log(`
  The shop            ${shopUrl}
  A customer's order  ${shopUrl}/orders/${order.id}?token=${order.token}
  The sync            ${shopUrl}/admin/sync    (token: ${SHOP_TOKEN})
  The stand-in        ${mockUrl}/__mock/state

  Move a card as a person in GHL would:
    curl ${mockUrl}/__mock/stage -d '{"opportunityId": "…", "stage": "Delivered"}'
`)
shop.once('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
