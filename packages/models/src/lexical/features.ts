const words = (text: string): readonly string[] =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** FNV-1a over UTF-16 units. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}

/** A word, and the three-letter pieces of it with its ends marked, so that `town` is near `towns`. */
const piecesOf = (word: string): readonly string[] => {
  const marked = `^${word}$`
  const pieces = [word]
  for (let at = 0; at + 3 <= marked.length; at++) pieces.push(`~${marked.slice(at, at + 3)}`)
  return pieces
}

export interface Features {
  readonly counts: ReadonlyMap<string, number>
  readonly wordCount: number
}

export const featuresOf = (text: string): Features => {
  const found = words(text)
  const counts = new Map<string, number>()
  for (const piece of found.flatMap(piecesOf)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  return { counts, wordCount: found.length }
}

/** Each feature adds to the place that its hash names, by a sign that the hash names too; the sum has unit length. */
export const vectorOf = ({ counts }: Features, dimensions: number): Float32Array => {
  const vector = new Float32Array(dimensions)
  for (const [feature, count] of counts) {
    const value = hash(feature)
    const at = value % dimensions
    vector[at] = vector[at]! + (value & 0x10000 ? 1 : -1) * (1 + Math.log(count))
  }
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => value / length)
}
