import { Command, InvalidArgumentError } from 'commander'
import { chat } from '../chat/chat.ts'
import type { Terminal } from '../terminal.ts'

const saidText = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('There is nothing to say.')
  return text
}

export const chatCommand = (terminal: Terminal): Command =>
  new Command('chat')
    .description('Talk to the agent; lines of stdin are messages, where it is no terminal')
    .option('--once <text>', 'say this, print the reply, and end', saidText)
    .option('--conversation <id>', 'go on with that conversation')
    .option('--json', 'write one JSON object per answer')
    .action((options: Parameters<typeof chat>[1]) => chat(terminal, options))
