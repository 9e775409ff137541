import { handle } from '../worker.mjs'

export const config = { runtime: 'edge' }

export default (request) => handle(request, process.env)
