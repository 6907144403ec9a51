/** Where a word stands: from, and up to but not with. */
export type Span = readonly [from: number, to: number]

/** The spans of all words in a text, in order and apart: what overlaps is one. */
export type WordSearch = (text: string) => readonly Span[]

const blockLength = 3
const longestWindow = 16
const tableSize = 65_536

/** Letters alike in both cases; other characters may meet, which costs a comparison and changes no result. */
const blockAt = (text: string, end: number): number =>
  (((text.charCodeAt(end - 2) | 32) << 10) ^
    ((text.charCodeAt(end - 1) | 32) << 5) ^
    (text.charCodeAt(end) | 32)) &
  (tableSize - 1)

/** Of ASCII letters alone: others change their number of characters with their case. */
const lowerCase = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** How far a window may move whose last block is this one, so that no word's start is passed over. */
const skipsOf = (starts: Iterable<string>, window: number): Uint8Array => {
  const skips = new Uint8Array(tableSize).fill(window - blockLength + 1)
  for (const start of starts)
    for (let end = blockLength - 1; end < window; end++) {
      const block = blockAt(start, end)
      skips[block] = Math.min(skips[block]!, window - 1 - end)
    }
  return skips
}

/**
 * Searches for any of many words at once, ASCII letters in any case, by Wu and Manber's method: most of the text is stepped over, however
 * many words there are. Words have at least three characters.
 */
export const wordSearch = (words: readonly string[]): WordSearch => {
  const folded = [...new Set(words.map(lowerCase))]
  const window = Math.min(longestWindow, ...folded.map((word) => word.length))
  const byStart = Map.groupBy(folded, (word) => word.slice(0, window))
  const skips = skipsOf(byStart.keys(), window)

  /** Where the longest word that begins here ends; -1 where none does. */
  const endOfWord = (text: string, from: number): number => {
    const found = byStart.get(lowerCase(text.slice(from, from + window))) ?? []
    const ends = found.filter((word) => lowerCase(text.slice(from, from + word.length)) === word)
    return ends.reduce((end, word) => Math.max(end, from + word.length), -1)
  }
  return (text) => {
    const spans: [number, number][] = []
    for (let last = window - 1; last < text.length;) {
      const skip = skips[blockAt(text, last)]!
      if (skip > 0) {
        last += skip
        continue
      }
      const from = last - window + 1
      const to = endOfWord(text, from)
      const before = spans.at(-1)
      if (to >= 0 && before !== undefined && from < before[1]) before[1] = Math.max(before[1], to)
      else if (to >= 0) spans.push([from, to])
      last++
    }
    return spans
  }
}
