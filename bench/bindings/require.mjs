// What it costs a process to load the package.

import { execFileSync } from 'node:child_process'

import { median, row } from '../harness.mjs'

const RUNS = 21

/** CPU time of one `require` in a process of its own, in milliseconds. */
function load(path) {
  const script = `
    const before = process.cpuUsage()
    require(${JSON.stringify(path)})
    const { user, system } = process.cpuUsage(before)
    console.log((user + system) / 1000)`
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))
}

export function requireRows({ nodePath, sdkPath }) {
  const [ours, peer] = [[], []]
  for (let run = 0; run <= RUNS; run++) {
    const [mine, theirs] = [load(nodePath), load(sdkPath)]
    // The first run warms the disk's cache.
    if (run > 0) ours.push(mine), peer.push(theirs)
  }
  return [row('require_cpu', 'ms CPU', median(ours), 'official_sdk', median(peer))]
}
