import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { before, describe, test } from 'node:test'

import { refused } from './support/errors.mjs'
import { ghlkit, nodeOnly } from './support/package.mjs'
import { order, startShop } from './support/shop.mjs'
import { until } from './support/until.mjs'

describe('notifications', nodeOnly, () => {
  let shop
  before(async () => {
    shop = await startShop()
  })

  const texts = async (contactId, kind) => {
    const { messages } = await shop.mock.state()
    return messages.filter((one) => one.contactId === contactId && one.messageType === kind).map((one) => one.body)
  }

  test('reach the customer through GHL, once a status and channel', async () => {
    const sync = await shop.open({ notifications: { email: {}, sms: {}, shopName: 'Ilio', locale: 'de' } })
    const customer = { firstName: 'Aino', email: 'told@example.com', phone: '+358401234567', locale: 'en' }
    const { contactId } = await sync.createOrder(order('told', { customer }))
    await sync.updateStatus('told', 'shipped')
    await until(async () => (await texts(contactId, 'Email')).length === 2, 'two e-mails')
    await until(async () => (await texts(contactId, 'SMS')).length === 2, 'two text messages')
    assert.deepEqual(await texts(contactId, 'SMS'), [
      'Ilio: Thank you! We have received your order #N-told.',
      'Ilio: Your order #N-told is on its way to you.',
    ])
    assert.match((await texts(contactId, 'Email'))[0], /Hello Aino,/)
    // GHL has a message a moment before it is written down that it was sent.
    const listed = () => sync.notifications.list({ orderId: 'told', channel: 'sms' })
    await until(async () => (await listed()).every(({ state }) => state === 'done'), 'both are written down')
    assert.deepEqual((await listed()).map(({ message }) => message), ['status.order_placed', 'status.shipped'])
    await sync.notifications.send('told', 'status.shipped', 'sms')
    await until(async () => (await texts(contactId, 'SMS')).length === 3, 'one by hand')
    await sync.close()
  })

  test('are handed to the code of the shop, again where it fails and until it says not to', async () => {
    const heard = []
    const sync = await shop.open({
      notifications: {
        shopName: 'Ilio',
        async send(message) {
          heard.push(message)
          if (message.orderId === 'never') throw Object.assign(new Error('no such mailbox'), { retryable: false })
          if (heard.length === 1) throw new Error('the mail service is down')
          return `mail-${message.id}`
        },
      },
    })
    await sync.createOrder(order('hook'))
    await until(() => heard.length === 1, 'the first try')
    const [waiting] = await until(
      async () => {
        const rows = await sync.notifications.list({ orderId: 'hook', state: 'waiting' })
        return rows.length > 0 && rows
      },
      'it waits to be repeated',
    )
    assert.equal(waiting.error.code, 'handler_failed')
    assert.match(waiting.error.message, /the mail service is down/)
    const { subject, text, html, sms, email, name, locale, firstName } = heard[0]
    assert.deepEqual({ email, name, locale, firstName }, {
      email: 'hook@example.com',
      name: 'status.order_placed',
      locale: 'en',
      firstName: 'Žofie',
    })
    assert.equal(subject, 'Thank you for your order #N-hook')
    assert.ok(text.startsWith('Hello Žofie,') && html.startsWith('<!doctype html>') && sms.startsWith('Ilio: '))

    await sync.createOrder(order('never'))
    const dead = await until(async () => (await sync.notifications.list({ state: 'dead' }))[0], 'it is given up')
    assert.deepEqual([dead.orderId, dead.error.code], ['never', 'refused'])
    assert.equal(await sync.notifications.replay(dead.id), true)
    await until(() => heard.filter((one) => one.orderId === 'never').length === 2, 'it is tried again')
    assert.equal(heard[1].id, heard[2].id)
    await sync.close()
  })

  test('are posted to a URL, signed', async () => {
    const posted = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      posted.push({ headers: request.headers, body })
      response.writeHead(204).end()
    })
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${server.address().port}/in`
    const sync = await shop.open({ notifications: { webhook: { url, secret: 's3cret' } } })
    await sync.createOrder(order('posted'))
    await until(() => posted.length > 0, 'it is posted')
    const [{ headers, body }] = posted
    assert.equal(headers['x-ghlkit-signature'], createHmac('sha256', 's3cret').update(body).digest('hex'))
    const { type, orderId, payload } = JSON.parse(body)
    assert.deepEqual([type, orderId, payload.status], ['status_changed', 'posted', 'order_placed'])
    await sync.close()
    server.close()
    server.closeAllConnections()
  })

  test('can be previewed, in the words of the shop', async () => {
    const templates = { en: { 'status.shipped': { subject: '{{product}} is coming', body: '<{{firstName}}>' } } }
    const sync = await shop.open({ worker: false, notifications: { templates } })
    const { subject, html } = await sync.notifications.preview('status.shipped')
    assert.equal(subject, 'Barrel sauna is coming')
    assert.match(html, /&lt;Žofie&gt;/)
    const { text } = await sync.notifications.preview('installation.scheduled', { locale: 'de' })
    assert.match(text, /12\. März 2027/)
    await sync.close()
  })

  test('refuse what is wrong, and write nothing', async () => {
    const sync = await shop.open({ worker: false, notifications: { email: {}, sms: {} } })
    await sync.createOrder(order('bad'))
    const { notifications } = sync
    const before = (await notifications.list()).length
    await refused(() => notifications.preview('status.nowhere'), 'invalid_argument', 'message')
    await refused(() => notifications.preview('status.shipped', { locale: '?' }), 'invalid_argument', 'locale')
    await refused(() => notifications.send('bad', 'status.shipped', 'sms'), 'invalid_argument', 'customer.phone')
    await refused(() => notifications.send('bad', 'status.shipped', 'pigeon'), 'invalid_argument', 'channel')
    await refused(() => notifications.send('bad', 'status.shipped', 'hook'), 'invalid_argument', 'channel')
    await refused(() => notifications.send('nosuch', 'status.shipped', 'email'), 'order_not_found')
    await refused(() => notifications.list({ channel: 'pigeon' }), 'invalid_argument', 'channel')
    await refused(() => notifications.replay('1'), 'invalid_argument', 'deliveryId')
    assert.equal((await notifications.list()).length, before)
    await sync.close()
    const open = (notifications) => () => ghlkit.OrderSync.open(shop.options({ notifications }))
    await refused(open({ send: 'me' }), 'invalid_argument', 'notifications.send')
    await refused(open({ email: { form: 'x' } }), 'invalid_argument', 'notifications.email.form')
    await refused(open({ webhook: { url: 'http://a.example', secret: 'x' } }), 'config', 'notifications.webhook.url')
    await refused(
      open({ templates: { en: { 'status.shipped': { sms: '{{nmae}}' } } } }),
      'config',
      'notifications.templates.en.status.shipped.sms',
    )
  })
})
