import assert from 'node:assert/strict'

import { ghlkit } from './package.mjs'

/** Expects a `GhlError` with this code and, where given, this field, thrown or rejected; returns it. */
export async function refused(act, code, field) {
  let error
  try {
    await act()
  } catch (thrown) {
    error = thrown
  }
  assert.ok(error !== undefined, `expected ${code}, but nothing was thrown`)
  assert.ok(error instanceof ghlkit.GhlError, `expected a GhlError, got ${error?.stack}`)
  assert.equal(error.code, code, error.message)
  if (field !== undefined) assert.equal(error.field, field, error.message)
  return error
}

/** The same, for what must throw at once. */
export function refusedAtOnce(act, code, field) {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ghlkit.GhlError, `expected a GhlError, got ${error?.stack}`)
    assert.equal(error.code, code, error.message)
    if (field !== undefined) assert.equal(error.field, field, error.message)
    return true
  })
}
