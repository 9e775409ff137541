// The modules as they are built, without the surface over them, and what all tests of them need.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const raw = (name) => new URL(`../../npm/dist/raw/${name}/`, import.meta.url)

/** The modules, as Node's glue loads them. */
export const ghlkit = await import(new URL('node.mjs', raw('full')))
export const verify = await import(new URL('node.mjs', raw('verify')))

/** The bytes of a module. */
export const wasm = (name) => readFileSync(new URL('ghlkit.wasm', raw(name)))

/** A copy of its own of a module, loaded by the glue of a host. It goes away with the test. */
export async function copy(t, name, host) {
  const folder = mkdtempSync(join(tmpdir(), 'ghlkit-wasm-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(raw(name), folder, { recursive: true })
  return import(pathToFileURL(join(folder, `${host}.mjs`)))
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
export async function thrownBy(call) {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof WebAssembly.RuntimeError), String(error))
    return failed(error.message)
  }
  return assert.fail('it returned')
}

export const NOW = Date.parse('2026-01-31T12:00:00Z')
export const BODY = Buffer.from(
  '{"contactId":"con1","pipelineStage":"In Fertigung – Ä","timestamp":"2026-01-31T12:00:00.000Z"}',
)

/** The header of a genuine webhook. */
export const signed = (body, secret = 's3cret') => `x-ghl-signature:${createHmac('sha256', secret).update(body).digest('hex')}`
