import { leastSecretLength, secretForms, type SecretMask } from '@covent/core'

const placeholder = '[secret]'

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** Hides the values in the forms of `secretForms`, in any case. It costs nothing while there are none. */
export const secretMask = (): SecretMask => {
  const hidden = new Set<string>()
  let pattern: RegExp | undefined
  return {
    hide(value) {
      if (value.length < leastSecretLength || hidden.has(value)) return
      hidden.add(value)
      const forms = [...hidden].flatMap(secretForms).toSorted((one, other) => other.length - one.length)
      pattern = new RegExp([...new Set(forms)].map(escaped).join('|'), 'gi')
    },
    text: (line) => (pattern === undefined ? line : line.replaceAll(pattern, placeholder)),
  }
}
