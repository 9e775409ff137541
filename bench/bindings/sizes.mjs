// What is sent to an edge runtime, and what is installed on a server.

import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { row } from '../harness.mjs'

function gzipped(paths) {
  return paths.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0)
}

export function sizeRows({ nodeDist, wasmFull, wasmVerify }) {
  const addon = readdirSync(nodeDist).find((name) => name.endsWith('.node'))
  return [
    row('wasm_gzip_bytes', 'bytes', gzipped(wasmFull)),
    row('wasm_verify_gzip_bytes', 'bytes', gzipped(wasmVerify)),
    row('node_addon_bytes', 'bytes', statSync(join(nodeDist, addon)).size),
  ]
}
