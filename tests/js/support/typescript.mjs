// Compiles TypeScript as a user's project would.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(dirname(fileURLToPath(import.meta.url)))
const PROJECT = join(HERE, '..', '..', 'js')

/** The ways in which a project may resolve a package: `module` and `moduleResolution`. */
export const RESOLUTIONS = [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['preserve', 'bundler'],
]

/**
 * What compiles with the tools of a project, beside the packages in a folder, and says what is wrong with files, given as
 * text by name; nothing: they compile.
 */
export function compiler(tools, home) {
  const tsc = join(dirname(createRequire(join(tools, 'package.json')).resolve('typescript/package.json')), 'bin', 'tsc')
  return (files, [module, moduleResolution], more = {}) => {
    // Under `node_modules`, which is not kept, and from where the packages are found by their names.
    const folder = mkdtempSync(join(home, 'node_modules', '.types-'))
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      const options = {
        module,
        moduleResolution,
        target: 'es2022',
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(tools, 'node_modules', '@types')],
        ...more,
      }
      const config = { compilerOptions: options, files: Object.keys(files).filter((name) => /\.[cm]?ts$/.test(name)) }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      const { status, stdout, stderr, error } = spawnSync(process.execPath, [tsc, '--project', folder], {
        encoding: 'utf8',
      })
      if (error !== undefined) throw error
      return status === 0 ? '' : stdout + stderr || `tsc ended with ${status}`
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export const complaints = compiler(PROJECT, HERE)
