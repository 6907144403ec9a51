import { maxTextLength } from './words.ts'

const maxSentences = 8
const abbreviation = /(?:^|\s)(?:dr|mr|mrs|ms|st|no|vs|e\.g|i\.e|\p{Lu})$/iu

/** A sentence without the mark that ended it. */
export interface Sentence {
  readonly text: string
  readonly isQuestion: boolean
}

const sentence = (text: string, mark: string): readonly Sentence[] => {
  const trimmed = text.trim()
  return trimmed === '' ? [] : [{ text: trimmed, isQuestion: mark.includes('?') }]
}

/** The first sentences of a text. */
export const sentencesOf = (text: string): readonly Sentence[] => {
  const bounded = text.slice(0, maxTextLength)
  const found: Sentence[] = []
  let start = 0
  for (const mark of bounded.matchAll(/[.!?…]+(?=\s|$)|\n/g)) {
    if (mark[0] === '.' && abbreviation.test(bounded.slice(Math.max(start, mark.index - 6), mark.index)))
      continue
    found.push(...sentence(bounded.slice(start, mark.index), mark[0]))
    start = mark.index + mark[0].length
    if (found.length >= maxSentences) return found
  }
  return [...found, ...sentence(bounded.slice(start), '')]
}

const joint =
  /(?:[,;]\s{0,9}(?:(?:and|but)\s{1,9})?|\s(?:and|but)\s{1,9})(?=(?:what|where|who|how|when|which|can you|could you|please|tell me|do you|my|i|i'm|call me|remember)\b)/gi

/** The parts of a sentence that could each be one. */
export const clausesOf = ({ text, isQuestion }: Sentence): readonly Sentence[] => {
  const parts = text.split(joint).filter((part) => part.trim() !== '')
  return parts.slice(0, maxSentences).map((part, n) => ({
    text: part.trim(),
    isQuestion: isQuestion && n === parts.length - 1,
  }))
}

/** Straight quotes, and short forms in full. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[’‘`]/g, "'")
    .replaceAll(/\b(what|who|where|how|when)'?s\b/gi, '$1 is')
    .replaceAll(/\bname's\b/gi, 'name is')
    .replaceAll(/\bI'?m\b/gi, 'I am')
