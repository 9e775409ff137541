// A registry with the packages as they would be published, for npm to install them from.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'

import { NAMES, archive, manifest, platforms } from './packages.mjs'

/** Packs the packages of platforms into a folder; the manifest and the archive of each package. */
function packed(folder) {
  const own = NAMES.map((name) => [manifest(name), archive(name)])
  const others = platforms().map((platform) => {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, platform.folder]
    const [{ filename }] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
    const read = JSON.parse(readFileSync(join(platform.folder, 'package.json'), 'utf8'))
    return [read, join(folder, basename(filename))]
  })
  return [...own, ...others]
}

/** Serves them until it is closed. */
export async function serve(folder) {
  const packages = new Map(packed(folder).map(([read, file]) => [read.name, { read, bytes: readFileSync(file) }]))
  const asked = []
  const server = createServer(({ url, headers }, response) => {
    const path = decodeURIComponent(url.slice(1))
    const name = path.replace(/\/-\/archive\.tgz$/, '')
    const found = packages.get(name)
    asked.push(path)
    if (found === undefined) return response.writeHead(404).end('{}')
    if (path !== name) return response.end(found.bytes)
    const { read, bytes } = found
    const dist = {
      tarball: `http://${headers.host}/${name}/-/archive.tgz`,
      integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    }
    const document = { name, 'dist-tags': { latest: read.version }, versions: { [read.version]: { ...read, dist } } }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, close: () => server.close() }
}
