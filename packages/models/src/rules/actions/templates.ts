import type { ModelTool } from '@covent/core'
import { type Input, propertiesOf, takesAnything, valueFor } from './schema.ts'
import { isStopWord, type Word, wordsOf } from '../words.ts'

interface Capture {
  readonly capture: string
  readonly hasDigit: boolean
  readonly hasSeveralWords: boolean
}

type Part = { readonly word: string } | Capture

/** An example's text with the values of its input taken out. */
interface Template {
  readonly parts: readonly Part[]
  /** Values of the example's input that its text does not hold. */
  readonly constants: Input
  /** Letters of its words: what it is worth when it fits. */
  readonly weight: number
}

export interface Fit {
  readonly tool: ModelTool
  readonly input: Input
  readonly weight: number
  /** Whether it took words of any kind and number, as a note's text, so that nothing of its sentence is for others. */
  readonly isFree: boolean
}

const politeAtStart = new Set('please hey ok okay covent so and then can could would will you'.split(' '))
const politeAtEnd = new Set('please thanks thank you'.split(' '))

const withoutManners = (words: readonly Word[]): readonly Word[] => {
  let start = 0
  let end = words.length
  while (start < end && politeAtStart.has(words[start]!.text)) start++
  while (end > start && politeAtEnd.has(words[end - 1]!.text)) end--
  return words.slice(start, end)
}

const placeOf = (part: readonly string[], words: readonly string[]): number => {
  if (part.length === 0) return -1
  return words.findIndex((_, at) => part.every((word, n) => words[at + n] === word))
}

const spellings = (value: unknown): readonly (readonly string[])[] => {
  const written = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const last = written.includes('/') ? written.slice(written.lastIndexOf('/') + 1).replaceAll('_', ' ') : ''
  return [written, last]
    .map((text) => wordsOf(text).map((word) => word.text))
    .filter((words) => words.length > 0)
}

const cut = (parts: readonly Part[], name: string, value: unknown): readonly Part[] | undefined => {
  const words = parts.map((part) => ('word' in part ? part.word : ''))
  for (const spelling of spellings(value)) {
    const at = placeOf(spelling, words)
    if (at === -1) continue
    const capture = {
      capture: name,
      hasDigit: /\d/.test(spelling.join('')),
      hasSeveralWords: spelling.length > 1,
    }
    return [...parts.slice(0, at), capture, ...parts.slice(at + spelling.length)]
  }
  return undefined
}

const templateOf = (user: string, input: unknown): Template | undefined => {
  let parts: readonly Part[] = withoutManners(wordsOf(user)).map(({ text }) => ({ word: text }))
  const constants: Record<string, unknown> = {}
  const values = typeof input === 'object' && input !== null ? Object.entries(input) : []
  for (const [name, value] of values.toSorted((a, b) => String(b[1]).length - String(a[1]).length)) {
    const shorter = cut(parts, name, value)
    if (shorter === undefined) constants[name] = value
    else parts = shorter
  }
  const words = parts.flatMap((part) => ('word' in part ? [part.word] : []))
  const isTelling =
    words.some((word) => !isStopWord(word)) || parts.some((part) => 'capture' in part && part.hasDigit)
  if (words.length === 0 || !isTelling) return undefined
  return { parts, constants, weight: words.join('').length }
}

const maxExamples = 20
const compiled = new WeakMap<ModelTool['examples'], readonly Template[]>()

const templatesOf = ({ examples }: ModelTool): readonly Template[] => {
  const known = compiled.get(examples)
  if (known !== undefined) return known
  const made = examples.slice(0, maxExamples).flatMap(({ user, input }) => templateOf(user, input) ?? [])
  compiled.set(examples, made)
  return made
}

/** How many words a capture takes: up to the first place where the words after it stand, or all where none follow. */
const captureLength = (
  words: readonly Word[],
  from: number,
  after: { readonly words: readonly string[]; readonly isLast: boolean },
): number => {
  if (after.words.length === 0) return words.length - from
  const texts = words.slice(from).map((word) => word.text)
  const at = after.isLast ? texts.length - after.words.length : placeOf(after.words, texts.slice(1)) + 1
  return at > 0 && after.words.every((word, n) => texts[at + n] === word) ? at : 0
}

const runAfter = (parts: readonly Part[], at: number): readonly string[] => {
  const rest = parts.slice(at + 1)
  const end = rest.findIndex((part) => 'capture' in part)
  return rest.slice(0, end === -1 ? rest.length : end).flatMap((part) => ('word' in part ? [part.word] : []))
}

const captures = (
  template: Template,
  words: readonly Word[],
  source: string,
): ReadonlyMap<string, string> | undefined => {
  const { parts } = template
  const found = new Map<string, string>()
  let at = 0
  for (const [n, part] of parts.entries()) {
    if ('word' in part) {
      if (words[at++]?.text !== part.word) return undefined
      continue
    }
    const after = runAfter(parts, n)
    const length = captureLength(words, at, {
      words: after,
      isLast: n + after.length === parts.length - 1,
    })
    if (length <= 0) return undefined
    const text = source.slice(words[at]!.start, words[at + length - 1]!.end)
    found.set(part.capture, text.replace(/ (?:right now|at the moment)$/i, ''))
    if (part.hasDigit && template.weight < 4 && !/\d/.test(text)) return undefined
    at += length
  }
  return at === words.length ? found : undefined
}

/** Without the `that` of `add a note that …`; behind a colon it belongs to the text. */
const freeText = (text: string, source: string): string =>
  /:\s{0,9}that\b/i.test(source) ? text : text.replace(/^that\s{1,9}(?=\S)/i, '')

/** Of `Tokyo and in Paris` the first. */
const firstOf = (text: string): string => text.replace(/,? and (?:in|for|at)\b.*$/i, '')

const fitOf = (
  tool: ModelTool,
  template: Template,
  said: { readonly words: readonly Word[]; readonly source: string },
): Fit | undefined => {
  const found = captures(template, said.words, said.source)
  if (found === undefined) return undefined
  const properties = new Map(propertiesOf(tool).map((property) => [property.name, property]))
  const input: Record<string, unknown> = { ...template.constants }
  for (const [name, text] of found) {
    const property = properties.get(name)
    const value =
      property && valueFor(property, takesAnything(property) ? freeText(text, said.source) : firstOf(text))
    if (value === undefined) return undefined
    input[name] = value
  }
  const isFree = template.parts.some(
    (part) => 'capture' in part && part.hasSeveralWords && takesAnything(properties.get(part.capture)),
  )
  return { tool, input, weight: template.weight, isFree }
}

/** The tool one of whose examples a sentence follows; of several the one with the most words in common. */
export const fitExample = (tools: readonly ModelTool[], source: string): Fit | undefined => {
  const said = { words: withoutManners(wordsOf(source)), source }
  let best: Fit | undefined
  for (const tool of tools)
    for (const template of templatesOf(tool)) {
      const fit = template.weight > (best?.weight ?? 0) ? fitOf(tool, template, said) : undefined
      best = fit ?? best
    }
  return best
}
