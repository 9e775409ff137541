#!/usr/bin/env node
// The command: looks at a shop's set-up, adds what its location lacks, sends a test webhook. Exit code 0: all is well;
// 1: something is wrong; 2: the command could not be carried out.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { OAuth, OrderSync } from '../dist/index.mjs'

const HELP = `Usage: ghlkit COMMAND [OPTIONS]

  doctor                 looks at settings, database, token, pipeline and more; what is wrong, and how to mend it
    --webhook URL        sends a signed webhook to your own route too (default: GHLKIT_WEBHOOK_URL)
  provision              creates the custom fields that are missing, and prints the lines that name the stages
    --dry-run            creates nothing
  test-webhook URL       sends a signed webhook to your own route
    --event TYPE         its type, e.g. OpportunityStageUpdate (default: workflow)
    --timeout MS         how long the route may take (default: 10000)

  --location ID          for provision and test-webhook, where several are configured
  --config FILE          a module whose default export is the options of OrderSync.open (default: the environment)
  --env-file FILE        reads variables from a file first
  --json                 prints JSON
  --help                 this text

NO_COLOR leaves out colours. Exit code: 0 all is well, 1 something is wrong, 2 it could not be carried out.
`

const OPTIONS = {
  webhook: { type: 'string' },
  'dry-run': { type: 'boolean' },
  event: { type: 'string' },
  timeout: { type: 'string' },
  location: { type: 'string' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
}

const COLOURS = { ok: 32, warning: 33, failed: 31, skipped: 90 }
const coloured = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint = (text, verdict) => (coloured ? `\u001b[${COLOURS[verdict]}m${text}\u001b[0m` : text)
/** Texts of GHL's or of a route's must not steer the terminal. */
const plain = (text) => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ')
const say = (text) => process.stdout.write(`${plain(text)}\n`)

async function doctor(options, { webhook }) {
  const report = await OrderSync.doctor({ ...options, ...(webhook !== undefined && { webhookUrl: webhook }) })
  const several = new Set(report.checks.map(({ locationId }) => locationId)).size > 2
  return {
    result: report,
    ok: report.ok,
    print() {
      for (const { name, locationId, verdict, detail, fix } of report.checks) {
        const where = several && locationId !== undefined ? ` (${locationId})` : ''
        process.stdout.write(`${paint(verdict.padEnd(7), verdict)} ${plain(`${name}${where}: ${detail}`)}\n`)
        if (fix !== undefined) say(`        → ${fix.replaceAll('\n', '\n          ')}`)
      }
      const count = (wanted) => report.checks.filter(({ verdict }) => verdict === wanted).length
      say(`\n${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed, ${count('skipped')} skipped`)
    },
  }
}

async function provision(options, { 'dry-run': dryRun = false, location }) {
  const made = await OrderSync.provision(options, { dryRun, ...(location !== undefined && { locationId: location }) })
  return {
    result: made,
    // What only people can do is left to do.
    ok: made.unmappedStatuses.length === 0 && made.missingFields.length === 0,
    print() {
      const fields = dryRun ? made.missingFields : made.createdFields
      const did = dryRun ? 'would create' : 'created'
      say(fields.length === 0 ? 'custom fields: all are there' : `custom fields, ${did}: ${fields.join(', ')}`)
      if (made.unmappedStatuses.length > 0) say(`statuses without a stage: ${made.unmappedStatuses.join(', ')}`)
      if (made.unmappedStages.length > 0) {
        say(`stages without a status: ${made.unmappedStages.map(({ name, id }) => `${name} (${id})`).join(', ')}`)
      }
      say(`\n# The stages, to paste; those of ${made.unmappedStatuses.length} statuses are proposals or to be chosen.`)
      for (const line of made.lines) say(line)
    },
  }
}

async function testWebhook(options, { event, timeout, location }, url) {
  const sent = await OrderSync.sendTestWebhook(url, options, {
    ...(event !== undefined && { event }),
    ...(timeout !== undefined && { timeoutMs: Number(timeout) }),
    ...(location !== undefined && { locationId: location }),
  })
  return {
    result: sent,
    ok: sent.ok,
    print: () => say(`${sent.status} within ${sent.durationMs} ms: ${sent.body.replaceAll('\n', ' ')}`),
  }
}

const COMMANDS = { doctor, provision, 'test-webhook': testWebhook }

/** The options of `OrderSync.open`. An app's tokens serve where the environment names an app and no token. */
async function settings({ config, 'env-file': envFile }) {
  if (envFile !== undefined) {
    if (process.loadEnvFile === undefined) throw new Error('--env-file needs Node 20.12; use `node --env-file` instead')
    process.loadEnvFile(envFile)
  }
  if (config !== undefined) return (await import(pathToFileURL(resolve(config)).href)).default ?? {}
  const { GOHIGHLEVEL_API_KEY, GHL_CLIENT_ID, GHLKIT_TOKEN_KEYS } = process.env
  const app = !GOHIGHLEVEL_API_KEY && GHL_CLIENT_ID && GHLKIT_TOKEN_KEYS
  return app ? { oauth: await OAuth.open() } : {}
}

function read(args) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  const [name, url, ...more] = positionals
  if (values.help) return { help: true }
  if (!Object.hasOwn(COMMANDS, name ?? '')) {
    throw new Error(`expected a command: ${Object.keys(COMMANDS).join(', ')}; see --help`)
  }
  if (more.length > 0 || (url === undefined) === (name === 'test-webhook')) {
    throw new Error(name === 'test-webhook' ? 'expected the address to send to' : `${name} takes options alone; see --help`)
  }
  return { command: COMMANDS[name], values, url }
}

try {
  const { help, command, values, url } = read(process.argv.slice(2))
  if (help) {
    process.stdout.write(HELP)
  } else {
    const options = await settings(values)
    const { result, ok, print } = await command(options, values, url)
    if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    else print()
    process.exitCode = ok ? 0 : 1
    await options.oauth?.close?.()
  }
} catch (error) {
  process.stderr.write(`ghlkit: ${plain(error instanceof Error ? error.message : String(error))}\n`)
  process.exitCode = 2
}
