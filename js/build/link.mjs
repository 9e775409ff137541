import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, packageFolder } from './paths.mjs'

/** Lets the suite import a package by its name, as its users do. */
export function link(host) {
  const scope = join(ROOT, 'tests', 'js', 'node_modules', '@ghlkit')
  mkdirSync(scope, { recursive: true })
  rmSync(join(scope, host), { recursive: true, force: true })
  symlinkSync(packageFolder(host), join(scope, host), 'junction')
}
