import type { Place } from '../check/problem.ts'

export const deepestNesting = 32

export interface Scan {
  /** The text with each comment as spaces, every other character where it was. */
  readonly text: string
  readonly tooDeepAt?: Place
}

// A string (also one that does not end), a comment, or a bracket; each branch runs over its text once.
const token = /"(?:\\[^]|[^"\\\n\r])*"?|'(?:\\[^]|[^'\\\n\r])*'?|\/\/[^\n\r\u2028\u2029]*|\/\*|[[\]{}]/g

/**
 * Runs over JSON5 before it is parsed: the parser recurses into brackets and over comments, so that a small file could
 * exhaust its stack.
 */
export const blankComments = (text: string): Scan => {
  const parts: string[] = []
  let from = 0
  let depth = 0
  const blank = (start: number, end: number): void => {
    parts.push(text.slice(from, start), text.slice(start, end).replaceAll(/[^\n\r\u2028\u2029]/g, ' '))
    from = end
    token.lastIndex = end
  }
  token.lastIndex = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match
    if (found === '[' || found === '{') depth++
    else if (found === ']' || found === '}') depth--
    else if (found.startsWith('//')) blank(match.index, match.index + found.length)
    else if (found === '/*') {
      const end = text.indexOf('*/', match.index + 2)
      if (end === -1) break // the parser says where
      blank(match.index, end + 2)
    }
    if (depth > deepestNesting) return { text, tooDeepAt: placeAt(text, match.index) }
  }
  return { text: parts.join('') + text.slice(from) }
}

const placeAt = (text: string, index: number): Place => {
  const lines = text.slice(0, index).split(/\r\n|[\n\r\u2028\u2029]/)
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}
