import { type Ai, type AiAnswer, type AiRequest, z } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>

/** What stands between the first and the last brace or bracket: models put words and fences around it. */
const jsonIn = (text: string): unknown => {
  const [first, last] = [text.search(/[{[]/), Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))]
  try {
    return JSON.parse(first === -1 ? text : text.slice(first, last + 1))
  } catch {
    return undefined
  }
}

const wish = (schema: z.ZodType): string =>
  `Answer with JSON alone, of this JSON Schema: ${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))}`

/** The plugin's side of `ctx.ai`. */
export const ai = (ask: Ask): Ai => {
  const generate = async ({ prompt, system, maxTokens, model }: AiRequest): Promise<AiAnswer> =>
    (await ask('ai.generate', { prompt, system, maxTokens, model })) as AiAnswer
  return {
    generate,
    async generateObject({ schema, system = '', ...request }) {
      const told = { ...request, system: `${system}\n\n${wish(schema)}`.trim() }
      const first = await schema.safeParseAsync(jsonIn((await generate(told)).text))
      if (first.success) return first.data
      const prompt = `${request.prompt}\n\nYour last answer did not fit: ${z.prettifyError(first.error)}`
      const { text } = await generate({ ...told, prompt })
      const second = await schema.safeParseAsync(jsonIn(text))
      if (second.success) return second.data
      throw new Error(`the model's answer does not fit: ${z.prettifyError(second.error)}`)
    },
  }
}
