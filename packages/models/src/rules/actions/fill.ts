import type { ModelTool } from '@covent/core'
import { type Input, propertiesOf, type Property, valueFor } from './schema.ts'
import { meaningOf, type Word, wordsOf } from '../words.ts'

/** What was found of a tool's input, what is missing of it, and which words of the sentence it took. */
export interface Filling {
  readonly input: Input
  readonly missing: readonly Property[]
  readonly taken: ReadonlySet<string>
}

const prepositions = new Set('in for at of about from to named called with near on'.split(' '))
const placeWords = /place|city|town|location|country|region|zone|where/i
const placePrepositions = new Set(['in', 'for', 'at', 'of', 'near', 'from'])

interface Phrase {
  readonly preposition: string
  readonly text: string
}

const closing = /\s(?:please|right now|at the moment)$/i

const phrasesOf = (source: string, words: readonly Word[]): readonly Phrase[] => {
  const starts = words.flatMap((word, n) => (prepositions.has(word.text) ? [n] : []))
  return starts.flatMap((start, n) => {
    const first = words[start + 1]
    const last = words[(starts[n + 1] ?? words.length) - 1]
    if (first === undefined || last === undefined || last.start < first.start) return []
    return [
      { preposition: words[start]!.text, text: source.slice(first.start, last.end).replace(closing, '') },
    ]
  })
}

const quotedIn = (source: string): readonly string[] =>
  [...source.matchAll(/"([^"]{1,2000})"|“([^”]{1,2000})”/g)].map((match) => match[1] ?? match[2]!)

const afterName = (source: string, { name }: Property): string | undefined => {
  const words = source.matchAll(
    /([\p{L}\p{N}_]{1,60})\s{0,3}[:=]\s{0,3}(?:"([^"]{1,2000})"|([^\s,;]{1,200}))/gu,
  )
  for (const match of words) if (match[1]!.toLowerCase() === name.toLowerCase()) return match[2] ?? match[3]
  return undefined
}

const readBoolean = (words: readonly Word[], { name }: Property): string | undefined => {
  const at = words.findIndex((word) => word.text === name.toLowerCase())
  if (at === -1) return undefined
  return /^(?:no|not|without)$/.test(words[at - 1]?.text ?? '') ? 'false' : 'true'
}

interface Sentence {
  readonly source: string
  readonly words: readonly Word[]
  readonly quoted: string[]
  readonly phrases: Phrase[]
  readonly numbers: string[]
}

const takePhrase = (sentence: Sentence, property: Property): string | undefined => {
  const isPlace = placeWords.test(`${property.name} ${property.description}`)
  const at = sentence.phrases.findIndex(({ preposition, text }) => {
    if (valueFor(property, text) === undefined) return false
    return isPlace ? placePrepositions.has(preposition) : property.isRequired
  })
  return at === -1 ? undefined : sentence.phrases.splice(at, 1)[0]?.text
}

const readText = (sentence: Sentence, property: Property): string | undefined => {
  if (property.choices.length > 0) {
    const said = ` ${sentence.words.map((word) => word.text).join(' ')} `
    return property.choices.find((choice) =>
      said.includes(
        ` ${wordsOf(choice)
          .map((word) => word.text)
          .join(' ')} `,
      ),
    )
  }
  const quoted = property.isRequired ? sentence.quoted.shift() : undefined
  // A piece of the sentence is no free text: of `note: call mom at 5` it would keep the 5.
  return quoted ?? (property.isLongText ? undefined : takePhrase(sentence, property))
}

const read = (sentence: Sentence, property: Property): string | undefined => {
  if (property.type === 'string') return readText(sentence, property)
  if (property.type === 'boolean') return readBoolean(sentence.words, property)
  if (property.type === 'number' || property.type === 'integer') return sentence.numbers.shift()
  return undefined
}

const startOf = (tool: ModelTool): readonly (readonly string[])[] =>
  [tool.name.replaceAll('_', ' '), ...tool.aliases].map((name) => wordsOf(name).map((word) => word.text))

const joining = /^(?:that|saying|about|for|of|to|with|called|named)\s{1,9}(?=\S)/i

/** What follows a tool's name where a sentence begins with it: `add note buy milk`. */
const remainder = (tool: ModelTool, { source, words }: Sentence): string | undefined => {
  const said = words.map((word) => word.text)
  const lengths = startOf(tool).flatMap((name) =>
    name.every((word, n) => said[n] === word) ? [name.length] : [],
  )
  const first = words[Math.max(...lengths, 0)]
  return lengths.length === 0 || first === undefined
    ? undefined
    : source.slice(first.start).trim().replace(joining, '')
}

const restOf = (tool: ModelTool, sentence: Sentence): string | undefined =>
  afterColon(tool, sentence.source) ?? (sentence.quoted.length === 0 ? remainder(tool, sentence) : undefined)

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((word) => b.has(word))

/** What stands behind a colon where a tool's name, in any of its forms, stands before it: `note: buy milk`. */
const afterColon = (tool: ModelTool, source: string): string | undefined => {
  const [, head, text] = /^([^:]{1,60}):\s{1,9}(\S.{0,3999})$/s.exec(source) ?? []
  if (head === undefined || text === undefined) return undefined
  const said = meaningOf(head)
  const isNamed = [tool.name, ...tool.aliases].some((name) => said.size > 0 && isSame(meaningOf(name), said))
  return isNamed ? text.trim().replace(/^(?:"([^"]{1,4000})"|“([^”]{1,4000})”)$/, '$1$2') : undefined
}

/** Reads a tool's input out of a sentence. What is required and not there stays missing: nothing is guessed. */
export const fill = (tool: ModelTool, source: string): Filling => {
  const words = wordsOf(source)
  const sentence: Sentence = {
    source,
    words,
    quoted: [...quotedIn(source)],
    phrases: [...phrasesOf(source, words)],
    numbers: words.filter((word) => /^\d+(?:\.\d+)?$/.test(word.text)).map((word) => word.text),
  }
  const input: Record<string, unknown> = {}
  const properties = propertiesOf(tool)
  const taken = new Set<string>()
  const put = (property: Property, text: string | undefined): void => {
    const value = text === undefined ? undefined : valueFor(property, text)
    if (value === undefined) return
    input[property.name] = value
    for (const word of meaningOf(text!)) taken.add(word)
  }
  const required = properties.filter((property) => property.isRequired)
  const rest = required.length === 1 ? restOf(tool, sentence) : undefined
  for (const property of properties) {
    const isSole = property === required[0] && property.type === 'string' && property.choices.length === 0
    const named = afterName(source, property)
    put(property, named ?? (isSole ? rest : undefined) ?? read(sentence, property))
  }
  return { input, missing: required.filter(({ name }) => !Object.hasOwn(input, name)), taken }
}
