import { createInterface } from 'node:readline'
import type { ApiClient } from '@covent/api/client'
import { report } from '../failure.ts'
import { operator } from '../home.ts'
import { bold, dim, type Terminal, writeLine } from '../terminal.ts'
import { type Said, sayAndShow, sayAndWrite } from './turn.ts'

interface Options {
  readonly once?: string
  readonly conversation?: string
  readonly json?: boolean
}

interface Talk {
  readonly terminal: Terminal
  readonly client: ApiClient
  readonly conversation: string
  readonly json: boolean
}

const say = ({ terminal, client, json }: Talk, said: Said): Promise<void> => {
  const { stdout, stderr } = terminal
  if (json) return sayAndWrite(client, said, stdout)
  return sayAndShow(client, said, { reply: stdout, actions: stdout.isTTY === true ? stdout : stderr })
}

/** Each line is a message, answered before the next is read; the first failure ends it. */
const sayLines = async (talk: Talk): Promise<void> => {
  for await (const text of createInterface({ input: talk.terminal.stdin, crlfDelay: Infinity }))
    if (text !== '') await say(talk, { conversation: talk.conversation, text })
}

/** One message at the terminal: Ctrl-C stops listening to the answer, a failure is said and the talk goes on. */
const sayAtTerminal = async (talk: Talk, text: string, leave: AbortController): Promise<void> => {
  const { terminal, conversation } = talk
  try {
    await say(talk, { conversation, text, signal: leave.signal })
  } catch (error) {
    if (leave.signal.aborted)
      writeLine(terminal.stdout, dim('\n(left; the answer goes on in the server)', terminal.stdout))
    else report(error, terminal, talk.json)
  }
}

const talkAtTerminal = async (talk: Talk): Promise<void> => {
  const { stdin, stdout } = talk.terminal
  writeLine(stdout, dim(`${talk.conversation}; Ctrl-C stops an answer or ends, Ctrl-D ends`, stdout))
  const lines = createInterface({ input: stdin, output: stdout, prompt: bold('› ', stdout) })
  let current: AbortController | undefined
  lines.on('SIGINT', () => (current === undefined ? lines.close() : current.abort()))
  let isClosed = false
  lines.once('close', () => (isClosed = true))
  lines.prompt()
  for await (const text of lines) {
    current = new AbortController()
    if (text.trim() !== '') await sayAtTerminal(talk, text, current)
    current = undefined
    if (!isClosed) lines.prompt()
  }
  writeLine(stdout, '')
}

const conversationOf = async (client: ApiClient, wanted: string | undefined): Promise<string> =>
  (wanted === undefined ? await client.conversations.create() : await client.conversations.get(wanted)).id

/** Talks to the running server: once, line by line from a pipe, or at the terminal. */
export const chat = async (
  terminal: Terminal,
  { once, conversation, json = false }: Options,
): Promise<void> => {
  const client = operator(terminal.env)
  const talk = { terminal, client, conversation: await conversationOf(client, conversation), json }
  if (once !== undefined) return say(talk, { conversation: talk.conversation, text: once })
  return terminal.stdin.isTTY === true ? talkAtTerminal(talk) : sayLines(talk)
}
