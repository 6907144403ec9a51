import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { auditCommand } from './commands/audit/audit.ts'
import { chatCommand } from './commands/chat.ts'
import { dbCommand } from './commands/db/db.ts'
import { devicesCommand, pairCommand } from './commands/devices.ts'
import { doctorCommand } from './commands/doctor.ts'
import { eventsCommand } from './commands/events.ts'
import { keysCommand } from './commands/keys/keys.ts'
import { pluginCommand } from './commands/plugin.ts'
import { pluginsCommand } from './commands/plugins.ts'
import { authCommand, secretsCommand } from './commands/secrets.ts'
import { startCommand } from './commands/start.ts'
import { trustCommand } from './commands/trust/trust.ts'
import { report } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Done, failed, wrong usage. */
const codes = { done: 0, failed: 1, usage: 2 } as const

/** Lets commander throw instead of ending the process, in every command below. */
const guarded = (command: Command, terminal: Terminal): Command => {
  command
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
  for (const child of command.commands) guarded(child, terminal)
  return command
}

const version = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

const program = (terminal: Terminal, exit: (code: number) => void): Command => {
  const root = new Command('covent').description('Run Covent and talk to it')
  root.version(version(), '-V, --version', 'say which version this is')
  root.addCommand(startCommand()).addCommand(doctorCommand(terminal, exit))
  root.addCommand(chatCommand(terminal)).addCommand(keysCommand(terminal))
  root
    .addCommand(pluginCommand(terminal))
    .addCommand(pluginsCommand(terminal))
    .addCommand(trustCommand(terminal))
    .addCommand(auditCommand(terminal, exit))
    .addCommand(dbCommand(terminal))
    .addCommand(eventsCommand(terminal))
    .addCommand(pairCommand(terminal))
    .addCommand(devicesCommand(terminal))
    .addCommand(secretsCommand(terminal, exit))
    .addCommand(authCommand(terminal, exit))
  return guarded(root, terminal)
}

/** Runs the command that the words name; resolves with the exit code. */
export const run = async (words: readonly string[], terminal: Terminal): Promise<number> => {
  let code: number = codes.done
  const exit = (wanted: number): void => void (code = wanted)
  try {
    await program(terminal, exit).parseAsync(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? codes.done : codes.usage
    report(error, terminal, words.includes('--json'))
    return codes.failed
  }
  return code
}
