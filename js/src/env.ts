import { isObject, shown } from './args.js'
import { invalid } from './raise.js'

/** Variables by name, e.g. `process.env` or the bindings of an edge function. */
export type Env = { readonly [name: string]: unknown }

/** All variables that this package reads begin like this. */
const OURS = /^(?:GHL_|GHLKIT_|GOHIGHLEVEL_|PUSHER_|(?:CRON_SECRET|DATABASE_URL)$)/

/** The variables that concern this package, and no others. Default: those of the process, where there is one. */
export function variables(env: Env = globalThis.process?.env ?? {}): Record<string, string> {
  if (!isObject(env)) throw invalid('env', `expected an object of variables, got ${shown(env)}`)
  const ours: Record<string, string> = {}
  for (const name in env) {
    const value = env[name]
    // On edge, what is bound may be other than text: a database, a queue.
    if (OURS.test(name) && typeof value === 'string') ours[name] = value
  }
  return ours
}
