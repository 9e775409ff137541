import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { tmpdir } from 'node:os'

import { PROJECT } from './paths.mjs'

const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

/** Checks the sources and returns their declarations, by path without `.d.ts`. */
export function declarations() {
  const folder = mkdtempSync(join(tmpdir(), 'ghlkit-types-'))
  try {
    const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--outDir', folder]
    execFileSync(process.execPath, [TSC, '--project', PROJECT, ...flags], { stdio: 'inherit' })
    const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'))
    const read = (file) => structural(readFileSync(join(folder, file), 'utf8'))
    return new Map(files.map((file) => [file.replaceAll('\\', '/').slice(0, -'.d.ts'.length), read(file)]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Without the mark of private members, two packages' declarations of one class are the same type. */
const structural = (text) => text.replace(/^ +#private;\n/gm, '')

/**
 * Writes what an entry needs of the declarations to `dist/types`, and for the entry itself `NAME.d.ts` and
 * `NAME.d.mts`, as CommonJS and as ES modules see it.
 */
export function writeDeclarations(declarations, dist, name, entry) {
  rmSync(join(dist, 'types'), { recursive: true, force: true })
  const open = [entry]
  const seen = new Set(open)
  for (let path; (path = open.pop()) !== undefined;) {
    const text = declarations.get(path)
    const file = join(dist, 'types', `${path}.d.ts`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    for (const [, target] of text.matchAll(/(?:from |import\()'(\.[^']+)\.js'/g)) {
      const next = relative('/', join('/', dirname(path), target))
      if (!seen.has(next)) open.push(next)
      seen.add(next)
    }
  }
  for (const ending of ['d.ts', 'd.mts'])
    writeFileSync(join(dist, `${name}.${ending}`), `export * from './types/${entry}.js'\n`)
}
