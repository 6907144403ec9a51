import type { ModelTool } from '@covent/core'
import { propertiesOf } from './schema.ts'
import { isStopWord, meaningOf, stem, type Word } from '../words.ts'

/** What a tool is called and how it is described, as words that carry meaning. */
interface Profile {
  readonly names: readonly ReadonlySet<string>[]
  readonly description: ReadonlySet<string>
}

/** Words that many actions share: alone they name none. */
const commonVerbs = new Set(
  'get set add list find search do make take create read write run call use tell current'.split(' '),
)

const profiles = new WeakMap<ModelTool['aliases'], Profile>()

const makeProfile = (tool: ModelTool): Profile => {
  const names = [tool.name, ...tool.aliases].slice(0, 40).map(meaningOf)
  const properties = propertiesOf(tool).flatMap(({ name, choices }) => [name, ...choices])
  const examples = tool.examples.slice(0, 20).map(({ user }) => user)
  return {
    names: names.filter((words) => [...words].some((word) => !commonVerbs.has(word))),
    description: meaningOf([tool.description, ...properties, ...examples].join(' ')),
  }
}

const profileOf = (tool: ModelTool): Profile => {
  const known = profiles.get(tool.aliases) ?? makeProfile(tool)
  profiles.set(tool.aliases, known)
  return known
}

const requestWords = new Set(
  'what which who when where how is are do does can could would please show list find search add make take create tell give get set note write start stop open send read run call use remind look check convert calculate delete remove'.split(
    ' ',
  ),
)

/** Whether a sentence asks or orders, which one that tells does not. */
const isRequest = (words: readonly Word[]): boolean => requestWords.has(words[0]?.text ?? '')

const nameWeight = { one: 3, more: 6 } as const
const maxDescriptionWeight = 2

/** How far a sentence speaks of a tool: names and aliases that stand whole in it, words of the description, less what it says besides. */
export const score = (tool: ModelTool, words: readonly Word[], taken: ReadonlySet<string>): number => {
  if (words.some((word) => word.text === tool.name.toLowerCase() && word.text.includes('_'))) return 10
  const said = new Set(words.flatMap((word) => (isStopWord(word.text) ? [] : [stem(word.text)])))
  const { names, description } = profileOf(tool)
  const whole = names
    .filter((name) => [...name].every((word) => said.has(word)))
    .toSorted((a, b) => b.size - a.size)[0]
  if (whole === undefined) return 0
  const besides = [...said].filter((word) => !whole.has(word) && !taken.has(word))
  const described = besides.filter((word) => description.has(word)).length
  const strange = besides.length - described
  return (
    (whole.size > 1 ? nameWeight.more : nameWeight.one) +
    Math.min(described, maxDescriptionWeight) +
    (isRequest(words) ? 1 : -2) -
    strange
  )
}
