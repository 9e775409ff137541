import { handle } from '../worker.mjs'

const env = Deno.env.toObject()
const options = { hostname: '127.0.0.1', port: Number(env.PORT ?? 0), onListen: ({ port }) => console.log(`listening on ${port}`) }
Deno.serve(options, (request) => handle(request, env))
