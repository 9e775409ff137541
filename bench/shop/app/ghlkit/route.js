import { OrderSync } from '@ghlkit/node'

// Not as the module is loaded, which a build does too.
let sync

/** Verifies, and keeps what came for the engine, each webhook once. */
export async function POST(request) {
  sync ??= OrderSync.open({ worker: false })
  return (await sync).handlers.webhook(request)
}
