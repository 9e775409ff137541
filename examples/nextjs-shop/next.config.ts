import type { NextConfig } from 'next'

const config: NextConfig = {
  // The addon is loaded by Node itself.
  serverExternalPackages: ['@ghlkit/node'],
  poweredByHeader: false,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        // The address of an order's page opens it, and is no other site's business.
        { key: 'referrer-policy', value: 'same-origin' },
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'x-frame-options', value: 'DENY' },
      ],
    },
  ],
}

export default config
