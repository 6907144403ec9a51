type Part = string | number

const partsOf = (version: string): { readonly core: readonly Part[]; readonly pre: readonly Part[] } => {
  const [numbers = '', ...rest] = version.split('+')[0]!.split('-')
  const pre = rest.join('-')
  const asPart = (part: string): Part => (/^\d+$/.test(part) ? Number(part) : part)
  return { core: numbers.split('.').map(asPart), pre: pre === '' ? [] : pre.split('.').map(asPart) }
}

/** Numbers stand before words, and what ends first before what goes on. */
const compareParts = (a: readonly Part[], b: readonly Part[]): number => {
  for (let n = 0; n < Math.max(a.length, b.length); n++) {
    const [one, other] = [a[n], b[n]]
    if (one === other) continue
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
    return one < other ? -1 : 1
  }
  return 0
}

/** Below, at or above 0 as `a` is older than, as old as or newer than `b`, by semver's precedence. */
export const compareVersions = (a: string, b: string): number => {
  const [one, other] = [partsOf(a), partsOf(b)]
  const core = compareParts(one.core, other.core)
  if (core !== 0) return core
  if (one.pre.length === 0 || other.pre.length === 0) return other.pre.length - one.pre.length
  return compareParts(one.pre, other.pre)
}
