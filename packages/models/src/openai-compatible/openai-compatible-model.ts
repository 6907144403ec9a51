import { type Clock, type Model, type ModelEvent, type ModelRequest, systemClock } from '@covent/core'
import { wholeAnswer } from './answer.ts'
import { chunks, maxBodyLength, wholeText } from './chunks.ts'
import { type Endpoint, endpoint } from './endpoint.ts'
import { statusFailure } from './failure.ts'
import { type Answered, post } from './post.ts'
import { requestBody } from './request-body.ts'
import { streamedAnswer } from './streamed-answer.ts'

const historyLimit = 100
const maxErrorBodyLength = 16_384

const refuse = async (target: Endpoint, answered: Answered): Promise<never> => {
  const body = await wholeText(chunks(target, answered), maxErrorBodyLength).catch(() => '')
  throw statusFailure(target, answered.response.statusCode!, body)
}

const isStream = ({ response }: Answered): boolean =>
  (response.headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream')

async function* generate(
  target: Endpoint,
  what: { readonly model: string; readonly request: ModelRequest; readonly signal: AbortSignal },
): AsyncGenerator<ModelEvent, void> {
  const { model, request, signal } = what
  const accept = request.stream ? 'text/event-stream' : 'application/json'
  const answered = await post(target, { body: requestBody(model, request), accept, signal })
  if (answered.response.statusCode !== 200) await refuse(target, answered)
  // A provider that cannot stream answers in one piece, whatever was asked.
  if (isStream(answered)) yield* streamedAnswer(target, answered)
  else yield* wholeAnswer(target, await wholeText(chunks(target, answered), maxBodyLength))
}

/** A model at an endpoint that is shared with others of its provider. */
export const modelAt = (target: Endpoint, names: { readonly id: string; readonly model: string }): Model => ({
  id: names.id,
  historyLimit,
  generate: (request, { signal }) => generate(target, { model: names.model, request, signal }),
})

export interface OpenAiCompatibleOptions {
  /** `<provider>/<model>`. */
  readonly id: string
  /** Up to and with the version: `http://127.0.0.1:11434/v1`. */
  readonly baseUrl: string
  /** The model's name at the provider. */
  readonly model: string
  readonly apiKey?: string
  /** For the first byte, and between two pieces. */
  readonly timeoutMs: number
  readonly clock?: Clock
}

/** A model behind an endpoint that speaks OpenAI's chat completions. */
export const openAiCompatibleModel = ({
  id,
  model,
  clock = systemClock,
  ...rest
}: OpenAiCompatibleOptions): Model =>
  modelAt(endpoint({ provider: id.split('/', 1)[0]!, clock, ...rest }), { id, model })
