// What happens in GHL, on the page that a customer has open.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { open, PHONE, shot, until } from './support.mjs'

describe('an open page', () => {
  let shop, order, page
  before(async () => {
    shop = await open()
    order = await shop.order(0, 'manufacturing')
    page = await shop.page({ viewport: PHONE })
    await page.goto(order.page)
    // What a page that is loaded again would have lost.
    await page.evaluate(() => (window.stayed = true))
  })
  after(() => shop.stop())

  const bar = () => page.getByRole('progressbar').getAttribute('aria-valuenow')
  const shows = (percent) => until(async () => (await bar()) === `${percent}`, `${percent} %`)
  const stage = async (name) => {
    const { id } = await shop.opportunity(order.orderNumber)
    await shop.steer('stage', { opportunityId: id, stage: name })
  }
  const step = () => page.locator('[aria-current=step]').textContent()
  const stayed = async () => assert.equal(await page.evaluate('window.stayed'), true, 'the page was loaded again')

  test('follows the workshop', async () => {
    await shows(50)
    assert.equal((await shop.post(`/api/manufacturing/${order.id}`, { percent: 40 })).status, 200)
    await shows(56)
    await page.getByText('The workshop is 40\u00a0% done.').waitFor()
    await shot(page, 'order-manufacturing')
    await stayed()
  })

  test('follows a card that somebody moves in GHL', async () => {
    await stage('Shipped')
    await shows(75)
    assert.equal(await step(), 'Shipped')
    await page.getByRole('button', { name: 'Choose a day' }).waitFor()
    await stayed()
  })

  test('follows an installation that another page books', async () => {
    const headers = { authorization: `Bearer ${order.token}` }
    const { slots } = await (await shop.fetch(`/api/orders/${order.id}/installation/slots`, { headers })).json()
    assert.equal((await shop.post(`/api/orders/${order.id}/installation`, { at: slots[0].startsAt })).status, 200)
    await page.locator('.appointment').waitFor()
    await stayed()
  })

  test('learns what happened while the shop was down', async () => {
    await shop.kill()
    await shop.start()
    await stage('Delivered')
    await shows(85)
    assert.equal(await step(), 'Delivered')
    await stayed()
  })
})
