import * as ghlkit from '@ghlkit/wasm'

import { route } from '../answer.js'

export const runtime = 'edge'
export const POST = route(ghlkit)
