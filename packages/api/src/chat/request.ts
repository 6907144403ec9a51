import * as z from 'zod'

const textPart = z.object({ type: z.literal('text', 'only text parts are supported'), text: z.string() })
const text = z.union([z.string(), z.array(textPart).max(256)], {
  error: 'is text, or a list of parts of type text; images, audio and files are not supported',
})

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: text, name: z.string().optional() }),
  z.object({
    role: z.literal('assistant'),
    content: text.nullish(),
    name: z.string().optional(),
    tool_calls: z.array(toolCall).max(128).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: text, tool_call_id: z.string() }),
])
export type ChatMessage = z.output<typeof message>

/** The list's length is checked before its items: a long list of wrong ones would cost a complaint each. */
const messages = z.array(z.unknown()).min(1).max(2000).pipe(z.array(message))

const whole = z.int().min(1).nullish()

const unsupported = (what: string) => `is not supported: ${what}`

/** Parameters that change what an answer is, and which this server cannot honour: refused unless they ask for nothing. */
const refused = {
  n: z.literal(1, unsupported('there is one choice per answer')).nullish(),
  tools: z.array(z.unknown()).max(0, unsupported('the actions of the server’s plugins are used')).nullish(),
  functions: z
    .array(z.unknown())
    .max(0, unsupported('the actions of the server’s plugins are used'))
    .nullish(),
  tool_choice: z.enum(['none', 'auto'], unsupported('the server chooses its actions')).nullish(),
  function_call: z.enum(['none', 'auto'], unsupported('the server chooses its actions')).nullish(),
  response_format: z.object({ type: z.literal('text', unsupported('answers are text')) }).nullish(),
  stop: z.array(z.string()).max(0, unsupported('answers end by themselves')).nullish(),
  logprobs: z.literal(false, unsupported('there are none')).nullish(),
  modalities: z
    .array(z.literal('text', unsupported('answers are text')))
    .max(1)
    .nullish(),
  audio: z.null(unsupported('answers are text')).optional(),
} as const

/** Hints and bookkeeping that an answer does not depend on; taken and not used. */
const ignored = [
  'frequency_penalty',
  'logit_bias',
  'metadata',
  'min_p',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_retention',
  'reasoning_effort',
  'repetition_penalty',
  'safety_identifier',
  'seed',
  'service_tier',
  'store',
  'top_k',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
] as const

const unused = Object.fromEntries(ignored.map((name) => [name, z.unknown().optional()])) as Readonly<
  Record<(typeof ignored)[number], z.ZodOptional<z.ZodUnknown>>
>

/** The body of `POST /v1/chat/completions`, as OpenAI's clients write it. */
export const chatRequest = z.strictObject({
  model: z.string().min(1),
  messages,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: whole,
  max_completion_tokens: whole,
  temperature: z.number().min(0).max(2).nullish(),
  ...refused,
  ...unused,
})
export type ChatRequest = z.output<typeof chatRequest>
