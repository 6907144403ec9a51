import type { Span } from './word-search.ts'

const quotes = /(?<!\\)(?:\\\\)*"/g
const numeral = /[\d.eE+-]/

/** The whole number that a span is of, where it stands in JSON outside any string: it must stay JSON without it. */
export const bareNumber = (json: string, [from, to]: Span): Span | undefined => {
  if (!/^\d+$/.test(json.slice(from, to))) return undefined
  const isInString = (json.slice(0, from).match(quotes)?.length ?? 0) % 2 === 1
  if (isInString) return undefined
  let [start, end] = [from, to]
  while (numeral.test(json.charAt(start - 1))) start--
  while (numeral.test(json.charAt(end))) end++
  return [start, end]
}
