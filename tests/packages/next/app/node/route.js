import * as ghlkit from '@ghlkit/node'

import { route } from '../answer.js'

export const POST = route(ghlkit)
