// What the guide's snippets take as given: what was opened before, and what is the reader's own.
import type { Ghl, OAuth, OrderData, OrderSync } from '@ghlkit/node'

declare global {
  const sync: OrderSync
  const ghl: Ghl
  const oauth: OAuth

  const order: OrderData
  const orderId: string
  const contactId: string
  const locationId: string
  const pipelineId: string
  const token: string
  const secret: string
  const key: string
  const sessionCookie: string
  const signal: AbortSignal
  const request: Request

  const db: {
    orders: { cursor(): AsyncIterable<OrderData>; count(): Promise<number> }
    setStatus(contactId: string, status: string): Promise<void>
  }
  const plant: { order(id: string): Promise<{ percent?: number }> }
  const askThePlant: (orderId: string) => Promise<number | undefined>
  const carrier: { print(order: OrderData): Promise<string> }
  const mail: { send(mail: { to: string | undefined; subject: string; html: string }): Promise<void> }
  const report: (message: string, more: object) => void
  const show: (data: unknown) => void
}
