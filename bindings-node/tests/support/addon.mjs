// The addon as the package finds it, and what all tests of it need.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The loader that was built. */
export const LOADER = createRequire(import.meta.url).resolve('../../npm/dist/native.cjs')
export const ghlkit = createRequire(import.meta.url)(LOADER)

/** The file the loader loads. */
export const ADDON = join(dirname(LOADER), readdirSync(dirname(LOADER)).find((name) => name.endsWith('.node')))

/** A folder that goes away with the test. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'ghlkit-node-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** What a settled text says; fails where it is an error. */
export function ok(text) {
  const settled = JSON.parse(text)
  assert.equal(settled.error, undefined, text)
  return settled.ok
}

/** The error of a settled text. */
export function failed(text) {
  const { error } = JSON.parse(text)
  assert.ok(error, text)
  return error
}

/** The error of what a call throws or rejects with: an `Error` whose message is a settled text. */
export function thrownBy(call) {
  const read = (error) => {
    assert.ok(error instanceof Error, String(error))
    return failed(error.message)
  }
  try {
    const result = call()
    if (result instanceof Promise) return result.then(() => assert.fail('it resolved'), read)
  } catch (error) {
    return read(error)
  }
  return assert.fail('it returned')
}
