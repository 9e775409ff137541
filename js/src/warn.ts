/** Tells whoever runs the process; nobody else is there to be told. */
export function warn(problem: unknown): void {
  const { process, console } = globalThis
  if (typeof process?.emitWarning === 'function') process.emitWarning(said(problem), 'GhlkitWarning')
  else console.warn(`ghlkit: ${said(problem)}`)
}

/** What an error says. */
export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
