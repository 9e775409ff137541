import * as glue from '#glue'

import type { Binding } from '../binding.js'

/** What every core offers. */
export const binding: Binding = { ...glue }

export * from './web.js'
