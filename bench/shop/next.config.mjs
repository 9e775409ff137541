export default { serverExternalPackages: ['@ghlkit/node', 'pg'], poweredByHeader: false }
