// The shop's route as it is today, on Node's `http`: the peer of `receiver_axum`. Arguments: path, secret. It says its port first,
// and to `cpu` its CPU time so far, in nanoseconds.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'

import { usersJs } from '../bindings/peers.mjs'

const [path, secret] = process.argv.slice(2)
const answer = (response, status, body) => {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== path) return answer(response, 404, { error: 'Not found' })
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    let mapped
    try {
      mapped = usersJs(Buffer.concat(chunks), request.headers['x-ghl-signature'] ?? '', secret)
    } catch {
      return answer(response, 401, { error: 'Invalid signature' })
    }
    if (mapped.status !== 'manufacturing') return answer(response, 404, { error: 'Unknown stage' })
    answer(response, 200, { success: true })
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

createInterface(process.stdin)
  .on('line', () => {
    const { user, system } = process.cpuUsage()
    console.log((user + system) * 1000)
  })
  .on('close', () => process.exit())
