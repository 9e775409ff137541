import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { NAME, ON_NODE, ghlkit, require } from './support/package.mjs'

const EVERYWHERE = [
  'ApiError',
  'AbortedError',
  'AuthError',
  'ConfigError',
  'DuplicateError',
  'Ghl',
  'GhlError',
  'HandlerError',
  'InvalidArgumentError',
  'MemorySeenStore',
  'NetworkError',
  'NotFoundError',
  'PayloadError',
  'RateLimitError',
  'SignatureError',
  'SlotTakenError',
  'StatusModel',
  'StoreError',
  'TimeoutError',
  'TransitionError',
  'milestonesCrossed',
  'orders',
  'progressFor',
  'retry',
  'stageForStatus',
  'statusForStage',
  'webhooks',
]

test('what is exported is what is meant to be', () => {
  const own = ON_NODE ? ['Database', 'OAuth', 'OrderSync', 'monitor'] : ['init', 'initSync', 'listen']
  assert.deepEqual(Object.keys(ghlkit).sort(), [...EVERYWHERE, ...own].sort())
  assert.deepEqual(Object.keys(ghlkit.webhooks).sort(), [
    'constructEvent',
    'generateTestEvent',
    'generateTestHeaders',
    'parse',
    'receiver',
    'verifier',
  ])
  assert.deepEqual(Object.keys(ghlkit.orders).sort(), ['check', 'plan', 'push'])
})

test('`require` gives the same as `import`', () => {
  const required = require(NAME)
  assert.deepEqual(Object.keys(required).sort(), Object.keys(ghlkit).sort())
  // An addon is loaded once; of a WASM module there may be two, which get on with each other.
  if (ON_NODE) for (const name of Object.keys(ghlkit)) assert.equal(required[name], ghlkit[name], name)
  const error = new required.ConfigError({ code: 'config', message: 'm', retryable: false, delivery: 'not_sent' })
  assert.ok(error instanceof ghlkit.ConfigError && error instanceof ghlkit.GhlError)
})

test('nothing else is installed with it, and nothing runs when it is', () => {
  const manifest = JSON.parse(readFileSync(require.resolve(`${NAME}/package.json`), 'utf8'))
  assert.deepEqual(
    [manifest.dependencies, manifest.peerDependencies, manifest.scripts],
    [undefined, undefined, undefined],
  )
  for (const name of Object.keys(manifest.optionalDependencies ?? {})) assert.match(name, /^@ghlkit\/node-/)
})

test('every code that the core knows has its family', async () => {
  const page = readFileSync(new URL('../../docs/src/error-codes.md', import.meta.url), 'utf8')
  const codes = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
  const families = Object.values(ghlkit).filter((value) => value.codes?.length > 0)
  assert.ok(codes.length > 20)
  assert.deepEqual(families.flatMap((family) => family.codes).sort(), codes.sort())
})
