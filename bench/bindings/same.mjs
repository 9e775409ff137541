/** Both ways must give the same and refuse the same, or the figures say nothing. */
export async function same(raw, one, other) {
  const [a, b] = [JSON.stringify(await one(raw)), JSON.stringify(await other(raw))]
  if (a !== b || !a.includes('"status":"manufacturing"')) throw new Error(`the results differ: ${a} and ${b}`)
  const forged = Buffer.from(raw)
  forged[forged.length - 4] ^= 1
  for (const way of [one, other]) {
    const accepted = await Promise.resolve().then(() => way(forged)).then(() => true, () => false)
    if (accepted) throw new Error('a forged webhook was accepted')
  }
}
