import type { OrderData } from '@ghlkit/node'

import { database } from './database'

/** What a customer has said, and what the shop has made of it: all of an order that its row has no column for. */
export type Details = Pick<OrderData, 'customer' | 'product' | 'total' | 'shippingAddress' | 'installationNotes'>

/** A row of the shop's. */
export interface Row {
  id: string
  orderNumber: string
  status: string
  details: Details
  placedAt: Date
}

const COLUMNS = `id, order_number AS "orderNumber", status, details, placed_at AS "placedAt"`

/** Writes an order down, unless a request with this key has done so before. */
export async function insert(key: string, details: Details): Promise<{ row: Row; made: boolean }> {
  const insertion = `INSERT INTO orders (request_key, details) VALUES ($1, $2)
    ON CONFLICT (request_key) DO NOTHING RETURNING ${COLUMNS}`
  const [row] = (await database().query<Row>(insertion, [key, details])).rows
  if (row !== undefined) return { row, made: true }
  const [before] = (await database().query<Row>(`SELECT ${COLUMNS} FROM orders WHERE request_key = $1`, [key])).rows
  if (before === undefined) throw new Error('an order that was there is gone')
  return { row: before, made: false }
}

export async function find(id: string): Promise<Row | undefined> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined
  return (await database().query<Row>(`SELECT ${COLUMNS} FROM orders WHERE id = $1`, [id])).rows[0]
}

export async function latest(limit: number): Promise<Row[]> {
  const query = `SELECT ${COLUMNS} FROM orders ORDER BY placed_at DESC, id LIMIT $1`
  return (await database().query<Row>(query, [limit])).rows
}

/** The order as GHL is to know it. */
export const orderOf = ({ id, orderNumber, status, details }: Row): OrderData => ({ id, orderNumber, status, ...details })

/** Orders that GHL has not confirmed, oldest first; most of them ghlkit knows and is at work on. */
export async function* unfinished(): AsyncGenerator<OrderData> {
  const query = `SELECT ${COLUMNS} FROM orders WHERE ghl_contact_id IS NULL ORDER BY placed_at`
  for (const row of (await database().query<Row>(query)).rows) yield orderOf(row)
}
