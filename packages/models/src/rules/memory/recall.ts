import { type Fact, factKey, type Facts } from './facts.ts'
import { plain, type Sentence } from '../sentences.ts'

/** What a question asks to be told back. */
export interface Recall {
  readonly key: string
  /** `your favourite colour`, as far as the question names it. */
  readonly thing: string
  /** Whether it can be meant for nothing but memory: what is `my …`, not what is `the …`. */
  readonly isOwn: boolean
}

const leadIn =
  /^(?:and|so|ok|okay|please|hey|hi|hello|well|but|now|then|can you|could you|would you|do you|did you|will you|still|also|remember|recall|know|remind me(?: of| about)?|tell me(?: about| again)?|say|again)[,!\s]{1,9}/i
const maxLeadIns = 6

const own: readonly (readonly [RegExp, string, string])[] = [
  [/^(?:who am i|who i am|what am i called|what i am called|what do you call me)$/i, 'name', 'your name'],
  [/^where (?:do i|i|am i) (?:live|living|based)(?: now)?$/i, 'home', 'where you live'],
  [/^(?:what|which) (?:city|town|country|place) (?:do i|i) live in$/i, 'home', 'where you live'],
  [/^where (?:am i|i am|do i come|i come) from$/i, 'origin', 'where you are from'],
  [/^how old (?:am i|i am)$/i, 'age', 'your age'],
  [/^(?:where (?:do i|i) work|who (?:do i|i) work for)$/i, 'work', 'where you work'],
  [/^what (?:do i do|is my job|is my work)(?: for a living)?$/i, 'job', 'your job'],
]

const things: readonly RegExp[] = [
  /^(?:what|who|which|when|where|how much|how old) (?:is|are|was|were) (my|the|our) (.{1,80}?)(?: again| called)?$/i,
  /^(?:what|who|which|when|where) (my|the|our) (.{1,80}?) (?:is|are|was|were)(?: called)?$/i,
]

const withoutLeadIn = (text: string): string => {
  let rest = text
  for (let n = 0; n < maxLeadIns; n++) {
    const shorter = rest.replace(leadIn, '')
    if (shorter === rest) break
    rest = shorter
  }
  return rest.trim()
}

const thingAsked = (owner: string, thing: string): Recall => {
  const isOwn = owner.toLowerCase() !== 'the'
  return { key: factKey(thing), thing: `${isOwn ? 'your' : 'the'} ${thing}`, isOwn }
}

/** What a clause asks of memory, if it does. */
export const recallIn = (clause: Sentence): Recall | undefined => {
  const whole = plain(clause.text)
  const text = withoutLeadIn(whole).replace(/,? please$/i, '')
  for (const [form, key, thing] of own) if (form.test(text)) return { key, thing, isOwn: true }
  const verb = /^what (?:do i|i) (like|love|hate|prefer|drive|play|speak|study|own)$/i.exec(text)?.[1]
  if (verb !== undefined) return { key: verb.toLowerCase(), thing: `what you ${verb}`, isOwn: true }
  for (const form of things) {
    const match = form.exec(text)
    if (match !== null) return thingAsked(match[1]!, match[2]!)
  }
  const bare = text === whole ? null : /^(my|the|our) (.{1,80})$/i.exec(text)
  return bare === null ? undefined : thingAsked(bare[1]!, bare[2]!)
}

/** True for a question after all that is remembered. */
export const asksForAll = (clause: Sentence): boolean =>
  /^what (?:do|did|can) you (?:know|remember|recall)(?: (?:about|of) me)?$|^what have i told you(?: about me)?$/i.test(
    plain(clause.text),
  )

const sentence = (fact: Fact): string => `${fact.told.charAt(0).toUpperCase()}${fact.told.slice(1)}.`

/** What is remembered of it, as a sentence. */
export const remembered = (facts: Facts, recall: Recall, kinds: 'kept' | 'passing'): string | undefined => {
  const fact = facts.get(recall.key)
  if (fact === undefined || (fact.isPassing === true) !== (kinds === 'passing')) return undefined
  return sentence(fact)
}

const maxListed = 30

export const allRemembered = (facts: Facts): string => {
  const told = [...facts.values()].filter((fact) => fact.isPassing !== true).slice(-maxListed)
  if (told.length === 0) return 'You have not told me anything to remember yet.'
  return told.map(sentence).join(' ')
}
