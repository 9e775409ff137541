// Both ends of Socket.IO as npm has them: `serve`, and `receive PORT`, the peer of `socketio_receive`. Lines in: `emit N` sends so
// many events to all; `until N` is answered once so many were received; `cpu` says the CPU time so far, in nanoseconds. Each says the
// port first.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const [role, port] = process.argv.slice(2)
const commands = role === 'serve' ? await serve() : await receive(port)

createInterface(process.stdin)
  .on('line', async (line) => {
    const [word, many] = line.split(' ')
    console.log(await commands[word](Number(many)))
  })
  .on('close', () => process.exit())

async function serve() {
  const { Server } = await import('socket.io')
  const http = createServer()
  const io = new Server(http, { transports: ['websocket'] })
  const event = {
    type: 'OpportunityStageUpdate',
    locationId: 've9EPM428h8vShlRW1KT',
    id: 'wWhVuzqpRuOA1ZVWi4FC',
    contactId: 'cJAWDskpkJHbRbhAT7bs',
    name: 'Order #1042',
    monetaryValue: 4999,
    pipelineId: 'bqoAeAjLtpIBpKVKCNhs',
    pipelineStageId: 'e1ac5d4c-6a4b-4a1f-8c3b-0ee1c6a3f3a4',
    status: 'open',
    source: 'shop',
    dateAdded: '2026-01-01T12:00:00.000Z',
    timestamp: '2026-01-01T12:00:00.000Z',
  }
  http.listen(0, '127.0.0.1', () => console.log(http.address().port))
  return {
    async emit(many) {
      for (let n = 0; n < many; n++) {
        io.emit('opportunity.stage.changed', { ...event, webhookId: `wh-${n}` })
        if (n % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
      }
      return 'emitted'
    },
  }
}

async function receive(port) {
  const { io } = await import('socket.io-client')
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] })
  let [read, wanted, wake] = [0, Infinity, undefined]
  socket.on('opportunity.stage.changed', (event) => {
    if (typeof event.locationId !== 'string') throw new Error('expected an event')
    if (++read >= wanted) wake?.()
  })
  socket.on('connect', () => console.log(port))
  return {
    cpu() {
      const { user, system } = process.cpuUsage()
      return (user + system) * 1000
    },
    async until(many) {
      if (read < many) await new Promise((resolve) => ([wanted, wake] = [many, resolve]))
      return 'read'
    },
  }
}
