const longestCompared = 64

/** The known name that is most like this one, where one is like it at all. */
export const nearestName = async (name: string, known: Iterable<string>): Promise<string | undefined> => {
  const { distance } = await import('fastest-levenshtein')
  const wanted = name.slice(0, longestCompared).toLowerCase()
  let nearest: string | undefined
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const difference = distance(wanted, candidate.toLowerCase())
    if (difference >= least) continue
    least = difference
    nearest = candidate
  }
  return nearest
}
