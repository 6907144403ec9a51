import type { KeyView } from '@covent/api/client'
import { type Role, roles } from '@covent/core'
import { Command, InvalidArgumentError, Option } from 'commander'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../../terminal.ts'
import { asDays, dayMs } from '../days.ts'
import { configWords } from '../doctor.ts'
import { atKeyDesk, type KeyDesk } from './key-desk.ts'

interface Shared {
  readonly config?: string
  readonly json?: boolean
}

interface CreateOptions extends Shared {
  readonly name: string
  readonly role: Role
  readonly scopes?: readonly string[]
  readonly expires?: number
}

interface RotateOptions extends Shared {
  readonly overlap: number
}

const asName = (text: string): string => {
  if (text.trim() !== '' && text.length <= 100) return text.trim()
  throw new InvalidArgumentError('A name has 1 to 100 characters.')
}

const asScopes = (text: string, before: readonly string[] = []): readonly string[] => {
  const scopes = text.split(',')
  if (scopes.every((scope) => /^[a-z]+:[a-z]+$/.test(scope))) return [...before, ...scopes]
  throw new InvalidArgumentError('Scopes look like chat:write.')
}

const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ')

const stateOf = ({ revokedAt, expiresAt }: KeyView, now: number): string => {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt === undefined) return 'live'
  return Date.parse(expiresAt) <= now ? 'expired' : `live until ${minuteOf(expiresAt)}`
}

const lineOf = (key: KeyView, out: Terminal['stdout']): string => {
  const facts = [
    key.role,
    stateOf(key, Date.now()),
    key.scopes?.join(','),
    `made ${key.createdAt.slice(0, 10)}`,
    key.lastUsedAt === undefined ? 'never used' : `last used ${minuteOf(key.lastUsedAt)}`,
    key.principalId && `acts as ${key.principalId}`,
  ]
  return `${key.id}  ${bold(shown(key.name, out), out)}  ${dim(facts.filter(Boolean).join(', '), out)}`
}

const asHours = (text: string): number => {
  const hours = Number(text)
  if (text.trim() !== '' && hours >= 0 && hours <= 8760) return hours
  throw new InvalidArgumentError('A number of hours, from 0 to 8760.')
}

/** `keys create | list | rotate | revoke`, at the running server or on the home itself. */
export const keysCommand = (terminal: Terminal): Command => {
  const { env, stdout, stderr } = terminal
  const at = <T>({ config }: Shared, work: (desk: KeyDesk) => Promise<T>): Promise<T> =>
    atKeyDesk({ env, argv: configWords(config) }, work)

  const create = async ({ name, role, scopes, expires, ...shared }: CreateOptions): Promise<void> => {
    const expiresAt = expires === undefined ? undefined : new Date(Date.now() + expires * dayMs)
    const made = await at(shared, (desk) =>
      desk.create({ name, role, ...(scopes && { scopes }), ...(expiresAt && { expiresAt }) }),
    )
    if (shared.json === true) return writeJson(stdout, made)
    writeLine(stderr, dim(`Key ${made.id} of role ${role}; it is shown this once:`, stderr))
    writeLine(stdout, made.key)
  }
  const list = async (options: Shared): Promise<void> => {
    const keys = await at(options, (desk) => desk.list())
    if (options.json === true) return writeJson(stdout, keys)
    for (const key of keys) writeLine(stdout, lineOf(key, stdout))
    if (keys.length === 0) writeLine(stderr, 'There is no key yet; make one with `covent keys create`.')
  }
  const rotate = async (id: string, { overlap, ...shared }: RotateOptions): Promise<void> => {
    const next = await at(shared, (desk) => desk.rotate(id, overlap))
    if (shared.json === true) return writeJson(stdout, next)
    const words = `Key ${next.id} acts as ${id} did, which lives on for ${overlap} hours; it is shown this once:`
    writeLine(stderr, dim(words, stderr))
    writeLine(stdout, next.key)
  }
  const revoke = async (id: string, options: Shared): Promise<void> => {
    await at(options, (desk) => desk.revoke(id))
    if (options.json === true) writeJson(stdout, { id, revoked: true })
    else writeLine(stdout, `${id} is revoked.`)
  }

  const keys = new Command('keys').description('Make, list, rotate and revoke API keys')
  const word = (command: Command): Command =>
    command
      .option('--json', 'write JSON')
      .option('--config <file>', 'settings instead of covent.json in the home')
  word(keys.command('create').description('Make a key; its text is shown this once'))
    .requiredOption('--name <name>', 'what it is for', asName)
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--scopes <scope,…>', 'only these of its role', asScopes)
    .option('--expires <days>', 'how long it lives', asDays)
    .action(create)
  word(keys.command('list').description('All keys, without their text')).action(list)
  word(keys.command('rotate').description('Make a key in place of another, which lives on for a while'))
    .argument('<id>')
    .option('--overlap <hours>', 'how long the old one lives on', asHours, 24)
    .action(rotate)
  word(keys.command('revoke').description('Let nobody in with that key any more').argument('<id>')).action(
    revoke,
  )
  return keys
}
