import { leastSecretLength, secretForms, type SecretMask, secretPlaceholder } from '@covent/core'
import { bareNumber } from './bare-number.ts'
import { type WordSearch, wordSearch } from './word-search.ts'

/** Hides the values in the forms of `secretForms`, in any case. It costs nothing while there are none. */
export const secretMask = (): SecretMask => {
  const hidden = new Set<string>()
  const forms: string[] = []
  let search: WordSearch | undefined

  const hide = (line: string, find: WordSearch): string => {
    let rest = 0
    let text = ''
    for (const span of find(line)) {
      const number = bareNumber(line, span)
      const [from, to] = number ?? span
      if (from < rest) continue // another part of a number that is hidden
      text += line.slice(rest, from) + (number === undefined ? secretPlaceholder : `"${secretPlaceholder}"`)
      rest = to
    }
    return rest === 0 ? line : text + line.slice(rest)
  }
  return {
    hide(value) {
      if (value.length < leastSecretLength || hidden.has(value)) return
      hidden.add(value)
      forms.push(...secretForms(value))
      search = undefined
    },
    text(line) {
      if (forms.length === 0) return line
      search ??= wordSearch(forms)
      return hide(line, search)
    },
  }
}
