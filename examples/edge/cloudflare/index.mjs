import { handle } from '../worker.mjs'

export default { fetch: handle }
