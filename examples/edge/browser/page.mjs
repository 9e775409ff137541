// A page that shows what a webhook says. It has no token, and the package would refuse one here.
import { GhlError, init, progressFor, statusForStage, webhooks } from '@ghlkit/wasm/verify'

const form = document.querySelector('form')
const output = document.querySelector('output')

await init(new URL('./ghlkit.wasm', import.meta.url))

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const { body, signature, secret } = Object.fromEntries(new FormData(form))
  output.textContent = JSON.stringify(read(body, signature, secret))
})
output.textContent = 'ready'

function read(body, signature, secret) {
  try {
    const { contactId, stage } = webhooks.constructEvent(body, { 'x-ghl-signature': signature }, { hmac: secret })
    const status = stage === undefined ? undefined : statusForStage(stage)
    return { contactId, status, progress: status && progressFor(status) }
  } catch (error) {
    if (!(error instanceof GhlError)) throw error
    return { error: error.message, code: error.code }
  }
}
