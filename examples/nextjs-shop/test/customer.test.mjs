// What customers do: order, look at their order, choose when it is put up.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { after, before, describe, test } from 'node:test'

import { DESKTOP, open, PHONE, shot, until } from './support.mjs'

/** What the page of an order may take, compressed. */
const MAX_SCRIPT_BYTES = 120_000

describe('a customer', () => {
  let shop
  before(async () => {
    shop = await open()
  })
  after(() => shop.stop())

  const fill = async (page, changes = {}) => {
    await page.goto(shop.url)
    await page.getByText('Garden cabin').click()
    const fields = {
      'First name': 'Žofie',
      'Last name': 'Nováková',
      'E-mail': 'zofie@example.com',
      'Street and number': 'Dlouhá 12',
      'Postal code': '110 00',
      Town: 'Praha',
      ...changes,
    }
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value)
    await page.getByLabel('Country', { exact: true }).selectOption('CZ')
  }
  const send = (page) => page.getByRole('button', { name: 'Place the order' }).click()

  for (const [name, options] of [
    ['on a phone', { viewport: PHONE }],
    ['without JavaScript', { javaScriptEnabled: false }],
  ]) {
    test(`orders a sauna ${name}, and GHL has it`, async () => {
      const page = await shop.page(options)
      const email = `${name.toLowerCase().replaceAll(' ', '-')}@example.com`
      await fill(page, { 'E-mail': email })
      await shot(page, 'shop')
      await send(page)
      await page.waitForURL(/\/orders\/.+token=/)
      await page.getByRole('heading', { name: 'Žofie, this is your garden cabin.' }).waitFor()
      const number = /Order (\d+)/.exec(await page.textContent('.order'))[1]
      const card = await until(() => shop.opportunity(number), 'the card')
      assert.equal(card.stageKey, 'stage_new_order')
      assert.equal(card.monetaryValue, 8450)
      assert.equal(card.fieldsOfContact.sauna_model, 'Garden cabin')
      const { contacts } = await shop.ghl()
      assert.equal(contacts.filter((contact) => contact.email === email).length, 1)
      assert.equal((await shop.rows('SELECT 1 FROM orders WHERE order_number = $1', number)).length, 1)
      assert.deepEqual(page.problems, [])
    })
  }

  test('is told what is wrong with an order, and loses nothing of what was written', async () => {
    const page = await shop.page()
    const before = await shop.written()
    await fill(page, { Phone: '12' })
    await send(page)
    await page.getByText('Please look at the phone number').waitFor()
    await shot(page, 'shop-problem')
    assert.equal(await page.getByLabel('Town').inputValue(), 'Praha')
    assert.equal(await page.getByLabel('Country', { exact: true }).inputValue(), 'CZ')
    assert.equal(await page.getByRole('radio', { name: 'Garden cabin' }).isChecked(), true)
    assert.deepEqual(await shop.written(), before)
    await page.getByLabel('Phone').fill('+420 601 123 456')
    await send(page)
    await page.waitForURL(/\/orders\//)
  })

  test('orders once, however often the form is sent', async () => {
    const page = await shop.page()
    const email = 'impatient@example.com'
    await fill(page, { 'E-mail': email })
    const key = await page.locator('input[name=key]').inputValue()
    await send(page)
    await page.waitForURL(/\/orders\//)
    // The browser's way back, and the button once more.
    const second = await shop.page()
    await fill(second, { 'E-mail': email })
    await second.locator('input[name=key]').evaluate((input, key) => (input.value = key), key)
    await send(second)
    await second.waitForURL(/\/orders\//)
    // Each time with a token of its own.
    assert.equal(new URL(second.url()).pathname, new URL(page.url()).pathname)
    const rows = await shop.rows(`SELECT 1 FROM orders WHERE details->'customer'->>'email' = $1`, email)
    assert.equal(rows.length, 1)
  })

  test('sees their order before any script has run, and no other', async () => {
    const order = await shop.order(0, 'processing')
    const other = await shop.order(1)
    const page = await shop.page({ javaScriptEnabled: false, viewport: PHONE })
    await page.goto(order.page)
    assert.equal(await page.getByRole('progressbar').getAttribute('aria-valuenow'), '25')
    assert.equal(await page.locator('[aria-current=step]').textContent(), 'Processing')
    await shot(page, 'order')
    for (const token of [other.token, order.token.slice(0, -1), '', undefined]) {
      const answer = await shop.fetch(`/orders/${order.id}${token === undefined ? '' : `?token=${token}`}`)
      assert.equal(answer.status, 404)
      assert.ok(!/Aino|Kauppakatu/.test(await answer.text()), token)
    }
  })

  test('loads little for it', async () => {
    const order = await shop.order(2)
    const page = await shop.page()
    const scripts = []
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body())
    })
    await page.goto(order.page, { waitUntil: 'load' })
    const bytes = (await Promise.all(scripts)).map((body) => gzipSync(body).length)
    const sum = bytes.reduce((one, other) => one + other, 0)
    assert.ok(sum > 10_000 && sum <= MAX_SCRIPT_BYTES, `${sum} bytes of scripts`)
    console.log(`the page of an order takes ${sum} bytes of scripts`)
    assert.deepEqual(page.problems, [])
  })

  for (const viewport of [PHONE, DESKTOP]) {
    test(`chooses a day, and another one, ${viewport.width} wide`, async () => {
      const order = await shop.order(viewport.width, 'shipped')
      const page = await shop.page({ viewport })
      await page.goto(order.page)
      await page.getByRole('button', { name: 'Choose a day' }).click()
      const times = page.locator('.time')
      await times.first().waitFor()
      await shot(page, 'order-times')
      const take = async (index) => {
        await times.nth(index).click()
        await page.getByRole('button', { name: 'Take this time' }).click()
        await page.locator('.times').waitFor({ state: 'detached' })
        await page.locator('.appointment').waitFor()
      }
      await page.getByLabel('For the installers').fill('Ring twice')
      await take(0)
      const [row] = await shop.rows('SELECT installation_status, ghl_appointment_id AS id FROM orders WHERE id = $1', order.id)
      assert.equal(row.installation_status, 'scheduled')
      const appointment = async () => (await shop.ghl()).appointments.filter(({ id }) => id === row.id)
      const [made] = await appointment()
      assert.match(made.description ?? made.notes ?? '', /Ring twice/)

      await page.getByRole('button', { name: 'Choose another day' }).click()
      await times.first().waitFor()
      await take(4)
      const [moved, ...more] = await appointment()
      assert.deepEqual(more, [])
      assert.notEqual(moved.startTime, made.startTime)
      await page.reload()
      await page.locator('.appointment').waitFor()
      await shot(page, 'order-booked')
      assert.deepEqual(page.problems, [])
    })
  }

  test('is offered other times where somebody was quicker', async () => {
    const [one, two] = [await shop.order(11, 'shipped'), await shop.order(12, 'shipped')]
    const third = await shop.order(13, 'shipped')
    const page = await shop.page()
    await page.goto(third.page)
    await page.getByRole('button', { name: 'Choose a day' }).click()
    const last = page.locator('.time').nth(8)
    await last.click()
    const at = await last.locator('input').inputValue()
    // Two installers, and two who come first.
    for (const { id } of [one, two]) {
      assert.equal((await shop.post(`/api/orders/${id}/installation`, { at })).status, 200)
    }
    await page.getByRole('button', { name: 'Take this time' }).click()
    await page.getByText('Somebody was quicker').waitFor()
    await page.locator('.time').first().click()
    await page.getByRole('button', { name: 'Take this time' }).click()
    await page.locator('.appointment').waitFor()
    const { appointments } = await shop.ghl()
    assert.equal(appointments.filter(({ startTime }) => Date.parse(startTime) === Date.parse(at)).length, 2)
  })
})
