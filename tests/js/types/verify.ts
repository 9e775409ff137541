// The part of `@ghlkit/wasm` for webhooks alone.
import { init, initSync, statusForStage, webhooks, type ModuleSource, type WebhookEvent } from '@ghlkit/wasm/verify'
import * as wasm from '@ghlkit/wasm'
import whole from '@ghlkit/wasm/ghlkit.wasm'
import compiled from '@ghlkit/wasm/verify.wasm'

export async function loads(source: ModuleSource, module: WebAssembly.Module): Promise<void> {
  await init(source)
  initSync({ module })
  initSync({ module: compiled })
  wasm.initSync({ module: whole })
  const event: WebhookEvent = webhooks.constructEvent('', {}, { hmac: 's' })
  const same: wasm.WebhookEvent = event
  void [same, event.stage && statusForStage(event.stage)]
}

// @ts-expect-error there is no client in it
export { Ghl } from '@ghlkit/wasm/verify'
