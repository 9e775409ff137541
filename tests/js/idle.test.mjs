import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'

import { startChild } from './support/child.mjs'
import { nodeOnly, require } from './support/package.mjs'
import { startShop } from './support/shop.mjs'

/** What an engine that is open and idle may take beside what the process takes itself, in KiB. */
const MOST = 30 * 1024
/** An addon that was built for a release is smaller than this, in bytes. */
const RELEASE = 20 * 1024 * 1024

/** Prints the resident memory of the process once it has settled: its own, and pages of files, in KiB. */
const SETTLED = `
  const { readFileSync } = await import('node:fs')
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve, 100))
  const status = readFileSync('/proc/self/status', 'utf8')
  console.log(JSON.stringify(['Anon', 'File'].map((kind) => Number(new RegExp('Rss' + kind + ':\\\\s+(\\\\d+)').exec(status)[1]))))
`
const IDLE = `
  const { OrderSync } = await import('@ghlkit/node')
  const sync = await OrderSync.open(JSON.parse(process.env.OPTIONS))
  sync.on('status_changed', () => {})
  ${SETTLED}
  await sync.close()
`

describe('an engine that is idle', nodeOnly, () => {
  const onLinux = { skip: process.platform === 'linux' ? false : 'needs /proc' }

  /** The median of three processes. */
  async function measured(source, options) {
    const seen = []
    for (let n = 0; n < 3; n++) {
      const { code, lines, stderr } = await startChild(source, options).ended
      assert.equal(code, 0, stderr)
      seen.push(JSON.parse(lines[0]))
    }
    return seen.sort(([a], [b]) => a - b)[1]
  }

  test('takes little memory beside what Node takes', onLinux, async (t) => {
    const shop = await startShop()
    const [bare, bareFiles] = await measured(SETTLED)
    const [open, openFiles] = await measured(IDLE, shop.options())
    const [own, files] = [open - bare, openFiles - bareFiles]
    t.diagnostic(`an idle engine takes ${own} KiB of its own, and ${files} KiB of files, beside a bare process`)
    assert.ok(own <= MOST, `${own} KiB`)
    // Of an addon for debugging the pages of its file alone are more.
    const dist = dirname(require.resolve('@ghlkit/node'))
    const addon = readdirSync(dist).find((name) => name.endsWith('.node'))
    if (addon !== undefined && statSync(join(dist, addon)).size > RELEASE) return
    assert.ok(own + files <= MOST, `${own + files} KiB`)
  })
})
