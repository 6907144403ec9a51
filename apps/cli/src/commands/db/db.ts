import { Command } from 'commander'
import { type Terminal, writeJson, writeLine } from '../../terminal.ts'
import { configWords } from '../doctor.ts'

interface Words {
  readonly config?: string
  readonly json?: boolean
}

const open = async ({ env }: Terminal, { config }: Words) => {
  const { offlineDatabase } = await import('@covent/server/offline')
  return offlineDatabase({ env, argv: configWords(config) })
}

const addCopy = (root: Command, terminal: Terminal): void => {
  const { stdout } = terminal
  const copy = async ({ to, ...words }: Words & { readonly to: string }): Promise<void> => {
    const copied = await (await open(terminal, words)).copyTo(to)
    if (words.json === true) return writeJson(stdout, copied)
    for (const { table, rows, digest } of copied)
      writeLine(stdout, `${table.padEnd(24)} ${String(rows).padStart(9)}  ${digest.slice(0, 16)}`)
    writeLine(stdout, 'All of it is there, compared table by table. Set database.url to serve from it,')
    writeLine(stdout, 'and give every server the same master key by secureStorage.keyFile.')
  }
  root
    .command('copy')
    .description('Copy the database of this home into a new one of PostgreSQL, and compare the two')
    .requiredOption('--to <url>', 'postgres://user:password@host:port/database')
    .option('--config <file>', 'settings instead of covent.json in the home')
    .option('--json', 'write JSON')
    .action(copy)
}

/** `db status`, `db migrate` and `db copy`: they work on the database itself, without a server. */
export const dbCommand = (terminal: Terminal): Command => {
  const { stdout } = terminal
  const status = async (words: Words): Promise<void> => {
    const { engine, pending } = await (await open(terminal, words)).state()
    if (words.json === true) return writeJson(stdout, { engine, pending })
    const what =
      pending.length === 0 ? 'is up to date' : `lacks ${pending.join(', ')}: run \`covent db migrate\``
    writeLine(stdout, `${engine}: the schema ${what}`)
  }
  const migrate = async (words: Words): Promise<void> => {
    const { engine, pending } = await (await open(terminal, words)).migrate()
    if (words.json === true) return writeJson(stdout, { engine, migrated: pending })
    const what = pending.length === 0 ? 'nothing was to be done' : `ran ${pending.join(', ')}`
    writeLine(stdout, `${engine}: ${what}`)
  }
  const root = new Command('db').description('The schema of the database, and the way to PostgreSQL')
  for (const [name, description, act] of [
    ['status', 'Which migrations are still to run', status],
    ['migrate', 'Run them, as a server does at its start', migrate],
  ] as const)
    root
      .command(name)
      .description(description)
      .option('--config <file>', 'settings instead of covent.json in the home')
      .option('--json', 'write JSON')
      .action(act)
  addCopy(root, terminal)
  return root
}
