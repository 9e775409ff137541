// Server-sent events as one writes them on Node's `http`: the peer of `sse_fanout`. Lines in: `tell N` writes the frame so often to
// all who listen; `cpu` says the CPU time so far, in nanoseconds. It says its port first.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

const [data] = process.argv.slice(2)
const open = new Set()
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform' })
  response.flushHeaders()
  response.write('retry: 1000\nid: 0\n\n')
  open.add(response)
  request.once('close', () => open.delete(response))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

let id = 0
createInterface(process.stdin).on('line', async (line) => {
  const [word, times] = line.split(' ')
  if (word === 'cpu') {
    const { user, system } = process.cpuUsage()
    return console.log((user + system) * 1000)
  }
  for (let n = 0; n < Number(times); n++) {
    const frame = `id: ${++id}\ndata: ${data}\n\n`
    for (const response of open) response.write(frame)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  console.log('told')
})
