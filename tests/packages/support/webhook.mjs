// A webhook as GHL sends it, and what a project of a user's answers to it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'

export const SECRET = 'secret'
const BODY = JSON.stringify({ contactId: 'con1', pipelineStage: 'stage_shipped' })
const sign = (secret) => createHmac('sha256', secret).update(BODY).digest('hex')

/** What is said of a webhook, good or forged, by an `answer` to its body, its headers and the secret. */
export async function judged(answer) {
  const ask = (signature) => answer(BODY, { 'x-ghl-signature': signature }, SECRET)
  assert.deepEqual(await ask(sign(SECRET)), { contactId: 'con1', status: 'shipped' })
  assert.deepEqual(await ask(sign('another')), { code: 'signature' })
}

/** A user's module, which answers so by a package. */
export const entry = (name) => `
import { init, statusForStage, webhooks } from '${name}'

export { init }

export function answer(body, headers, secret) {
  try {
    const { contactId, stage } = webhooks.constructEvent(body, headers, { hmac: secret })
    return { contactId, status: statusForStage(stage) }
  } catch ({ code }) {
    return { code }
  }
}
`
