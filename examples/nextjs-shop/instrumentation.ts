/** Runs once as the server starts: the engine works from then on, not only from the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') await (await import('./lib/start')).start()
}
