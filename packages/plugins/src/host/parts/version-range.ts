type Version = readonly [number, number, number]

const parse = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.split('.').map(Number)
  return [major, minor, patch]
}

const isAtLeast = (version: Version, least: Version): boolean => {
  const differing = version.findIndex((number, n) => number !== least[n])
  return differing === -1 || version[differing]! > least[differing]!
}

/** How many leading numbers a caret keeps: those up to the first that is not zero. */
const caretKeeps = (least: Version): number => {
  const first = least.findIndex((number) => number > 0)
  return first === -1 ? 3 : first + 1
}

/** Whether a version `1.2.3` fits a range: `1.2.3`, `^1.2.3`, `~1.2.3` or `>=1.2.3`, as npm reads them. */
export const fitsRange = (version: string, range: string): boolean => {
  const [, sign = '', rest = ''] = /^(\^|~|>=)?(.*)$/.exec(range) ?? []
  const [found, least] = [parse(version), parse(rest)]
  if (!isAtLeast(found, least)) return false
  if (sign === '>=') return true
  const kept = sign === '^' ? caretKeeps(least) : sign === '~' ? 2 : 3
  return found.slice(0, kept).every((number, n) => number === least[n])
}
