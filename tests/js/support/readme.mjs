// What the README shows, as files that can be run.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const README = new URL('../../../README.md', import.meta.url)
const FOLDER = new URL('../node_modules/readme/', import.meta.url)

/** The module that the README's quick start with a package is; it finds the packages by their names. */
export function quickStart(name) {
  const blocks = readFileSync(README, 'utf8').matchAll(/^```js\n(.*?)^```$/gms)
  const code = [...blocks].map(([, code]) => code).find((code) => code.includes(`from '${name}'`))
  if (code === undefined) throw new Error(`the README has no quick start with ${name}`)
  mkdirSync(FOLDER, { recursive: true })
  const file = new URL(`${name.replace(/\W+/g, '-')}.mjs`, FOLDER)
  writeFileSync(file, code)
  return file.href
}
