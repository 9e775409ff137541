// What the README and the guide show, as files that can be run.
import { mkdirSync, writeFileSync } from 'node:fs'

import { fences, pages, readme } from './guide.mjs'

const FOLDER = new URL('../node_modules/shown/', import.meta.url)

/** The module that the README's quick start with a package is; it finds the packages by their names. */
export const quickStart = (name) =>
  module(`readme-${name.replace(/\W+/g, '-')}`, fences(readme), ({ language, code }) => language === 'js' && code.includes(`from '${name}'`))

/** The module that a page of the guide shows as `js,NAME`. */
export const shownModule = (page, name) => module(name, fences(pages[page]), ({ language, check }) => language === 'js' && check === name)

function module(name, shown, wanted) {
  const found = shown.find(wanted)
  if (found === undefined) throw new Error(`there is no ${name}`)
  mkdirSync(FOLDER, { recursive: true })
  const file = new URL(`${name}.mjs`, FOLDER)
  writeFileSync(file, found.code)
  return file.href
}
