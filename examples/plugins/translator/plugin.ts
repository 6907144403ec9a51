import { definePlugin, defineService, z } from '@covent/plugin-sdk'

const language = z.enum(['en', 'de', 'fr', 'es'])

/** Copy this contract to call the service: it is what two plugins agree on. */
const translation = defineService('covent.translation', '1.1.0', {
  translate: {
    input: z.object({ text: z.string().min(1).max(200), to: language }),
    output: z.object({ text: z.string(), known: z.boolean() }),
  },
})

type Language = z.output<typeof language>

const phrases: readonly Readonly<Record<Language, string>>[] = [
  { en: 'hello', de: 'hallo', fr: 'bonjour', es: 'hola' },
  { en: 'good morning', de: 'guten Morgen', fr: 'bonjour', es: 'buenos días' },
  { en: 'thank you', de: 'danke', fr: 'merci', es: 'gracias' },
  { en: 'goodbye', de: 'auf Wiedersehen', fr: 'au revoir', es: 'adiós' },
]

const plain = (text: string): string => text.trim().toLowerCase()

const translate = (text: string, to: Language) => {
  const found = phrases.find((phrase) => Object.values(phrase).some((words) => plain(words) === plain(text)))
  return { text: found?.[to] ?? text, known: found !== undefined }
}

export default definePlugin({
  id: 'covent.translator',
  version: '1.0.0',
  type: 'extension',
  description: 'Translates common phrases, for people and for other plugins.',
  provides: {
    translation: {
      contract: translation,
      methods: { translate: async ({ text, to }) => translate(text, to) },
    },
  },
  actions: {
    translate_phrase: {
      description: 'Translates a common phrase',
      effect: 'read',
      examples: [{ user: 'What is thank you in French?', input: { text: 'thank you', to: 'fr' } }],
      input: z.object({ text: z.string().min(1).max(200), to: language }),
      output: z.object({ text: z.string(), known: z.boolean() }),
      run: async ({ text, to }) => translate(text, to),
    },
  },
})
