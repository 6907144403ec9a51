import { SecretError } from '@covent/core'

/** The one way in which a name is written. Throws `secret.name-invalid`. */
export const canonicalName = (name: string): string => {
  if (/^[a-z][\w.-]{0,63}$/i.test(name)) return name.toUpperCase().replaceAll(/[.-]/g, '_')
  // It is not repeated: it may be a value that stands in the wrong place, or `NAME=value`.
  throw new SecretError(
    'secret.name-invalid',
    'this is no name of a secret: letters, digits, _, - and ., at most 64, beginning with a letter',
  )
}

export const byName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => (a.name < b.name ? -1 : 1))

const longestValue = 65_536

/** Throws `secret.value-invalid` for what no secret is. The value is not in the message. */
export const checkValue = (name: string, value: string): void => {
  const refuse = (why: string): SecretError =>
    new SecretError('secret.value-invalid', `the value of ${name} ${why}`)
  if (value === '') throw refuse('is empty')
  if (value.length > longestValue) throw refuse('is longer than 64 KiB')
  if (value !== value.trim()) throw refuse('begins or ends with white space: it was probably copied with it')
  const shape = shapes.find(({ names }) => names.test(name))
  if (shape !== undefined && !shape.value.test(value))
    throw refuse(`is not of the shape that ${shape.words} has`)
}

/** Keys whose shape their provider documents, by the names that people give them. */
const shapes: readonly { readonly names: RegExp; readonly value: RegExp; readonly words: string }[] = [
  { names: /^ANTHROPIC(_API)?_KEY$/, value: /^sk-ant-[\w-]{20,}$/, words: 'an Anthropic key (sk-ant-…)' },
  { names: /^OPENAI(_API)?_KEY$/, value: /^sk-[\w-]{20,}$/, words: 'an OpenAI key (sk-…)' },
  { names: /^(GOOGLE|GEMINI)(_API)?_KEY$/, value: /^AIza[\w-]{35}$/, words: 'a Google key (AIza…)' },
  { names: /^OPENROUTER(_API)?_KEY$/, value: /^sk-or-[\w-]{20,}$/, words: 'an OpenRouter key (sk-or-…)' },
  { names: /^GROQ(_API)?_KEY$/, value: /^gsk_\w{20,}$/, words: 'a Groq key (gsk_…)' },
  {
    names: /^GITHUB_(TOKEN|PAT)$/,
    value: /^(gh[pousr]_\w{36,}|github_pat_\w{22,}|[\da-f]{40})$/,
    words: 'a GitHub token (ghp_…, github_pat_…)',
  },
  { names: /^SLACK(_BOT)?_TOKEN$/, value: /^xox[abpeors]-[\w-]{10,}$/, words: 'a Slack token (xoxb-…)' },
  {
    names: /^TELEGRAM(_BOT)?_TOKEN$/,
    value: /^\d{6,12}:[\w-]{30,}$/,
    words: 'a Telegram bot token (123456:…)',
  },
]

/** Whether a text has the shape of a provider's key, wherever it stands. */
export const looksLikeSecret = (text: string): boolean => shapes.some(({ value }) => value.test(text))
