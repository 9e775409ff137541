import { OrderSync, type OrderSyncOptions } from '@ghlkit/node'

import { database, SCHEMA } from './database'
import { forget, kept } from './kept'
import { pusherApp } from './pusher'
import { unfinished } from './rows'

/** The engine, which the environment sets up; a process has one. */
export function engine(): Promise<OrderSync> {
  return kept('engine', () => {
    const opened = open()
    // What failed to open can be tried again.
    opened.catch(() => forget('engine'))
    return opened
  })
}

async function open(): Promise<OrderSync> {
  await makeTables()
  // How the engine works, as JSON: for instance how soon after a crash what a process had in hand is taken up again.
  const tuned = JSON.parse(process.env.SHOP_SYNC ?? '{}') as OrderSyncOptions['sync']
  const notifications = pusherApp() === null ? undefined : { pusher: { private: true } }
  const sync = await OrderSync.open({ currency: 'EUR', sync: tuned, notifications })
  await sync.schedule('reconcile', '0 3 * * *', () => sync.reconcile())
  // A process that ended between the shop's own row and ghlkit's left an order that GHL would never hear of.
  await sync.import(unfinished(), { onError: ({ error }) => console.error('an order was not taken in:', error) })
  return sync
}

/** Processes that start at the same moment wait for each other. */
async function makeTables(): Promise<void> {
  const client = await database().connect()
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('shop')); ${SCHEMA} COMMIT;`)
  } finally {
    client.release()
  }
}
