const depthCap = 64
const partCap = 50_000
const memberCap = 2_000
const stringCap = 10_000

/**
 * Marks that turn the direction of text, that take no room, or that spell words in tags: people do not see them, models
 * read them. The joiners that languages and emoji need are not among them.
 */
const unseen = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\udb40]/

const stringProblem = (text: string): string | undefined => {
  if (text.length > stringCap) return `it holds a text of more than ${stringCap} characters`
  return unseen.test(text) ? 'it holds characters that nobody sees' : undefined
}

/**
 * Why a document is not even looked at as a manifest: what a stranger sends costs the server's thread some milliseconds
 * before anything is known of it, never seconds.
 */
export const boundsProblem = (document: unknown): string | undefined => {
  let parts = 0
  const walk = (value: unknown, depth: number): string | undefined => {
    if (++parts > partCap) return `it has more than ${partCap} parts`
    if (typeof value === 'string') return stringProblem(value)
    if (typeof value !== 'object' || value === null) return undefined
    if (depth === depthCap) return `it is nested more than ${depthCap} deep`
    const keys = Object.keys(value)
    if (keys.length > memberCap) return `one of its parts has more than ${memberCap} members`
    for (const key of keys) {
      const found =
        (Array.isArray(value) ? undefined : stringProblem(key)) ??
        walk((value as Readonly<Record<string, unknown>>)[key], depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  return walk(document, 0)
}
