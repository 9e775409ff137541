const KEY = Symbol.for('shop.kept')

/** What a process has once, however many copies of a module the bundler or a hot reload makes. */
export function kept<T>(name: string, make: () => T): T {
  const holder = globalThis as { [KEY]?: Map<string, unknown> }
  const all = (holder[KEY] ??= new Map())
  if (!all.has(name)) all.set(name, make())
  return all.get(name) as T
}

/** Has it made anew. */
export function forget(name: string): void {
  ;(globalThis as { [KEY]?: Map<string, unknown> })[KEY]?.delete(name)
}
