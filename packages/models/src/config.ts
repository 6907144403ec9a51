import * as z from 'zod'

const baseUrl = z.url({ protocol: /^https?$/ }).refine((text) => isPlain(text), {
  message: 'must hold no user name, password, query or fragment; name the key under secret',
})

const isPlain = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}

const provider = z.strictObject({
  kind: z.literal('openai-compatible'),
  /** Up to and with the version, without the route: `https://api.example.com/v1`. */
  baseUrl,
  /** Name of the secret that is sent as bearer token; none is sent without it. */
  secret: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the name of a secret, in capitals (OPENAI_KEY), not its value')
    .optional(),
})
export type ProviderConfig = z.output<typeof provider>

const providerId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'has only small letters, digits and hyphens')

/** In any one currency, for a million tokens. */
const price = z.strictObject({ input: z.number().min(0), output: z.number().min(0) })

/** Settings `models.*`. */
export const modelsConfig = z.strictObject({
  /** `rules`, or `<provider>/<model>`. */
  default: z.string().min(1).max(300).default('rules'),
  /** Longest wait for a model's first byte, and between two of its pieces. */
  timeoutMs: z.int().min(1).max(3_600_000).default(60_000),
  providers: z.record(providerId, provider).default({}),
  /** By id of the model, for budgets of money. */
  prices: z.record(z.string().min(1).max(300), price).default({}),
})
export type ModelsConfig = z.output<typeof modelsConfig>
