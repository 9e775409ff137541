// What the guide shows is true: TypeScript compiles, commands exist, and every setting has its row.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'node:test'

import { fences, packages, pages, shown } from './support/guide.mjs'
import { complaints } from './support/typescript.mjs'

const ROOT = new URL('../../', import.meta.url)
const source = (path) => readFileSync(new URL(path, ROOT), 'utf8')
const sources = (folder, ending) =>
  readdirSync(new URL(folder, ROOT), { recursive: true })
    .filter((file) => file.endsWith(ending) && !/(^|\/)tests?(\/|\.)/.test(file))
    .map((file) => source(`${folder}/${file}`).split('#[cfg(test)]')[0])

/** The variables that the code reads. */
const VARIABLES = new Set(
  [
    ...sources('core/src', '.rs').flatMap((text) => [...text.matchAll(/"([A-Z]+_[A-Z0-9_]*[A-Z0-9])"/g)]),
    ...sources('js/src', '.ts').flatMap((text) => [...text.matchAll(/\b(CRON_SECRET|GHLKIT_[A-Z_]+)\b/g)]),
  ]
    .map(([, name]) => name)
    .filter((name) => /^(GHL_|GHLKIT_|GOHIGHLEVEL_|PUSHER_|CRON_SECRET$|DATABASE_URL$)/.test(name)),
)

/** Modules that tests run; see `quickstart.test.mjs`. */
const RUN = source('tests/js/quickstart.test.mjs')

test('every block of JavaScript is run', () => {
  for (const { page, line, check } of shown('js')) {
    const run = RUN.includes(`shownModule('${page}', '${check}')`)
    assert.ok(check !== '' && run, `${page}:${line}: no test runs it; name it \`js,NAME\` and run that, or make it \`ts\``)
  }
})

test('every block of TypeScript compiles, and what the packages show of themselves', () => {
  const blocks = shown('ts')
  assert.ok(blocks.length > 10, `${blocks.length}`)
  const files = { 'given.d.ts': source('tests/js/guide/given.d.ts') }
  for (const { page, line, check, code } of blocks) {
    assert.equal(check, '', `${page}:${line}`)
    files[`${page.replace('.md', '')}_line_${line}.mts`] = `${code}\nexport {}\n`
  }
  for (const [name, text] of Object.entries(packages)) {
    const shows = fences(text)
    assert.ok(shows.length > 0 && shows.every(({ language }) => language === 'js'), name)
    for (const { line, code } of shows) files[`package_${name}_line_${line}.mts`] = `${code}\nexport {}\n`
  }
  const peers = new URL('tests/peers/node_modules/', ROOT).pathname
  const options = { exactOptionalPropertyTypes: false, lib: ['es2022', 'dom', 'dom.iterable', 'esnext.disposable'], paths: { 'pusher-js': [`${peers}pusher-js/index.d.ts`] } }
  assert.equal(complaints(files, ['preserve', 'bundler'], options), '')
})

/** The proofs, which the help of the tasks does not list. */
const PROOFS = [...source('xtask/src/proof.rs').matchAll(/"(\w+)"/g)].map(([, name]) => ` ${name} `).join('')
/** Programs with a help text of ours, and what they may be given: words and flags of that text. */
const HELP = {
  'cargo xtask': source('xtask/src/main.rs').split('const USAGE')[1].split('";')[0] + PROOFS,
  'npx ghlkit': source('bindings-node/npm/bin/ghlkit.mjs').split('const HELP')[1].split('\n`')[0],
  'cargo run -p mock-ghl --': source('tests/mock-ghl/src/flags.rs').split('const HELP')[1].split('";')[0],
}
const OTHERS = /^(cargo test -p |curl |openssl |psql |npm |node )/

test('every command exists', () => {
  const blocks = shown('sh')
  assert.ok(blocks.length > 5, `${blocks.length}`)
  for (const { page, line, code } of blocks) {
    for (const command of commands(code)) {
      const where = `${page}:${line}: ${command}`
      const set = /^(?:export )?([A-Z_]+)=/.exec(command)
      if (set) {
        assert.ok(VARIABLES.has(set[1]) || /^GHL_STAGE_[A-Z_]+$/.test(set[1]), `${where}: nobody reads ${set[1]}`)
        continue
      }
      const program = Object.keys(HELP).find((name) => command.startsWith(`${name} `))
      if (program === undefined) {
        assert.match(command, OTHERS, where)
        continue
      }
      const [first, ...rest] = command.slice(program.length + 1).split(' ')
      // What follows a command of ours is a file or an address, and that of a task is one of its groups.
      const ours = program === 'cargo xtask' ? [first, ...rest] : [first, ...rest.filter((word) => word.startsWith('--'))]
      const words = ours.map((word) => word.split('=')[0])
      for (const name of words) {
        assert.match(HELP[program], new RegExp(`(^|[\\s[|])${name}($|[\\s\\]|])`, 'm'), `${where}: there is no ${name}`)
      }
    }
  }
})

/** The commands of a block, without comments and joined where a line goes on. */
const commands = (code) =>
  code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '')

test('the chapter on the configuration names every variable, and no other', () => {
  const lines = pages['configuration.md'].split('\n').filter((line) => line.startsWith('|'))
  const named = lines.flatMap((line) => [...line.matchAll(/`([A-Z]+_[A-Z0-9_]*)(?:<STATUS>)?`/g)])
  const rows = new Set(named.map(([, name]) => name).filter((name) => !name.startsWith('GHL_STAGE_')))
  assert.deepEqual([...VARIABLES].filter((name) => !rows.has(name)), [])
  assert.deepEqual([...rows].filter((name) => !VARIABLES.has(name)), [])
})

/** Which types have which table, by the heading it stands under; all but one in the chapter on the configuration. */
const TABLES = {
  'The engine': ['ConfigOptions', 'OrderSyncOptions'],
  'Webhooks that are accepted': ['VerifierSpec'],
  'How the engine works': ['SyncOptions'],
  Installations: ['InstallationOptions'],
  Notifications: ['NotificationOptions'],
  Streams: ['EventOptions'],
  'Socket.IO': ['RealtimeOptions'],
  'A client alone': ['ClientOptions'],
  'An app': ['OAuthSettings'],
  'Options of a call': ['CallOptions'],
}

test('the guide names every option, and no other', () => {
  const types = source('js/src/generated/types.ts') + source('js/src/sync/options.ts')
  const members = (type) => {
    const [, body] = new RegExp(`^export (?:type ${type} = |interface ${type} extends .*)\\{\n([^]*?)^\\}`, 'm').exec(types)
    return [...body.matchAll(/^  (\w+)\??:/gm)].map(([, name]) => name)
  }
  for (const [heading, of] of Object.entries(TABLES)) {
    const [section] = (pages['configuration.md'] + pages['calls.md']).split(`\n## ${heading}\n`)[1].split('\n## ')
    const cells = [...section.matchAll(/^\| (`[a-z].*?) \|/gm)].map(([, cell]) => cell)
    const rows = new Set(cells.flatMap((cell) => cell.split(', ')).map((name) => name.replaceAll('`', '')))
    // What only JavaScript has, beside the core's types.
    if (heading === 'Notifications') rows.delete('send')
    if (heading === 'Options of a call') rows.delete('signal')
    const wanted = new Set(of.flatMap(members))
    assert.deepEqual([...rows].sort(), [...wanted].sort(), heading)
  }
})

test('the chapter on events names every type', () => {
  const [, kinds] = /pub mod kind \{([^]*?)^\}/m.exec(source('core/src/sync/events.rs'))
  const known = [...kinds.matchAll(/= "(\w+)"/g)].map(([, kind]) => kind)
  const [table] = pages['events.md'].split('| `type` |')[1].split('\n## ')
  const cells = [...table.matchAll(/^\| (`\w+`.*?) \|/gm)].map(([, cell]) => cell)
  const named = cells.flatMap((cell) => cell.split(', ')).map((name) => name.replaceAll('`', ''))
  // One is defined by the rules of the store.
  assert.deepEqual(named.sort(), [...known, 'status_changed'].sort())
})

test('the chapter on errors names every class and its codes', () => {
  const classes = source('js/src/errors.ts').matchAll(/^export class (\w+) extends GhlError \{\n.*codes = \[([^\]]*)\]/gm)
  const known = [...classes].map(([, name, codes]) => [name, codes.match(/\w+/g)])
  const rows = pages['errors.md'].matchAll(/^\| `(\w+Error)` \| (.*?) \|/gm)
  const named = [...rows].map(([, name, codes]) => [name, codes.match(/\w+/g)])
  assert.ok(known.length > 10)
  assert.deepEqual(named, known)
})
