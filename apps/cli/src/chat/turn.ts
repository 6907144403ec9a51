import type { ApiClient, MessageView, StreamEvent } from '@covent/api/client'
import { AppError, ClientError, errorCodes } from '@covent/core'
import { dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'

export interface Said {
  readonly conversation: string
  readonly text: string
  readonly signal?: AbortSignal
}

/** Where an answer is written as it comes. */
export interface Display {
  readonly reply: Terminal['stdout']
  /** Where actions are shown. */
  readonly actions: Terminal['stdout']
}

type Action = Extract<StreamEvent, { event: 'action' }>['data']

const shortest = 200

const brief = (value: unknown): string => {
  const text = JSON.stringify(value) ?? ''
  return text.length > shortest ? `${text.slice(0, shortest)}…` : text
}

/** `· get_current_time {"timeZone":"Tokyo"} → …`, once the action has ended. */
const actionLine = ({ action, state, input, output, error }: Action): string | undefined => {
  if (state === 'started' || state === 'progress') return undefined
  const end = state === 'completed' ? brief(output) : `${state}: ${error?.message ?? 'no reason given'}`
  return `· ${action} ${brief(input)} → ${end}`
}

/** The input of an action stands on its first event alone. */
const remembering = () => {
  const inputs = new Map<string, unknown>()
  return (action: Action): Action => {
    if (action.input !== undefined) inputs.set(action.id, action.input)
    return { ...action, input: inputs.get(action.id) }
  }
}

const failed = ({ code, message }: { readonly code: string; readonly message: string }): AppError => {
  const known = Object.values(errorCodes).find((table) => code in table)
  const spec = { status: 500, title: 'Failed', remedy: '' }
  return new AppError({ table: known ?? { [code]: spec }, code }, message)
}

/** Writes an answer as it comes; throws where the turn fails. */
export const sayAndShow = async (
  client: ApiClient,
  said: Said,
  { reply, actions }: Display,
): Promise<void> => {
  const complete = remembering()
  let column = 0
  const write = (text: string): void => {
    if (text === '') return
    reply.write(shown(text, reply))
    column = text.endsWith('\n') ? 0 : 1
  }
  const breakLine = (): void => write(column === 0 ? '' : '\n')
  let told = false
  let ended = false
  const show = (event: StreamEvent): void => {
    switch (event.event) {
      case 'delta':
        told = true
        return write(event.data.text)
      case 'action': {
        const line = actionLine(complete(event.data))
        if (line === undefined) return
        breakLine()
        return writeLine(actions, dim(shown(line, actions), actions))
      }
      case 'message':
        if (!told) write(event.data.message.text)
        return breakLine()
      case 'reset':
        told = false
        breakLine()
        return writeLine(actions, dim('(another server goes on with it, from the beginning)', actions))
      case 'error':
        breakLine()
        throw failed(event.data.error)
      case 'end':
        ended = event.data.reason !== 'stopped'
        return
      default:
    }
  }
  const options = said.signal === undefined ? {} : { signal: said.signal }
  for await (const event of client.chat.stream(said.conversation, said.text, options)) show(event)
  if (!ended) throw new ClientError('request.shutting-down', stopped)
}

const stopped = 'the server stops; what it had accepted is answered after its next start'

/** One JSON object for the whole answer. */
export const sayAndWrite = async (client: ApiClient, said: Said, out: Terminal['stdout']): Promise<void> => {
  const options = said.signal === undefined ? {} : { signal: said.signal }
  const { message, reply } = await client.chat.send(said.conversation, said.text, options)
  writeJson(out, { conversation: said.conversation, message, reply } satisfies Record<
    string,
    MessageView | string
  >)
}
