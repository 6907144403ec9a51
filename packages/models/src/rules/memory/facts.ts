import { clausesOf, plain, type Sentence, sentencesOf } from '../sentences.ts'

/** Something that the user said of themselves, or asked to keep. */
export interface Fact {
  readonly key: string
  /** `your name is Ada`. */
  readonly told: string
  readonly value: string
  /** Said in passing: it answers only where nothing else does. */
  readonly isPassing?: boolean
}

export type Facts = ReadonlyMap<string, Fact>

/** One spelling for a thing's name. */
export const factKey = (thing: string): string => {
  const key = thing
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replaceAll('favorite', 'favourite')
    .replaceAll('color', 'colour')
    .trim()
  return key === 'first name' || key === 'full name' ? 'name' : key
}

/** What the user says of themselves, as one says it back. */
export const turned = (text: string): string =>
  text.replaceAll(/\b(?:my|mine|me|I am|I)\b/gi, (word) => turns[word.toLowerCase()] ?? word)

const turns: Readonly<Record<string, string>> = {
  my: 'your',
  mine: 'yours',
  me: 'you',
  i: 'you',
  'i am': 'you are',
}

const noName = new Set(
  'sorry fine good ok okay great happy sad tired here back not just done lost new bored hungry ready busy german french english american british'.split(
    ' ',
  ),
)

const named = (name: string): readonly Fact[] => {
  const value = name.trim()
  const first = value.split(' ', 1)[0]!.toLowerCase()
  if (
    value.split(' ').length > 6 ||
    noName.has(first) ||
    /^(?:a|an|later|back|when|if|at|on|tomorrow)$/.test(first)
  )
    return []
  return [{ key: 'name', told: `your name is ${value}`, value }]
}

const of = (key: string, told: string, value: string): readonly Fact[] => [
  { key, told: `${told} ${turned(value)}`, value },
]

const isThing = (match: RegExpExecArray): readonly Fact[] => {
  const [owner, thing, is, value] = match.slice(1, 5) as [string, string, string, string]
  const key = factKey(thing)
  if (key === 'name') return named(value)
  const whose = owner.toLowerCase() === 'my' ? 'your' : 'the'
  return of(key, `${whose} ${thing} ${is}`, value)
}

interface Pattern {
  readonly form: RegExp
  read(groups: readonly string[]): readonly Fact[]
}

/** Forms of statements. Each is anchored, and what it takes is bounded, so that it reads a clause in one pass. */
const patterns: readonly Pattern[] = [
  { form: /^I am called (.{1,60})$/i, read: ([name]) => named(name!) },
  { form: /^(?:(?:you (?:can|may)|just|please) )?call me (.{1,60})$/i, read: ([name]) => named(name!) },
  {
    form: /^(?:I am|this is) (\p{Lu}[\p{L}'-]{0,39}(?: \p{Lu}[\p{L}'-]{0,39}){0,2})$/u,
    read: ([name]) => named(name!),
  },
  {
    form: /^I (?:am )?(?:live|living|based|reside) (in|at|near) (.{1,200})$/i,
    read: ([where, place]) => of('home', `you live ${where!.toLowerCase()}`, place!),
  },
  { form: /^I am from (.{1,200})$/i, read: ([place]) => of('origin', 'you are from', place!) },
  {
    form: /^I am (\d{1,3})(?: years old)?$/i,
    read: ([age]) => [{ key: 'age', told: `you are ${age} years old`, value: age! }],
  },
  {
    form: /^I work (at|for|in) (.{1,200})$/i,
    read: ([where, place]) => of('work', `you work ${where!.toLowerCase()}`, place!),
  },
  { form: /^I work as (.{1,200})$/i, read: ([job]) => of('job', 'you work as', job!) },
  {
    form: /^I (like|love|hate|prefer|drive|play|speak|study|own) (.{1,200})$/i,
    read: ([verb, what]) => of(verb!.toLowerCase(), `you ${verb!.toLowerCase()}`, what!),
  },
]

const ownThing = /^(my) (.{1,80}?) (is|are|was) ((?!not\b).{1,500})$/i
const keptThing = /^(the|my|our) (.{1,80}?) (is|are|was) (.{1,500})$/i
const leadIn =
  /^(?:(?:hi|hello|hey|no|yes|actually|well|ok|okay|so|and|but|also|oh|by the way|please)\b[,!\s]{1,9}){1,4}/i
const keep =
  /^(?:please )?(?:remember|keep in mind|don't forget|do not forget)[:,]?(?: that)? (?!to\b)(.{1,600})$/i

const stated = (text: string): readonly Fact[] => {
  for (const { form, read } of patterns) {
    const match = form.exec(text)
    const facts = match === null ? [] : read(match.slice(1))
    if (facts.length > 0) return facts
  }
  const own = ownThing.exec(text)
  return own === null ? [] : isThing(own)
}

const kept = (text: string): readonly Fact[] => {
  const own = stated(text)
  if (own.length > 0) return own
  const match = keptThing.exec(text)
  if (match !== null) return isThing(match)
  return [{ key: `said: ${factKey(text)}`, told: turned(text), value: text }]
}

const inPassing = (text: string): readonly Fact[] => {
  const match = keptThing.exec(text)
  if (match === null) return []
  return isThing(match).map((fact) => ({ ...fact, isPassing: true }))
}

const intent = /^(?:please )?(?:remember|don't forget|do not forget) to (.{1,600})$/i

const intended = (text: string): readonly Fact[] => {
  const what = intent.exec(text)?.[1]
  return what === undefined ? [] : of(`to do: ${factKey(what)}`, 'you want to', what)
}

/** What a clause states; nothing for a question. */
export const factsIn = (clause: Sentence): readonly Fact[] => {
  if (clause.isQuestion) return []
  const text = plain(clause.text).replace(leadIn, '')
  const asked = keep.exec(text)
  if (asked !== null) return kept(asked[1]!)
  const facts = [...intended(text), ...stated(text)]
  return facts.length > 0 ? facts : inPassing(text)
}

/** All that the user has said, later facts over earlier ones. */
export const gatherFacts = (texts: readonly string[]): Facts => {
  const facts = new Map<string, Fact>()
  for (const text of texts) {
    if (!mayState(text)) continue
    for (const clause of sentencesOf(text).flatMap(clausesOf))
      for (const fact of factsIn(clause)) add(facts, fact)
  }
  return facts
}

const add = (facts: Map<string, Fact>, fact: Fact): void => {
  if (fact.isPassing === true && facts.get(fact.key)?.isPassing === false) return
  facts.delete(fact.key)
  facts.set(fact.key, fact)
}

const mayState = (text: string): boolean =>
  /\b(?:i|i'm|i’m|im|my|me|the|our|this|remember|mind|forget)\b/i.test(text.slice(0, 4000))
