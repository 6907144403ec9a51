/** A word of a text, in lower case, with its place. */
export interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** More of a text than this is not looked at. */
export const maxTextLength = 4000

const contractions: ReadonlyMap<string, readonly string[]> = new Map([
  ["what's", ['what', 'is']],
  ['whats', ['what', 'is']],
  ["who's", ['who', 'is']],
  ["where's", ['where', 'is']],
  ["how's", ['how', 'is']],
  ["it's", ['it', 'is']],
  ["that's", ['that', 'is']],
  ["i'm", ['i', 'am']],
])

/** Splits a text into words; punctuation and spaces between them count for nothing. */
export const wordsOf = (text: string): readonly Word[] => {
  const words: Word[] = []
  for (const match of text.slice(0, maxTextLength).matchAll(/[\p{L}\p{N}]+(?:['’._:/@-][\p{L}\p{N}]+)*/gu)) {
    const written = match[0].toLowerCase().replaceAll('’', "'")
    const place = { start: match.index, end: match.index + match[0].length }
    for (const part of contractions.get(written) ?? [written]) words.push({ text: part, ...place })
  }
  return words
}

const stopWords = new Set(
  `a an the this that these those is are was were be been am do does did done can could would will shall should may
  might must have has had i me my mine you your yours he she it its we us our they them their and or but if of in on at
  for from to with by about as into than then so not no yes what which who whom whose where when why how please tell
  give show get want need know let make some any there here just now today hey hi hello ok okay right new all`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

export const isStopWord = (word: string): boolean => stopWords.has(word)

/** One form for the forms of a word that matter here. */
export const stem = (word: string): string =>
  word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word

/** The words of a text that carry meaning, as stems; names in snake or camel case fall apart. */
export const meaningOf = (text: string): ReadonlySet<string> => {
  const apart = text.slice(0, maxTextLength).replaceAll(/(?<=[a-z0-9])(?=[A-Z])|[_./:-]/g, ' ')
  return new Set(wordsOf(apart).flatMap((word) => (isStopWord(word.text) ? [] : [stem(word.text)])))
}
