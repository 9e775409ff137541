import { once } from 'node:events'
import { createServer } from 'node:http'

/** A GHL that answers what it is told, and keeps what it was asked. */
export class Scripted {
  /** Bodies; or functions that answer otherwise. */
  replies = []
  /** The same for what they do not reach. */
  always
  requests = []
  /** The headers of each. */
  headers = []
  #server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const { method, url, headers } = request
    this.requests.push({ line: `${method} ${url}`, body: body === '' ? undefined : JSON.parse(body), version: headers.version })
    this.headers.push(headers)
    response.setHeader('content-type', 'application/json')
    const reply = this.replies.shift() ?? this.always ?? {}
    if (typeof reply === 'function') reply(response, request)
    else response.end(JSON.stringify(reply))
  })

  async start() {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${this.#server.address().port}`
    return this.url
  }

  stop() {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}
