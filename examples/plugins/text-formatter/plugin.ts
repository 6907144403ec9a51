import { definePlugin, z } from '@covent/plugin-sdk'

const words = (text: string): readonly string[] => text.match(/[\p{L}\p{N}]+/gu) ?? []
const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`

const styles = {
  upper: (text: string) => text.toUpperCase(),
  lower: (text: string) => text.toLowerCase(),
  title: (text: string) => text.replaceAll(/\S+/g, capital),
  kebab: (text: string) => words(text.toLowerCase()).join('-'),
  snake: (text: string) => words(text.toLowerCase()).join('_'),
} as const

export default definePlugin({
  id: 'covent.text-formatter',
  version: '1.0.0',
  type: 'utility',
  description: 'Formats text: upper and lower case, titles, kebab-case and snake_case.',
  actions: {
    format_text: {
      description: 'Writes a text in another case',
      effect: 'read',
      examples: [{ user: 'Make "hello world" a title', input: { text: 'hello world', style: 'title' } }],
      input: z.object({
        text: z.string().max(10_000),
        style: z.enum(['upper', 'lower', 'title', 'kebab', 'snake']),
      }),
      output: z.object({ text: z.string() }),
      run: async ({ text, style }) => ({ text: styles[style](text) }),
    },
  },
})
