// What the guide and the README show, by page.
import { readFileSync, readdirSync } from 'node:fs'

const ROOT = new URL('../../../', import.meta.url)
const FOLDER = new URL('docs/src/', ROOT)

/** The pages of the guide, by their names. */
export const pages = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md'))
    .map((file) => [file, readFileSync(new URL(file, FOLDER), 'utf8')]),
)

export const readme = readFileSync(new URL('README.md', ROOT), 'utf8')

/** What npm shows of the packages. */
export const packages = Object.fromEntries(
  ['node', 'wasm'].map((name) => [name, readFileSync(new URL(`bindings-${name}/npm/README.md`, ROOT), 'utf8')]),
)

/** The fenced blocks of a page: `{ language, check, code, line }`; `check` is what follows the language. */
export function fences(text) {
  const found = []
  let open
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^ *```(.*)$/.exec(line)
    if (open === undefined && fence) {
      const [language, ...check] = fence[1].split(',')
      open = { language, check: check.join(','), line: index + 1, lines: [] }
    } else if (fence) {
      const { lines, ...rest } = open
      found.push({ ...rest, code: `${lines.join('\n')}\n` })
      open = undefined
    } else open?.lines.push(line)
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} does not end`)
  return found
}

/** All fenced blocks of the guide in some languages, each with its page. */
export const shown = (...languages) =>
  Object.entries(pages).flatMap(([page, text]) =>
    fences(text)
      .filter(({ language }) => languages.includes(language))
      .map((fence) => ({ page, ...fence })),
  )
