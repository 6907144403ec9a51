import { ClientError } from '@covent/core'
import type { Terminal } from '../terminal.ts'

const mostBytes = 1024 * 1024

const piped = async ({ stdin }: Terminal): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Buffer | string)
    size += bytes.length
    if (size > mostBytes) throw new ClientError('request.malformed', 'the value is larger than 1 MiB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}

/** A value that nobody sees: asked for where somebody sits, read from a pipe otherwise. */
export const valueFrom = async (terminal: Terminal, name: string): Promise<string> => {
  const { stdin: input, stdout: output } = terminal
  if (input.isTTY !== true) return piped(terminal)
  const { password, isCancel } = await import('@clack/prompts')
  const answer = await password({ message: `Value of ${name}`, input, output })
  if (isCancel(answer)) throw new ClientError('request.malformed', 'nothing was changed')
  return answer
}
