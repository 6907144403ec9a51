interface Wild<P, T> {
  isStar(part: P): boolean
  fits(part: P, item: T): boolean
}

/** Matches a sequence with stars, in linear memory and quadratic time at worst: patterns come from strangers. */
const matches = <P, T>(pattern: readonly P[], text: readonly T[], { isStar, fits }: Wild<P, T>): boolean => {
  let [at, next, star, from] = [0, 0, -1, 0]
  while (at < text.length) {
    if (next < pattern.length && isStar(pattern[next]!)) [star, from] = [next++, at]
    else if (next < pattern.length && fits(pattern[next]!, text[at]!)) [next, at] = [next + 1, at + 1]
    else if (star >= 0) [next, at] = [star + 1, ++from]
    else return false
  }
  return pattern.slice(next).every(isStar)
}

const fitsName = (pattern: string, name: string): boolean =>
  matches([...pattern], [...name], { isStar: (part) => part === '*', fits: (part, item) => part === item })

/** True where a path pattern of a manifest covers the path: `*` stands for any of one name, `**` for any names. */
export const coversPath = (pattern: string, names: readonly string[]): boolean =>
  matches(pattern.replace(/^\//, '').split('/'), names, {
    isStar: (part) => part === '**',
    fits: fitsName,
  })
