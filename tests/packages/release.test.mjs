// The workflow that publishes: for each platform that the package names it builds a core, and it signs what it publishes.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { parse } from 'yaml'

import { NAMES, manifest, platforms } from './support/packages.mjs'

const ROOT = new URL('../../', import.meta.url)
const { jobs } = parse(readFileSync(new URL('.github/workflows/release.yml', ROOT), 'utf8'))
const runs = ({ steps }) => steps.flatMap(({ run }) => run ?? []).join('\n')

test('a core is built for each platform that the package names, by a machine of its kind', () => {
  const { include } = jobs.addon.strategy.matrix
  const named = Object.keys(manifest('@ghlkit/node').optionalDependencies).map((name) => name.replace('@ghlkit/node-', ''))
  assert.deepEqual(include.map(({ platform }) => platform).sort(), named.sort())
  assert.deepEqual(platforms().map(({ name }) => name).sort(), named)
  const kinds = { darwin: /^macos-/, linux: /^ubuntu-/, win32: /^windows-/ }
  for (const { platform, runner, image } of include) {
    const [os, cpu, libc] = platform.split('-')
    assert.match(runner, kinds[os], platform)
    if (os === 'linux') {
      assert.equal(/-arm$/.test(runner), cpu === 'arm64', platform)
      assert.equal(/alpine/.test(image), libc === 'musl', platform)
    } else {
      assert.equal(image, undefined, platform)
      if (os === 'darwin') assert.equal(/-intel$/.test(runner), cpu === 'x64', platform)
    }
  }
})

test('nothing is published before everything was tried, and what is published is signed', () => {
  assert.match(runs(jobs.packages), /^\.ci\/run$/m)
  const builds = jobs.addon.steps.filter(({ run }) => run?.includes('cargo xtask addon'))
  assert.deepEqual(builds.map((step) => step.if), ['${{ !matrix.image }}', '${{ matrix.image }}'])
  for (const [name, publishes] of [['npm', /npm publish --provenance/], ['crates', /cargo publish .*--package ghlkit-wire --package ghlkit$/m]]) {
    assert.match(runs(jobs[name]), publishes)
    assert.deepEqual(jobs[name].needs, ['packages', 'addon'])
  }
  assert.equal(jobs.npm.permissions['id-token'], 'write')
})

test('packages and crates are of one version', () => {
  const [, version] = /^version = "(.+)"$/m.exec(readFileSync(new URL('Cargo.toml', ROOT), 'utf8'))
  for (const name of NAMES) assert.equal(manifest(name).version, version)
  for (const wanted of Object.values(manifest('@ghlkit/node').optionalDependencies)) assert.equal(wanted, version)
})
