// Between an engine and the stand-in: holds the creation of a contact back, and tells when it is on its way.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** Passes requests on; that of a new contact after `holdMs`. `GET /arrived` tells whether there was one. */
export async function startProxy(t, mock, holdMs) {
  let arrived = false
  const server = createServer(async (request, response) => {
    if (request.url === '/arrived') return response.end(String(arrived))
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    if (request.method === 'POST' && request.url === '/contacts/') {
      arrived = true
      await new Promise((resolve) => setTimeout(resolve, holdMs).unref())
    }
    const { method, headers } = request
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined
    const { authorization, version, 'content-type': type = 'application/json' } = headers
    const passed = { authorization, version, 'content-type': type }
    const reply = await fetch(mock.baseUrl + request.url, { method, headers: passed, body })
    response.writeHead(reply.status, { 'content-type': 'application/json' })
    response.end(Buffer.from(await reply.arrayBuffer()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const baseUrl = `http://127.0.0.1:${server.address().port}`
  return { baseUrl, options: { ...mock.options, baseUrl }, arrived: () => arrived }
}
