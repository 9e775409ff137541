import { keepHistory } from './history'
import { engine } from './engine'

/** What is due goes on, and the plots of the admin page begin. */
export async function start(): Promise<void> {
  keepHistory()
  // Without its database the shop still answers, and says what is wrong; the next request tries again.
  await engine().catch((error: unknown) => console.error('the shop has no engine yet:', error))
}
