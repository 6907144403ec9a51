import type { ModelTool } from '@covent/core'
import { fill } from './fill.ts'
import type { Input, Property } from './schema.ts'
import { score } from './score.ts'
import { type Fit, fitExample } from './templates.ts'
import { wordsOf } from '../words.ts'

export type Choice =
  | { readonly kind: 'call'; readonly tool: ModelTool; readonly input: Input; readonly isFree: boolean }
  | { readonly kind: 'ask'; readonly tool: ModelTool; readonly input: Input; readonly missing: Property }
  | { readonly kind: 'unsure'; readonly tools: readonly ModelTool[] }

/** Under this a sentence is not about an action. */
const threshold = 4

const called = ({ tool, input, isFree }: Fit): Choice => ({ kind: 'call', tool, input, isFree })

const byWords = (tools: readonly ModelTool[], source: string): Choice | undefined => {
  const words = wordsOf(source)
  const rated = tools
    .map((tool) => {
      const filling = fill(tool, source)
      return { tool, filling, points: score(tool, words, filling.taken) }
    })
    .filter(({ points }) => points >= threshold)
    .toSorted((a, b) => b.points - a.points)
  const [best, second] = rated
  if (best === undefined) return undefined
  if (second?.points === best.points)
    return {
      kind: 'unsure',
      tools: rated.filter(({ points }) => points === best.points).map(({ tool }) => tool),
    }
  const { tool, filling } = best
  const missing = filling.missing[0]
  return missing === undefined
    ? { kind: 'call', tool, input: filling.input, isFree: false }
    : { kind: 'ask', tool, input: filling.input, missing }
}

/** The action that a sentence asks for, if it asks for one: by an example that it follows, else by its words. */
export const choose = (tools: readonly ModelTool[], said: string): Choice | undefined => {
  const source = said.replace(/^(?:I|we) (?:need|want|would like|'d like) to know\b/i, 'tell me')
  const fit = fitExample(tools, source)
  return fit === undefined ? byWords(tools, source) : called(fit)
}

const nameOf = (tool: ModelTool): string => tool.name.replaceAll('_', ' ')

/** The question for an input; the answer to it is recognised by this very text. */
export const questionFor = (tool: ModelTool, missing: Property): string => {
  const about = missing.description === '' ? '' : ` (${missing.description.slice(0, 200)})`
  return `For “${nameOf(tool)}” I need to know: ${missing.name}${about}.`
}

export const unsureText = (tools: readonly ModelTool[]): string =>
  `I am not sure what you mean: ${tools.slice(0, 5).map(nameOf).join(', or ')}?`
