import { once } from 'node:events'
import { createServer } from 'node:net'

/** A server that knows no HTTP: it reads a request, answers by bytes, and closes the connection. */
export class Raw {
  requests = []
  connections = 0
  /** How many bytes of answers were handed to the network. */
  written = 0
  #open = new Set()
  #server = createServer((socket) => {
    this.connections += 1
    this.#open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#open.delete(socket))
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      const before = complete(text)
      text += chunk
      if (before || !complete(text)) return
      this.requests.push(text)
      this.#answer(socket).catch(() => socket.destroy())
    })
  })

  /** Starts one whose answer is pieces: texts, `{ flood: bytes }`, `{ trickle: text }` without end, or `'silence'`. */
  static async start(...pieces) {
    const raw = new Raw()
    raw.pieces = pieces
    raw.#server.listen(0, '127.0.0.1')
    await once(raw.#server, 'listening')
    raw.port = raw.#server.address().port
    raw.url = `http://127.0.0.1:${raw.port}`
    return raw
  }

  get open() {
    return this.#open.size
  }

  stop() {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
  }

  async #answer(socket) {
    for (const piece of this.pieces) {
      if (piece === 'silence') return
      else if (typeof piece === 'string') socket.write(piece)
      else if (piece.flood) await this.#flood(socket, piece.flood)
      else while (!socket.destroyed) await this.#write(socket, piece.trickle), await pause(5)
    }
    socket.end()
  }

  async #flood(socket, bytes) {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    for (let left = bytes; left > 0 && !socket.destroyed; left -= chunk.length) {
      await this.#write(socket, chunk)
      this.written += chunk.length
    }
  }

  /** Resolves once the network has taken it, or the client is gone. */
  #write(socket, bytes) {
    return new Promise((resolve) => {
      socket.once('close', resolve)
      socket.write(bytes, () => (socket.off('close', resolve), resolve()))
    })
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function complete(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = Number(/^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0)
  return text.length - end - 4 >= length
}
