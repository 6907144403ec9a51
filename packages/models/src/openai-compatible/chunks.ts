import type { IncomingMessage } from 'node:http'
import type { Endpoint } from './endpoint.ts'
import { late, nonsense } from './failure.ts'
import type { Answered } from './post.ts'

/** More than this no answer of a model takes. */
export const maxBodyLength = 16 * 1024 * 1024

/** How many times its longest pause an answer may take in all: an end for one that drips for ever. */
const patience = 20

const maxRestLength = 65_536

/** Reads what follows an answer's end, so that its connection can be kept; one that goes on and on is closed. */
const drain = (response: IncomingMessage): void => {
  let length = 0
  response.on('error', () => undefined)
  response.on('data', (chunk: string) => {
    length += chunk.length
    if (length > maxRestLength) response.destroy()
  })
}

/** The text of an answer as it comes, bounded in size, in its pauses and in all. */
export async function* chunks(endpoint: Endpoint, answered: Answered): AsyncGenerator<string, void> {
  const { response } = answered
  const until = endpoint.clock.monotonic() + patience * endpoint.timeoutMs
  let length = 0
  response.setEncoding('utf8')
  try {
    for await (const chunk of response.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
      length += chunk.length
      if (length > maxBodyLength) throw nonsense(endpoint, `sent more than ${maxBodyLength} characters`)
      if (endpoint.clock.monotonic() > until) throw late(endpoint)
      yield chunk
    }
  } catch (error) {
    throw response.errored === error ? answered.fault(error) : error
  } finally {
    answered.release()
    if (answered.isWhole && !response.readableEnded) drain(response)
    else response.destroy()
  }
}

/** The whole text of an answer, or its beginning where it is longer than `limit`. */
export const wholeText = async (source: AsyncIterable<string>, limit: number): Promise<string> => {
  let text = ''
  for await (const chunk of source) {
    text += chunk
    if (text.length >= limit) break
  }
  return text.slice(0, limit)
}
