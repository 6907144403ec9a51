import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditRecordView } from '@covent/api/client'
import { Command, InvalidArgumentError, Option } from 'commander'
import { operator } from '../../home.ts'
import { addAuditFileCommands } from './audit-files.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../../terminal.ts'

interface TailWords {
  readonly lines: number
  readonly actor?: string
  readonly outcome?: AuditRecordView['outcome']
  readonly follow?: boolean
  readonly json?: boolean
}

const askAgainMs = 500

const asCount = (text: string): number => {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 200) return count
  throw new InvalidArgumentError('A number from 1 to 200.')
}

const lineOf = (record: AuditRecordView, out: Terminal['stdout']): string => {
  const { at, actor, action, target = '', outcome, code = '', data } = record
  const words = [actor.id, action, target, code, data === undefined ? '' : JSON.stringify(data)]
  const rest = words.filter((word) => word !== '').join('  ')
  return `${dim(at, out)}  ${bold(outcome.padEnd(7), out)}  ${shown(rest.replaceAll('\n', ' '), out)}`
}

type Page = Awaited<ReturnType<ReturnType<typeof operator>['audit']>>

/** What comes later, until nobody reads on. */
async function* pagesAfter(seq: number, ask: (cursor: string) => Promise<Page>) {
  for (let seen = seq; ;) {
    const { items, nextCursor } = await ask(String(seen))
    yield items
    seen = items.at(-1)?.seq ?? seen
    if (nextCursor === undefined) await sleep(askAgainMs)
  }
}

/** `audit tail`: who did what, from the running server. */
export const auditCommand = (terminal: Terminal, exit: (code: number) => void): Command => {
  const { env, stdout, stderr } = terminal
  const tail = async ({ lines, actor, outcome, follow, json }: TailWords): Promise<void> => {
    const only = { ...(actor !== undefined && { actor }), ...(outcome !== undefined && { outcome }) }
    const { audit } = operator(env)
    const write = (records: readonly AuditRecordView[]): void => {
      for (const record of records)
        if (json === true) writeJson(stdout, record)
        else writeLine(stdout, lineOf(record, stdout))
    }
    const { items } = await audit({ ...only, from: 'end', limit: lines })
    write(items)
    if (items.length === 0) writeLine(stderr, 'Nothing of that kind is in the audit yet.')
    if (follow === true)
      for await (const later of pagesAfter(items.at(-1)?.seq ?? 0, (cursor) => audit({ ...only, cursor })))
        write(later)
  }
  const root = new Command('audit').description('Who did what, and what came of it')
  root
    .command('tail')
    .description('The newest records, one line each')
    .option('--lines <count>', 'how many', asCount, 20)
    .option('--actor <id>', 'only what that principal or plugin did')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(['allowed', 'denied', 'failed']))
    .option('--follow', 'go on until you stop it')
    .option('--json', 'write JSON, one record a line')
    .action(tail)
  addAuditFileCommands(root, terminal, exit)
  return root
}
