import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { build as bundle } from 'esbuild'

import { PROJECT, packageFolder } from './paths.mjs'
import { writeDeclarations } from './types.mjs'

const ENTRY = join(PROJECT, 'src', 'node.ts')
const OPTIONS = {
  entryPoints: [ENTRY],
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['./native.cjs'],
  // Half the text is half the time to load it.
  minifySyntax: true,
  minifyWhitespace: true,
  charset: 'utf8',
  logLevel: 'warning',
}

/** `@ghlkit/node`: one CommonJS module, and an ES module that names what it exports. */
export async function build() {
  const dist = join(packageFolder('node'), 'dist')
  await bundle({ ...OPTIONS, format: 'cjs', outfile: join(dist, 'index.cjs') })
  const names = await exportsOf(ENTRY)
  writeFileSync(
    join(dist, 'index.mjs'),
    `import ghlkit from './index.cjs'\n\nexport const { ${names.join(', ')} } = ghlkit\n`,
  )
}

/** Its declarations. */
export function writeTypes(declarations) {
  writeDeclarations(declarations, join(packageFolder('node'), 'dist'), 'index', 'node')
}

/** What a module exports, as the bundler sees it. */
async function exportsOf(entry) {
  const { metafile } = await bundle({ ...OPTIONS, format: 'esm', write: false, metafile: true, outdir: '.' })
  const [output] = Object.values(metafile.outputs)
  return output.exports.toSorted?.() ?? [...output.exports].sort()
}
