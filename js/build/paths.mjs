import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this build's project. */
export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)))
/** The repository. */
export const ROOT = dirname(PROJECT)

/** The folder of a package, as it is published. */
export const packageFolder = (host) => join(ROOT, `bindings-${host}`, 'npm')
