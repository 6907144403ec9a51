import type { ModelTool } from '@covent/core'
import { propertiesOf } from './schema.ts'
import { isStopWord, meaningOf, stem, type Word, wordsOf } from '../words.ts'

/** What a tool is called and how it is described, as words that carry meaning. */
interface Profile {
  readonly names: readonly ReadonlySet<string>[]
  /** Names of several words, with spaces around them, as they may stand in a sentence. */
  readonly phrases: readonly string[]
  readonly description: ReadonlySet<string>
}

/** Words that many actions share: alone they name none. */
const commonVerbs = new Set(
  'get set add list find search do make take create read write run call use tell current'.split(' '),
)

const profiles = new WeakMap<ModelTool, Profile>()

const spaced = (text: string): string =>
  ` ${wordsOf(text)
    .map((word) => word.text)
    .join(' ')} `

const makeProfile = (tool: ModelTool): Profile => {
  const called = [tool.name.replaceAll('_', ' '), ...tool.aliases].slice(0, 40)
  const names = called.map(meaningOf)
  const properties = propertiesOf(tool).flatMap(({ name, choices }) => [name, ...choices])
  const examples = tool.examples.slice(0, 20).map(({ user }) => user)
  return {
    phrases: called.map(spaced).filter((phrase) => phrase.trim().includes(' ')),
    names: names.filter((words) => [...words].some((word) => !commonVerbs.has(word))),
    description: meaningOf([tool.description, ...properties, ...examples].join(' ')),
  }
}

const profileOf = (tool: ModelTool): Profile => {
  const known = profiles.get(tool) ?? makeProfile(tool)
  profiles.set(tool, known)
  return known
}

const requestWords = new Set(
  'what which who when where how is are do does can could would please show list find search add make take create tell give get set note write start stop open send read run call use remind look check convert calculate delete remove'.split(
    ' ',
  ),
)

/** What a sentence is worth for its form: more where it asks or orders, less where it tells, least where it orders something else. */
const formWeight = (words: readonly Word[], known: ReadonlySet<string>, besides: number): number => {
  const first = words[0]?.text ?? ''
  if (!requestWords.has(first)) return besides === 0 && words.length <= 2 ? 1 : -2
  return isStopWord(first) || commonVerbs.has(first) || known.has(stem(first)) ? 1 : -3
}

const nameWeight = { one: 3, more: 6, asWritten: 1, first: 3 } as const
const maxDescriptionWeight = 2

/** What it adds that a name stands in the sentence as it is written, and more so that the sentence begins with it. */
const writtenWeight = (phrases: readonly string[], words: readonly Word[]): number => {
  const said = ` ${words.map((word) => word.text).join(' ')} `
  const written = phrases.filter((phrase) => said.includes(phrase))
  if (written.length === 0) return 0
  return nameWeight.asWritten + (written.some((phrase) => said.startsWith(phrase)) ? nameWeight.first : 0)
}

/** How far a sentence speaks of a tool: names and aliases that stand whole in it, words of the description, less what it says besides. */
export const score = (tool: ModelTool, words: readonly Word[], taken: ReadonlySet<string>): number => {
  if (words.some((word) => word.text === tool.name.toLowerCase() && word.text.includes('_'))) return 10
  const said = new Set(words.flatMap((word) => (isStopWord(word.text) ? [] : [stem(word.text)])))
  const { names, phrases, description } = profileOf(tool)
  const whole = names
    .filter((name) => [...name].every((word) => said.has(word)))
    .toSorted((a, b) => b.size - a.size)[0]
  if (whole === undefined) return 0
  const besides = [...said].filter((word) => !whole.has(word) && !taken.has(word))
  const described = besides.filter((word) => description.has(word)).length
  const known = new Set([...whole, ...description])
  return (
    (whole.size > 1 ? nameWeight.more : nameWeight.one) +
    writtenWeight(phrases, words) +
    Math.min(described, maxDescriptionWeight) +
    formWeight(words, known, besides.length) -
    (besides.length - described)
  )
}
