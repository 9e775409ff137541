// The packages as npm packs them: their archives, and what was unpacked from them into this project.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** This project. */
export const HERE = dirname(dirname(fileURLToPath(import.meta.url)))
export const NAMES = ['@ghlkit/node', '@ghlkit/wasm']

const PACKED = process.env.GHLKIT_PACKED ?? join(HERE, '..', '..', 'target', 'npm')
const require = createRequire(import.meta.url)

/** Where a package was unpacked. */
export const folder = (name) => join(HERE, 'node_modules', name)
export const manifest = (name) => JSON.parse(readFileSync(join(folder(name), 'package.json'), 'utf8'))
/** The archive it was unpacked from. */
export const archive = (name) => join(PACKED, `${name.slice(1).replace('/', '-')}-${manifest(name).version}.tgz`)
/** The packages of all platforms; those of others than this one hold no addon. */
export const platforms = () => {
  const all = join(PACKED, 'platforms')
  return readdirSync(all).map((name) => ({ name, folder: join(all, name) }))
}

/** The files of a package, by path. */
export function contents(name) {
  const root = folder(name)
  const paths = readdirSync(root, { recursive: true }).filter((path) => statSync(join(root, path)).isFile())
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path))]))
}

/** The file of a program that a dependency of this project brings. */
export function program(dependency, name) {
  const file = require.resolve(`${dependency}/package.json`)
  return join(dirname(file), require(file).bin[name])
}
