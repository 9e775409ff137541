/** The longest delay of a timer. */
const LONG_MS = 2 ** 31 - 1

let holders = 0
let timer: NodeJS.Timeout | undefined

/** Keeps the process running while the work goes on; waiting for work does not. */
export async function holding<T>(work: () => Promise<T>): Promise<T> {
  if (holders++ === 0) timer = setInterval(() => {}, LONG_MS)
  try {
    return await work()
  } finally {
    if (--holders === 0) clearInterval(timer)
  }
}
