// A page that verifies and maps a webhook by itself.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'

import { chromium } from 'playwright-core'

import { bundle } from './hosts.mjs'

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium'

describe('a browser', { skip: PROGRAM === 'none' && 'no Chromium is installed' }, () => {
  let browser, page, server
  before(async () => {
    const { script } = await bundle('browser/page.mjs', ['browser'])
    const files = {
      '/': ['text/html', new URL('../browser/index.html', import.meta.url)],
      '/page.js': ['text/javascript', script],
      '/ghlkit.wasm': ['application/wasm', createRequire(import.meta.url).resolve('@ghlkit/wasm/verify.wasm')],
      '/with-token.js': ['text/javascript', (await bundle('test/with-token.mjs', ['browser'])).script],
    }
    server = createServer(({ url }, response) => {
      const [type, file] = files[url] ?? ['text/plain', undefined]
      response.writeHead(file === undefined ? 404 : 200, { 'content-type': type })
      response.end(file && readFileSync(file))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const args = ['--no-sandbox', '--disable-background-networking']
    browser = await chromium.launch({ executablePath: PROGRAM, args })
    page = await browser.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
    await page.getByText('ready').waitFor()
  })
  after(async () => {
    await browser?.close()
    server?.close()
  })

  const BODY = JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_shipped' })
  const read = async (body, signature, secret = 's') => {
    for (const [label, text] of Object.entries({ Body: body, Signature: signature, Secret: secret })) {
      await page.getByLabel(label).fill(text)
    }
    await page.getByRole('button').click()
    return JSON.parse(await page.locator('output').textContent())
  }
  const sign = (body, secret = 's') => createHmac('sha256', secret).update(body).digest('hex')

  test('verifies a webhook and maps its stage', async () => {
    assert.deepEqual(await read(BODY, sign(BODY)), { contactId: 'con1', status: 'shipped', progress: 75 })
  })

  test('refuses what is forged, and what is none', async () => {
    assert.equal((await read(BODY, '')).code, 'signature')
    assert.equal((await read(BODY, sign(BODY, 'another'))).code, 'signature')
    assert.equal((await read(BODY.replace('con1', 'con2'), sign(BODY))).code, 'signature')
    assert.equal((await read('{', sign('{'))).code, 'payload')
  })

  test('is given no token', async () => {
    const refusal = await page.evaluate(async () => (await import('/with-token.js')).withToken())
    assert.deepEqual(refusal, { code: 'invalid_argument', field: 'dangerouslyAllowBrowser' })
  })
})
