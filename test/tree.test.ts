import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './support/tarballs.ts'

const folders = (at: string): string[] =>
  readdirSync(at, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [join(at, name), ...folders(join(at, name))])

const packageFolders = ['packages', 'apps'].flatMap((place) =>
  readdirSync(join(root, place)).map((name) => join(root, place, name)),
)
const sourceFolders = packageFolders
  .map((folder) => join(folder, 'src'))
  .flatMap((src) => [src, ...folders(src)])
const filesIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
const linesOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

describe('the tree keeps its budget', () => {
  it('at most twelve files stand in a folder', () => {
    expect(sourceFolders.filter((folder) => filesIn(folder).length > 12)).toEqual([])
  })

  it('an index has at most thirty lines', () => {
    const long = sourceFolders.flatMap((folder) => filesIn(folder).map((name) => join(folder, name)))
    expect(long.filter((file) => basename(file) === 'index.ts' && linesOf(file) > 30)).toEqual([])
  })

  it('no file is named after nothing', () => {
    const named = sourceFolders
      .flatMap(filesIn)
      .filter((name) => /\b(utils?|helpers?|common|misc|types|manager|base|impl)\b/.test(name))
    expect(named).toEqual([])
  })

  it('each package says in at most sixty lines what it is', () => {
    const packages = packageFolders.filter((folder) => folder.includes(`${join(root, 'packages')}/`))
    expect(packages.filter((folder) => linesOf(join(folder, 'README.md')) > 60)).toEqual([])
  })
})
