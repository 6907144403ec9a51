import { once } from 'node:events'
import type { Command } from 'commander'
import { bold, type Terminal, writeJson, writeLine } from '../../terminal.ts'
import { configWords } from '../doctor.ts'

interface Words {
  readonly config?: string
  readonly head?: string
  readonly json?: boolean
}

const faults = {
  altered: 'was altered',
  deleted: 'was deleted',
  reordered: 'is not in its place',
  truncated: 'and all behind it were cut off',
} as const

const open = async ({ env }: Terminal, { config }: Words) => {
  const { auditFiles } = await import('@covent/server/offline')
  return auditFiles({ env, argv: configWords(config) })
}

/** `audit verify` and `audit export`: they read the files, whether a server runs or not. */
export const addAuditFileCommands = (
  root: Command,
  terminal: Terminal,
  exit: (code: number) => void,
): void => {
  const { stdout, stderr } = terminal
  const verify = async (words: Words): Promise<void> => {
    const verdict = await (await open(terminal, words)).verify(words.head)
    const { fault, head, records, isKeyed, isTorn } = verdict
    if (fault !== undefined) exit(1)
    if (words.json === true) return writeJson(stdout, { ok: fault === undefined, ...verdict })
    if (fault !== undefined)
      return writeLine(
        stdout,
        `✗ ${bold(`record ${fault.seq}`, stdout)} ${faults[fault.kind]} (${fault.kind})`,
      )
    writeLine(stdout, `✓ ${records} records are as they were written`)
    writeLine(stdout, `  head ${head.seq}:${head.hash}`)
    if (isTorn) writeLine(stdout, '  behind them an unfinished one, which was never said to be kept')
    if (!isKeyed) writeLine(stdout, '  the first key is not there: only the plain sums were compared')
  }
  const exportAll = async (words: Words): Promise<void> => {
    let count = 0
    for await (const line of (await open(terminal, words)).lines()) {
      count += 1
      if (!stdout.write(`${line}\n`)) await once(stdout, 'drain')
    }
    writeLine(stderr, `${count} records`)
  }
  root
    .command('verify')
    .description('Whether all records are as they were written; names the first one that is not')
    .option('--head <head>', 'a head that you kept elsewhere: the audit must hold it')
    .option('--config <file>', 'settings instead of covent.json in the home')
    .option('--json', 'write JSON')
    .action(verify)
  root
    .command('export')
    .description('All records as they lie on disk, with their sums, one JSON object a line')
    .option('--config <file>', 'settings instead of covent.json in the home')
    .action(exportAll)
}
