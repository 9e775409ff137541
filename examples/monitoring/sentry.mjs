// Hands what goes wrong in ghlkit to Sentry, with what led to it: `node --import ./sentry.mjs app.mjs`, with SENTRY_DSN set.
import { monitor } from '@ghlkit/node'
import * as Sentry from '@sentry/node'

Sentry.init({ dsn: process.env.SENTRY_DSN })

const LEVELS = { debug: 'debug', info: 'info', warn: 'warning', error: 'error' }

monitor((seen) => {
  if (seen.type !== 'event' || seen.level !== 'error') return
  const code = seen.fields['error.type'] ?? 'ghlkit'
  Sentry.captureEvent({
    level: LEVELS[seen.level],
    logger: 'ghlkit',
    timestamp: seen.atMs / 1_000,
    exception: { values: [{ type: code, value: seen.message }] },
    tags: seen.fields,
    fingerprint: ['ghlkit', seen.message, code],
    breadcrumbs: seen.breadcrumbs.map(({ atMs, level, message, fields }) => ({
      timestamp: atMs / 1_000,
      category: 'ghlkit',
      level: LEVELS[level],
      message,
      data: fields,
    })),
  })
})
