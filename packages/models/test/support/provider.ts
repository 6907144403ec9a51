import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { openAiCompatibleModel } from '@covent/models/openai-compatible'
import type { Clock, Model } from '@covent/core'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly path: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into what was sent
  readonly body: any
  readonly socket: Socket
}

export type Handler = (response: ServerResponse, received: Received) => void

export interface Provider {
  readonly url: string
  readonly received: readonly Received[]
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>
  model(options?: { readonly apiKey?: string; readonly timeoutMs?: number; readonly clock?: Clock }): Model
  close(): Promise<void>
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return text
}

/** A provider on loopback that answers as the test says. */
export const startProvider = async (handler: Handler): Promise<Provider> => {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one = {
        headers: request.headers,
        path: request.url!,
        body: JSON.parse(body),
        socket: request.socket,
      }
      received.push(one)
      handler(response, one)
    })
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return {
    url,
    received,
    sockets,
    model: (options = {}) =>
      openAiCompatibleModel({
        id: 'local/test-model',
        baseUrl: url,
        model: 'test-model',
        timeoutMs: 2000,
        ...options,
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** Begins a stream of server-sent events and sends these. */
export const sse = (response: ServerResponse, ...values: readonly unknown[]): ServerResponse => {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  for (const value of values)
    response.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
  return response
}

export const chunk = (delta: object, finish: string | null = null): object => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const usage = { prompt_tokens: 7, completion_tokens: 3 }

interface Message {
  readonly role: string
  readonly content: string | null
}

const decide = ({ messages, tools }: { readonly messages: readonly Message[]; readonly tools?: unknown }) => {
  const last = messages.at(-1)!
  if (last.role === 'tool') return { content: (JSON.parse(last.content!) as { text: string }).text }
  if (tools === undefined) return { content: 'Hello from the provider.' }
  const made = { name: 'get_current_time', arguments: '{"city":"Tokyo"}' }
  return { content: null, tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: made }] }
}

/** Speaks the protocol as the real ones do: whole or streamed, with tools and usage. */
export const wellBehaved: Handler = (response, { body }) => {
  const message = decide(body)
  const finish = 'tool_calls' in message ? 'tool_calls' : 'stop'
  if (body.stream !== true) {
    json(response, {
      choices: [{ message: { role: 'assistant', ...message }, finish_reason: finish }],
      usage,
    })
    return
  }
  const words = message.content?.split(/(?<= )/) ?? []
  sse(response, chunk({ role: 'assistant', content: '' }), ...words.map((content) => chunk({ content })))
  if (message.tool_calls !== undefined) {
    const [{ function: made, ...call }] = message.tool_calls as [(typeof message.tool_calls)[0]]
    sse(response, chunk({ tool_calls: [{ ...call, function: { name: made.name, arguments: '' } }] }))
    for (const piece of made.arguments.split(/(?=[:"])/))
      sse(response, chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
  }
  sse(response, chunk({}, finish), { choices: [], usage }, '[DONE]').end()
}
