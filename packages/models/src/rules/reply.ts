import type { ModelTool } from '@covent/core'
import { type Choice, choose, questionFor, unsureText } from './actions/choose.ts'
import { type Fact, type Facts, factsIn } from './memory/facts.ts'
import { allRemembered, asksForAll, recallIn, remembered } from './memory/recall.ts'
import type { Input } from './actions/schema.ts'
import { clausesOf, type Sentence, sentencesOf } from './sentences.ts'
import { asksForHelp, cannotHelp, greet, greetingIn, help, smallTalk } from './small-talk.ts'

export interface Call {
  readonly tool: ModelTool
  readonly input: Input
}

export interface Reply {
  readonly text: string
  readonly calls: readonly Call[]
}

/** What is known when a message is answered. */
export interface Setting {
  readonly tools: readonly ModelTool[]
  readonly facts: Facts
}

type Piece = { readonly text: string } | { readonly call: Call }

const maxCalls = 4

const acknowledge = (fact: Fact): string =>
  fact.key === 'name' ? `Nice to meet you, ${fact.value}.` : `I will remember that ${fact.told}.`

const chosen = (choice: Choice): Piece => {
  if (choice.kind === 'call') return { call: choice }
  if (choice.kind === 'ask') return { text: questionFor(choice.tool, choice.missing) }
  return { text: unsureText(choice.tools) }
}

const recalled = ({ facts, tools }: Setting, clause: Sentence): Piece | undefined => {
  if (asksForAll(clause)) return { text: allRemembered(facts) }
  const recall = recallIn(clause)
  const kept = recall && remembered(facts, recall, 'kept')
  if (kept !== undefined) return { text: kept }
  const choice = choose(tools, clause.text)
  if (choice !== undefined) return chosen(choice)
  const passing = recall && remembered(facts, recall, 'passing')
  if (passing !== undefined) return { text: passing }
  return recall?.isOwn === true ? { text: `You have not told me ${recall.thing} yet.` } : undefined
}

const talk = (setting: Setting, clause: Sentence): Piece | undefined => {
  if (asksForHelp(clause.text)) return { text: help(setting.tools) }
  const small = smallTalk(clause.text)
  return small === undefined ? undefined : { text: small }
}

const answerClause = (setting: Setting, clause: Sentence): readonly Piece[] => {
  const greeted = greetingIn(clause.text)
  if (greeted !== undefined) {
    const text = greet(greeted.greeting, setting.facts.get('name')?.value)
    return [
      { text },
      ...(greeted.rest === '' ? [] : answerClause(setting, { ...clause, text: greeted.rest })),
    ]
  }
  const facts = factsIn(clause)
  const kept = facts.filter((fact) => fact.isPassing !== true)
  if (kept.length > 0) return kept.map((fact) => ({ text: acknowledge(fact) }))
  const piece = talk(setting, clause) ?? recalled(setting, clause)
  if (piece !== undefined) return [piece]
  return facts.map((fact) => ({ text: acknowledge(fact) }))
}

const answerSentence = (setting: Setting, sentence: Sentence): readonly Piece[] => {
  const clauses = clausesOf(sentence)
  if (clauses.length > 1) {
    const whole = choose(setting.tools, sentence.text)
    if (whole?.kind === 'call' && whole.isFree) return [{ call: whole }]
  }
  return clauses.flatMap((clause) => answerClause(setting, clause))
}

/** Answers a message sentence by sentence; undefined where it knows nothing to say to any of them. */
export const reply = (setting: Setting, text: string): Reply | undefined => {
  const pieces = sentencesOf(text).flatMap((sentence) => answerSentence(setting, sentence))
  if (pieces.length === 0) return undefined
  const calls = pieces.flatMap((piece) => ('call' in piece ? [piece.call] : [])).slice(0, maxCalls)
  const said = new Set(pieces.flatMap((piece) => ('text' in piece ? [piece.text] : [])))
  return { text: [...said].join(' '), calls }
}

export const fallback = ({ tools }: Setting): Reply => ({ text: cannotHelp(tools), calls: [] })
