'use strict'
// Loads the compiled core for this machine: the one beside this file, else that of the platform's package.

const { closeSync, existsSync, openSync, readSync } = require('node:fs')
const { join } = require('node:path')

/** The version of both packages. */
const VERSION = '0.1.0'

/** The platform as its package's name ends, e.g. `linux-x64-gnu`. */
function platform() {
  const variant = { linux: `-${libc()}`, win32: '-msvc' }[process.platform] ?? ''
  return `${process.platform}-${process.arch}${variant}`
}

/** Which C library Node runs on. The loader it names says so, at a hundredth of what `process.report` costs. */
function libc() {
  if (process.platform !== 'linux') return ''
  const start = Buffer.alloc(2048)
  try {
    const file = openSync(process.execPath)
    readSync(file, start, 0, start.length, 0)
    closeSync(file)
  } catch {
    // The report below knows as well.
  }
  if (start.includes('/ld-musl-')) return 'musl'
  if (start.includes('/ld-linux-')) return 'gnu'
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'gnu'
}

/** What the platform's package holds. Each is named in full, so that what traces or bundles a server sees it. */
function installed(platform) {
  switch (platform) {
    case 'darwin-arm64':
      return require('@ghlkit/node-darwin-arm64')
    case 'darwin-x64':
      return require('@ghlkit/node-darwin-x64')
    case 'linux-arm64-gnu':
      return require('@ghlkit/node-linux-arm64-gnu')
    case 'linux-arm64-musl':
      return require('@ghlkit/node-linux-arm64-musl')
    case 'linux-x64-gnu':
      return require('@ghlkit/node-linux-x64-gnu')
    case 'linux-x64-musl':
      return require('@ghlkit/node-linux-x64-musl')
    case 'win32-x64-msvc':
      return require('@ghlkit/node-win32-x64-msvc')
    default:
      throw new Error('there is no package for it; use `@ghlkit/wasm`, which runs everywhere, or a platform that has one')
  }
}

function load(platform) {
  const file = join(__dirname, `ghlkit.${platform}.node`)
  const name = `@ghlkit/node-${platform}`
  let native
  try {
    native = existsSync(file) ? require(file) : installed(platform)
  } catch (cause) {
    const problem = {
      MODULE_NOT_FOUND: `${name} is not installed; install it, or run \`npm install @ghlkit/node\` again without \`--omit=optional\``,
      ERR_DLOPEN_FAILED: `${name} cannot be loaded: ${cause.message}`,
    }
    throw new Error(`@ghlkit/node needs its compiled core for ${platform}: ${problem[cause.code] ?? cause.message}`, { cause })
  }
  if (native.version() === VERSION) return native
  throw new Error(`@ghlkit/node ${VERSION} needs ${name} ${VERSION}, but ${native.version()} is installed; install that version`)
}

module.exports = load(platform())
