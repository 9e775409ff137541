import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a user would be warned of fails the build. */
const refuseWarnings = ({ hooks }) =>
  hooks.done.tap('warnings', (stats) => {
    if (stats.hasWarnings()) throw new Error(stats.toString({ all: false, warnings: true }))
  })

export default {
  // The addon is loaded by Node itself.
  serverExternalPackages: ['@ghlkit/node'],
  // A folder with all that the server needs, as it is deployed in containers.
  output: 'standalone',
  eslint: { ignoreDuringBuilds: true },
  webpack: (config) => ({ ...config, plugins: [...config.plugins, { apply: refuseWarnings }] }),
  outputFileTracingRoot: dirname(dirname(fileURLToPath(import.meta.url))),
}
