import type { DeadLetterView } from '@covent/api/client'
import { Command } from 'commander'
import { operator } from '../home.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'

interface Shared {
  readonly json?: boolean
}

const lineOf = (letter: DeadLetterView, out: Terminal['stdout']): string => {
  const about = `${letter.type} of ${letter.key}, ${letter.attempts} attempts, ${letter.diedAt.slice(0, 16).replace('T', ' ')}`
  return `${letter.id}  ${bold(shown(letter.consumer, out), out)}  ${dim(shown(about, out), out)}\n  ${shown(letter.error, out)}`
}

/** `events dead | redrive`: durable events that failed for good. */
export const eventsCommand = ({ env, stdout, stderr }: Terminal): Command => {
  const events = new Command('events').description('Durable events that failed at all their attempts')
  events
    .command('dead')
    .description('All of them, with the error of the last attempt')
    .option('--consumer <name>', 'only those of this consumer')
    .option('--json', 'write JSON')
    .action(async ({ consumer, json }: Shared & { readonly consumer?: string }) => {
      const letters: DeadLetterView[] = []
      for await (const letter of operator(env).events.dead(consumer)) letters.push(letter)
      if (json === true) return writeJson(stdout, letters)
      for (const letter of letters) writeLine(stdout, lineOf(letter, stdout))
      if (letters.length === 0) writeLine(stderr, 'There is no dead letter.')
    })
  events
    .command('redrive')
    .description('Try dead letters again: one, or all of a consumer')
    .argument('<consumer>')
    .argument('[event]', 'the id of one')
    .option('--json', 'write JSON')
    .action(async (consumer: string, id: string | undefined, { json }: Shared) => {
      const { count } = await operator(env).events.redrive(consumer, id)
      if (json === true) writeJson(stdout, { count })
      else writeLine(stdout, count === 1 ? 'One event is tried again.' : `${count} events are tried again.`)
    })
  return events
}
