// A Socket.IO server of others' making, which tests tell what to do: one JSON command a line, one JSON answer a line.
//
//   node socket-io.mjs '{"port":0,"token":"t","namespace":"/socket","recovery":true}'
//
// It says its port first.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { Server } from 'socket.io'

const options = JSON.parse(process.argv[2] ?? '{}')
const { port = 0, token, namespace = '/', recovery = false, pingInterval = 25_000, pingTimeout = 20_000, slowMs = 0 } = options

const http = createServer()
const io = new Server(http, {
  transports: ['websocket'],
  pingInterval,
  pingTimeout,
  ...(recovery ? { connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: false } } : {}),
})
const room = io.of(namespace)

/** What clients asked for, said and answered. */
const seen = { urls: [], headers: [], auths: [], refused: 0, joined: 0, recovered: 0, answers: [], emitted: [] }
const sockets = new Set()

http.on('upgrade', (request) => {
  seen.urls.push(request.url)
  seen.headers.push(request.headers)
})
http.on('connection', (socket) => {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
})
room.use((socket, next) => {
  const { token: given } = socket.handshake.auth
  seen.auths.push(socket.handshake.auth)
  const bearer = socket.handshake.headers.authorization
  if (token !== undefined && given !== token && bearer !== `Bearer ${token}`) {
    seen.refused += 1
    next(Object.assign(new Error(`${given} is not welcome`), { data: { given } }))
  } else setTimeout(next, slowMs)
})
room.on('connection', (socket) => {
  seen.joined += 1
  if (socket.recovered) seen.recovered += 1
  socket.onAny((...all) => {
    const answer = all.at(-1)
    if (typeof answer === 'function') answer('heard')
    seen.emitted.push(all.filter((one) => typeof one !== 'function'))
  })
})

const commands = {
  seen: () => seen,
  /** Emits events one after another; the n-th's `#` becomes n. */
  async emit({ event, args = [], from = 0, count = 1, everyMs = 0 }) {
    const text = JSON.stringify(args)
    for (let n = from; n < from + count; n++) {
      room.emit(event, ...JSON.parse(text.replaceAll('#', String(n))))
      if (everyMs > 0 || n % 500 === 499) await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  },
  /** Emits one to each client and waits until one has answered. */
  async ask({ event, args = [] }) {
    const [answer] = await Promise.all([...room.sockets.values()].map((one) => one.timeout(10_000).emitWithAck(event, ...args)))
    seen.answers.push(answer ?? null)
  },
  binary: ({ event }) => void room.emit(event, Buffer.from([1, 2, 3]), { more: Buffer.from([4]) }),
  /** Breaks every connection, as a network does. */
  drop: () => sockets.forEach((socket) => socket.destroy()),
  /** Ends every client's stay in good order. */
  leave: () => void room.disconnectSockets(),
}

createInterface(process.stdin)
  .on('line', async (line) => {
    const { do: name, ...given } = JSON.parse(line)
    const answer = await commands[name](given)
    console.log(JSON.stringify(answer ?? null))
  })
  .on('close', () => process.exit())

http.listen(port, '127.0.0.1', () => console.log(http.address().port))
