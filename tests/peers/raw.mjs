// A WebSocket server that plays each connection the frames it is told: `node raw.mjs '{"scripts":[["0{…}","40…"], …]}'`. What
// follows the last script is the last one again. A frame `{"bytes":n}` is n bytes of text, `{"binary":n}` n binary ones,
// `{"waitMs":n}` a pause, and `"close"` the end. It says its port first, and each line it is given is answered by what came.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { WebSocketServer } from 'ws'

const { scripts = [[]], status } = JSON.parse(process.argv[2] ?? '{}')
const http = createServer()
const server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 })
const seen = { connections: 0, frames: [] }

http.on('upgrade', (request, socket, head) => {
  const script = scripts[Math.min(seen.connections, scripts.length - 1)]
  seen.connections += 1
  if (status !== undefined) {
    socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`)
    return
  }
  server.handleUpgrade(request, socket, head, (client) => play(client, script))
})

async function play(client, script) {
  client.on('message', (data) => seen.frames.push(data.toString()))
  client.on('error', () => {})
  for (const frame of script) {
    if (typeof frame === 'string' && frame !== 'close') client.send(frame)
    else if (frame === 'close') client.close()
    else if (frame.bytes !== undefined) client.send(`4${'x'.repeat(frame.bytes)}`)
    else if (frame.binary !== undefined) client.send(Buffer.alloc(frame.binary))
    else await new Promise((resolve) => setTimeout(resolve, frame.waitMs))
  }
}

createInterface(process.stdin)
  .on('line', () => console.log(JSON.stringify(seen)))
  .on('close', () => process.exit())

http.listen(0, '127.0.0.1', () => console.log(http.address().port))
