import { definePlugin, defineService, uses, z } from '@covent/plugin-sdk'

const language = z.enum(['en', 'de', 'fr', 'es'])

/** As the translator declares it; of its output this plugin reads what it needs. */
const translation = defineService('covent.translation', '1.0.0', {
  translate: {
    input: z.object({ text: z.string(), to: language }),
    output: z.object({ text: z.string() }),
  },
})

export default definePlugin({
  id: 'covent.greeter',
  version: '1.0.0',
  type: 'extension',
  description: 'Greets people by name in their language.',
  config: z.object({ language: language.default('en') }),
  services: { translation: uses(translation, '^1.0.0') },
  actions: {
    greet: {
      description: 'Greets somebody by name',
      effect: 'read',
      examples: [{ user: 'Greet Ada', input: { name: 'Ada' } }],
      input: z.object({ name: z.string().min(1).max(100), language: language.optional() }),
      output: z.object({ text: z.string() }),
      async run({ name, language }, ctx) {
        const to = language ?? ctx.config.language
        const { text } = await ctx.services.translation.translate({ text: 'hello', to })
        return { text: `${text.charAt(0).toUpperCase()}${text.slice(1)}, ${name}!` }
      },
    },
  },
})
