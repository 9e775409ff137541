// What both packages have is of the same types: code can be written for either.
import * as node from '@ghlkit/node'
import * as wasm from '@ghlkit/wasm'

type Common = Omit<typeof node, 'Database' | 'OAuth' | 'OrderSync' | 'monitor'>

export const one: Common = wasm
export const other: Omit<typeof wasm, 'init' | 'initSync' | 'listen'> = node

export function exchange(ghl: node.Ghl, event: node.WebhookEvent, error: node.GhlError, model: node.StatusModel): void {
  const client: wasm.Ghl = ghl
  const received: wasm.WebhookEvent = event
  const failure: wasm.GhlError = error
  const statuses: wasm.StatusModel = model
  const back: [node.Ghl, node.WebhookEvent, node.GhlError, node.StatusModel] = [client, received, failure, statuses]
  void back
  void wasm.orders.push(ghl, { contactId: 'c' }, 'shipped')
}

export function narrow(error: node.GhlError): void {
  if (error instanceof wasm.SignatureError) void (error.code satisfies 'signature' | 'stale')
  else void (error.code satisfies node.ErrorCode)
}
