import { OrderSync } from '@ghlkit/node'

const sync = OrderSync.open({ worker: false })

/** Verifies, and keeps what came for the engine, each webhook once. */
export const POST = async (request) => (await sync).handlers.webhook(request)
