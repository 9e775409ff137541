// A shop that was built, beside a stand-in for GHL and a database of its own, and a browser that looks at it.
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import pg from 'pg'
import { chromium } from 'playwright-core'

import { environment, SHOP_TOKEN, startMock, startPostgres, startShop } from '../scripts/services.mjs'
import { sample } from '../scripts/samples.mjs'

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 900 }

/** Starts all of it; `stop` ends what would keep the process open. */
export async function open({ flags = ['--limit', '0'], env: more = {} } = {}) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [mockUrl, databaseUrl] = await Promise.all([startMock(url, ...flags), startPostgres()])
  const env = { ...(await environment({ shopUrl: url, mockUrl, databaseUrl })), ...more }
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  // The server is thrown away before its clients say goodbye.
  database.on('error', () => undefined)
  const shop = new Shop(url, mockUrl, database, () => startShop('start', env, port))
  await shop.start()
  return shop
}

class Shop {
  #launch
  #child
  #browser

  constructor(url, mockUrl, database, launch) {
    Object.assign(this, { url, mockUrl, database })
    this.#launch = launch
  }

  async start() {
    this.#child = await this.#launch()
  }

  /** Ends the shop as a power cut would. */
  async kill() {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async stop() {
    await this.#browser?.close()
    await this.database.end()
    await this.kill()
  }

  /** A page of a browser that has seen nothing yet. What goes wrong in it is in `page.problems`. */
  async page(options = {}) {
    this.#browser ??= await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    })
    const context = await this.#browser.newContext({ viewport: DESKTOP, timezoneId: 'Europe/Helsinki', ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.problems = []
    page.on('pageerror', (error) => page.problems.push(error.message))
    page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()))
    return page
  }

  /** Asks the shop. */
  fetch(path, init) {
    return fetch(this.url + path, { redirect: 'manual', ...init })
  }

  /** Asks it as one of its programs would. */
  post(path, body, headers = {}) {
    const init = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }
    const own = { 'content-type': 'application/json', authorization: `Bearer ${SHOP_TOKEN}` }
    return this.fetch(path, { ...init, headers: { ...own, ...headers } })
  }

  /** Places an order, which is `status` then, and waits until GHL has it. */
  async order(index, status) {
    const { id, token, orderNumber } = await (await this.post('/api/orders', sample(index))).json()
    const opportunity = () => this.opportunity(orderNumber)
    await until(opportunity, `order ${orderNumber} in GHL`)
    if (status !== undefined) {
      const answer = await this.post(`/api/orders/${id}/status`, { status })
      if (!answer.ok) throw new Error(await answer.text())
      await until(async () => (await opportunity()).fieldsOfContact.order_status === status, `order ${orderNumber} ${status} in GHL`)
    }
    return { id, token, orderNumber, page: `${this.url}/orders/${id}?token=${token}` }
  }

  /** What the stand-in holds. */
  async ghl() {
    return (await fetch(`${this.mockUrl}/__mock/state`)).json()
  }

  /** Does what a person in GHL does, or makes something go wrong there. */
  async steer(name, body) {
    const answer = await fetch(`${this.mockUrl}/__mock/${name}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(await answer.text())
  }

  /** The card of an order, with the fields of its contact. */
  async opportunity(orderNumber) {
    const { opportunities, contacts } = await this.ghl()
    const card = opportunities.find(({ name }) => name === `Order #${orderNumber}`)
    return card && { ...card, fieldsOfContact: contacts.find(({ id }) => id === card.contactId).fieldsByKey }
  }

  async rows(query, ...values) {
    return (await this.database.query(query, values)).rows
  }

  /** All that a request that is refused must leave as it was: orders, bookings and webhooks here, people and cards in GHL. */
  async written() {
    const [rows] = await this.rows(`SELECT
      (SELECT jsonb_agg(o ORDER BY id) FROM (SELECT id, status, ghl_contact_id, installation_status FROM orders) o) AS orders,
      (SELECT count(*)::int FROM ghlkit_bookings) AS bookings,
      (SELECT count(*)::int FROM webhook_events) AS webhooks`)
    const { contacts, opportunities, appointments } = await this.ghl()
    return { ...rows, people: contacts.length, cards: opportunities.map(({ name, stageKey }) => [name, stageKey]), appointments }
  }
}

/** Waits until `look` gives something, and gives that. */
export async function until(look, what, capMs = 20_000) {
  for (const end = Date.now() + capMs; ; ) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error(`waited ${capMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Keeps a picture of a page, where they are wanted. */
export async function shot(page, name) {
  const folder = process.env.GHLKIT_SHOTS
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  const { width } = page.viewportSize()
  await page.screenshot({ path: join(folder, `${name}-${width < 600 ? 'phone' : 'desktop'}.png`), fullPage: true })
}

async function freePort() {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
