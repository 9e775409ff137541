// `cargo xtask bench bindings`, and of `bench webhook` what is measured within a process: prints one JSON line a row. Arguments: the folders
// of both packages, and `webhooks` where nothing else is measured.

import { createRequire } from 'node:module'
import { join } from 'node:path'

import { coldStartRows } from './cold-start.mjs'
import { ed25519Rows } from './ed25519.mjs'
import { requireRows } from './require.mjs'
import { sizeRows } from './sizes.mjs'
import { webhookRows } from './webhook.mjs'

const [nodeFolder, wasmFolder, only] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const nodePath = join(nodeFolder, 'dist', 'index.cjs')
const wasmDist = (...names) => names.map((name) => join(wasmFolder, 'dist', name))

const rows = [
  ...(await webhookRows({ node: require(nodePath), wasm: require(wasmDist('full/node.cjs')[0]) })),
  ...ed25519Rows({ nodePath }),
  ...(await coldStartRows((name) => wasmDist(name)[0])),
]
if (only !== 'webhooks') {
  rows.push(
    ...requireRows({ nodePath, sdkPath: require.resolve('@gohighlevel/api-client') }),
    ...sizeRows({
      nodeDist: join(nodeFolder, 'dist'),
      wasmFull: wasmDist('full/web.mjs', 'full/ghlkit.wasm'),
      wasmVerify: wasmDist('verify/web.mjs', 'verify/ghlkit.wasm'),
    }),
  )
}
for (const row of rows) console.log(JSON.stringify(row))
