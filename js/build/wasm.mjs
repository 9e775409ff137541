import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { build as bundle } from 'esbuild'

import { PROJECT, packageFolder } from './paths.mjs'
import { writeDeclarations } from './types.mjs'

/** The entries of the package, each with its module: the folder's name, the source, the condition of `#binding`. */
const ENTRIES = [
  ['full', 'wasm', 'ghlkit-wasm'],
  ['verify', 'verify', 'ghlkit-verify'],
]

/** The hosts that load the module each in their own way, and the formats they read. */
const HOSTS = [
  ['edge-light', ['esm']],
  ['workerd', ['esm']],
  ['node', ['esm', 'cjs']],
  ['web', ['esm', 'cjs']],
]

/** In CommonJS there is no `import.meta`; in a browser what bundles it says where the module is. */
const URL_OF_CJS = {
  node: {
    define: { 'import.meta.url': 'url' },
    banner: { js: "const url = require('node:url').pathToFileURL(__filename).href" },
  },
  web: { define: { 'import.meta.url': 'undefined' } },
}

/** `@ghlkit/wasm`: a bundle for each entry, host and format, beside the module. */
export async function build() {
  const dist = join(packageFolder('wasm'), 'dist')
  for (const [entry, source, condition] of ENTRIES) {
    const folder = join(dist, entry)
    const raw = join(dist, 'raw', entry)
    if (!existsSync(raw)) throw new Error(`${raw}: build the WASM modules first`)
    copyFileSync(join(raw, 'ghlkit.wasm'), join(folder, 'ghlkit.wasm'))
    for (const [host, formats] of HOSTS) {
      for (const format of formats) {
        await bundle({
          entryPoints: [join(PROJECT, 'src', `${source}.ts`)],
          outfile: join(folder, `${host}.${format === 'esm' ? 'mjs' : 'cjs'}`),
          bundle: true,
          format,
          target: 'es2022',
          conditions: [condition],
          external: ['node:*', './ghlkit.wasm', './ghlkit.wasm?module'],
          plugins: [glue(join(raw, `${host}.mjs`))],
          minify: true,
          charset: 'utf8',
          logLevel: 'warning',
          // The smaller module lacks what its bundle does not use.
          logOverride: entry === 'verify' ? { 'import-is-undefined': 'silent' } : {},
          ...(format === 'cjs' ? URL_OF_CJS[host] : {}),
        })
      }
    }
  }
}

/** Its declarations, and that of its modules as hosts import them. */
export function writeTypes(declarations) {
  const dist = join(packageFolder('wasm'), 'dist')
  for (const [entry, source] of ENTRIES) writeDeclarations(declarations, join(dist, entry), 'index', source)
  writeFileSync(join(dist, 'compiled.d.ts'), 'declare const compiled: WebAssembly.Module\nexport = compiled\n')
}

/** Puts the file that loads the module on a host in the place of `#glue`. */
const glue = (file) => ({
  name: 'glue',
  setup({ onResolve }) {
    onResolve({ filter: /^#glue$/ }, () => ({ path: file }))
  },
})
