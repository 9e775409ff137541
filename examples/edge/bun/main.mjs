import { handle } from '../worker.mjs'

const { port } = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env.PORT ?? 0),
  fetch: (request) => handle(request, process.env),
})
console.log(`listening on ${port}`)
