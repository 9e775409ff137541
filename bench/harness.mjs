// Measures two ways to do the same work in one process: CPU time, in turns, medians.

/** CPU time of this process so far, user and system, in nanoseconds. */
function cpu() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1_000
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

async function block(work, times) {
  // What runs in another process measures itself.
  if (work.measure) return work.measure(times)
  const before = cpu()
  for (let i = 0; i < times; i++) {
    const pending = work()
    if (pending instanceof Promise) await pending
  }
  return (cpu() - before) / times
}

/** As many repetitions as take a block of about `ms`. */
async function repetitions(work, ms) {
  let times = 8
  for (;;) {
    const each = await block(work, times)
    if (each * times >= (ms * 1e6) / 4) return Math.max(1, Math.round((ms * 1e6) / each))
    times *= 4
  }
}

/**
 * The median CPU time of one `ours` and of one `peer`, in nanoseconds. Blocks of both alternate, and so does
 * which of them comes first, so that whatever else the machine does falls on both.
 */
export async function compare(ours, peer, { rounds = 31, blockMs = 40 } = {}) {
  const ourTimes = await repetitions(ours, blockMs)
  const peerTimes = await repetitions(peer, blockMs)
  const samples = { ours: [], peer: [] }
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0
    if (first) samples.ours.push(await block(ours, ourTimes))
    samples.peer.push(await block(peer, peerTimes))
    if (!first) samples.ours.push(await block(ours, ourTimes))
  }
  return { ours: median(samples.ours), peer: median(samples.peer) }
}

/** A row of a benchmark: how many times better than the peer we are, where less is better. */
export function row(name, unit, ours, peerName = '-', peer = null) {
  const better = peer === null ? null : round(peer / ours, 2)
  return { name, ours: round(ours, 3), peer_name: peerName, peer: peer === null ? null : round(peer, 3), unit, better }
}

function round(number, digits) {
  return Number(number.toFixed(digits))
}
