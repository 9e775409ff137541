/** Waits until `look` returns something other than false or undefined, and returns that. */
export async function until(look, what, capMs = 30_000) {
  const end = Date.now() + capMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > end) throw new Error(`waited ${capMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** What a promise resolves to. Waiting for an engine holds nothing open, so this does; and not for ever. */
export async function capped(promise, what, capMs = 30_000) {
  let timer
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`waited ${capMs} ms in vain for ${what}`)), capMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
