import { engine } from './host/node.js'

/** What is opened on a database, and with which settings; either may hold secrets. */
interface Opening {
  readonly database: string
  readonly settings: string
}

/** An engine or app that is open in this process. */
interface Entry {
  readonly settings: string
  readonly opened: Promise<unknown>
}

const KEY = Symbol.for('ghlkit.open')

/** All that is open in this process, shared by every copy of this module that a bundler or a hot reload makes. */
function entries(): Map<string, Entry> {
  const holder = globalThis as { [KEY]?: Map<string, Entry> }
  if (holder[KEY] === undefined) Object.defineProperty(holder, KEY, { value: new Map<string, Entry>() })
  return holder[KEY] as Map<string, Entry>
}

/** Database and settings hold secrets: what everyone can look at tells only whether they are the same. */
function digest(text: string): string {
  // Loaded where it is needed, as it takes longer to load than all else of the package.
  const { createHash } = require('node:crypto') as typeof import('node:crypto')
  return createHash('sha256').update(text).digest('base64')
}

/**
 * What is open on the database, or what `open` opens and forgets by `leave`; `undefined` when the open one has
 * other settings.
 */
export function shared<T>(
  { database, settings }: Opening,
  open: (leave: () => void) => Promise<T>,
): Promise<T> | undefined {
  const all = entries()
  const name = digest(`${engine.version()} ${database}`)
  const known = all.get(name)
  if (known !== undefined) return known.settings === digest(settings) ? (known.opened as Promise<T>) : undefined
  const leave = () => {
    if (all.get(name) === entry) all.delete(name)
  }
  const entry: Entry = { settings: digest(settings), opened: open(leave) }
  all.set(name, entry)
  // What failed to open can be tried again.
  entry.opened.catch(leave)
  return entry.opened as Promise<T>
}
