// What the shop's people do: look at the sync, and mend it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'

import { sample } from '../scripts/samples.mjs'
import { SHOP_TOKEN } from '../scripts/services.mjs'
import { open, PHONE, shot, until } from './support.mjs'

const CLIENT = '65f0c0ffee0000000000abcd-saunaapp'
const LOCATION = JSON.stringify({ locationId: 'SaunaLocation0000001' })

describe('the shop', () => {
  let shop, page
  before(async () => {
    shop = await open({
      env: {
        GHL_CLIENT_ID: CLIENT,
        GHL_CLIENT_SECRET: 'mock-client-secret',
        GHL_REDIRECT_URI: 'https://shop.example/api/auth/ghl/callback',
        GHL_SCOPES: 'contacts.readonly contacts.write',
        GHLKIT_TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      },
    })
    page = await shop.page()
  })
  after(() => shop.stop())

  const signIn = async (page, token) => {
    await page.goto(`${shop.url}/admin/sync`)
    await page.getByLabel('Token of the shop').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  test('lets in whom it knows', async () => {
    await shop.order(0)
    await signIn(page, 'another token, as long')
    await page.getByText('That is not the token of the shop.').waitFor()
    assert.equal(await page.getByText('Latest orders').count(), 0)
    await signIn(page, SHOP_TOKEN)
    await page.getByRole('heading', { name: 'Latest orders' }).waitFor()
    assert.equal(await page.getByText('Aino Virtanen').count(), 1)
    const [cookie] = await page.context().cookies()
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['shop_session', true, 'Lax'])
    // A session that somebody has made up, or one that has ended.
    for (const value of ['1.x', cookie.value.slice(0, -1), `9${cookie.value.slice(1)}`]) {
      const answer = await shop.fetch('/admin/sync', { headers: { cookie: `shop_session=${value}` } })
      assert.ok(!(await answer.text()).includes('Aino'), value)
    }
  })

  test('sees a job that was given up, and replays it', async () => {
    await shop.steer('faults', { rules: [{ nth: 1, method: 'POST', path: '/opportunities/', fault: { status: 403 } }] })
    const placed = await (await shop.post('/api/orders', sample(1))).json()
    const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: `Replay order ${placed.orderNumber}` }) })
    // The page is drawn anew by itself.
    await row.waitFor()
    await shot(page, 'sync-given-up')
    assert.equal(await shop.opportunity(placed.orderNumber), undefined)
    const [dead] = await shop.rows(`SELECT id FROM ghlkit_jobs WHERE state = 'dead'`)
    assert.ok(dead !== undefined)
    await row.getByRole('button').click()
    const card = await until(() => shop.opportunity(placed.orderNumber), 'the card')
    assert.equal(card.stageKey, 'stage_new_order')
    await row.waitFor({ state: 'detached' })
    assert.deepEqual(await shop.rows(`SELECT id FROM ghlkit_jobs WHERE state = 'dead'`), [])
  })

  test('moves an order', async () => {
    const order = await shop.order(2)
    const select = page.getByLabel(`Status of order ${order.orderNumber}`, { exact: true })
    await select.selectOption({ label: 'Shipped' })
    await page.getByRole('button', { name: `Set the status of order ${order.orderNumber}` }).click()
    await until(async () => (await shop.opportunity(order.orderNumber)).stageKey === 'stage_shipped', 'the stage')
    await until(async () => (await select.inputValue()) === 'shipped', 'the page')
  })

  test('compares, and has the set-up looked at', async () => {
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.getByText('3 cards and 3 contacts compared').waitFor()
    await page.getByRole('button', { name: 'Look at the set-up' }).click()
    await page.getByText('duplicate_opportunity').waitFor()
    assert.equal(await page.locator('.look .pill.failed').count(), 0)
  })

  test('sees webhooks and what was said of them', async () => {
    assert.equal((await shop.post('/api/webhooks/ghl/order-status', '{}', { 'x-ghl-signature': 'forged' })).status, 401)
    await page.getByText('signature 1').waitFor()
    assert.ok((await page.locator('.lines time').count()) > 3)
    await until(async () => (await page.locator('.plot svg').count()) === 2, 'the plots')
    await shot(page, 'sync')
    await page.setViewportSize(PHONE)
    await shot(page, 'sync')
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), PHONE.width)
    assert.deepEqual(page.problems, [])
  })

  test('installs the app', async () => {
    const [{ value }] = await page.context().cookies()
    const session = { headers: { cookie: `shop_session=${value}` } }
    const consent = await shop.fetch('/api/auth/ghl', session)
    assert.equal(consent.status, 302)
    const state = new URL(consent.headers.get('location')).searchParams.get('state')
    const code = async () => (await (await fetch(`${shop.mockUrl}/__mock/code`, { method: 'POST', body: LOCATION })).json()).code
    const callback = async (state) => shop.fetch(`/api/auth/ghl/callback?code=${await code()}&state=${state}`, session)
    const forged = await callback('forged')
    assert.deepEqual([forged.status, (await forged.json()).code], [400, 'invalid_argument'])
    const installed = await callback(encodeURIComponent(state))
    assert.equal(installed.status, 200, await installed.clone().text())
    assert.equal((await shop.rows('SELECT 1 FROM ghlkit_tokens')).length, 1)
  })

  test('signs out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    assert.equal((await page.context().cookies()).length, 0)
  })
})
