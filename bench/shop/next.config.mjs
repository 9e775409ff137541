import { fileURLToPath } from 'node:url'

export default {
  serverExternalPackages: ['@ghlkit/node', 'pg'],
  poweredByHeader: false,
  // The peer's code is beside this folder.
  turbopack: { root: fileURLToPath(new URL('..', import.meta.url)) },
}
