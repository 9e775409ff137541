import { Pool } from 'pg'

import { kept } from './kept'

/** The shop's own database, in which ghlkit keeps its tables too. */
export const database = (): Pool => kept('pool', () => new Pool({ connectionString: process.env.DATABASE_URL, max: 5 }))

/** What the shop has of an order. ghlkit adds its columns when it is opened. */
export const SCHEMA = `
  CREATE SEQUENCE IF NOT EXISTS order_numbers START 1042;
  CREATE TABLE IF NOT EXISTS orders (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    order_number TEXT NOT NULL UNIQUE DEFAULT nextval('order_numbers'),
    request_key TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL DEFAULT 'order_placed',
    details JSONB NOT NULL,
    placed_at TIMESTAMPTZ NOT NULL DEFAULT now()
  );`
