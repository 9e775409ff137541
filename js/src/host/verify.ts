import { evaluate, verifierNew, version, webhookOpen, webhookParse, webhookRead } from '#glue'

import type { Binding } from '../binding.js'

/** What the core offers that only verifies, reads and maps webhooks. */
export const binding: Pick<
  Binding,
  'version' | 'evaluate' | 'verifierNew' | 'webhookOpen' | 'webhookParse' | 'webhookRead'
> = {
  version,
  evaluate,
  verifierNew,
  webhookOpen,
  webhookParse,
  webhookRead,
}

export * from './web.js'
