import type { SecretView } from '@covent/api/client'
import { AppError } from '@covent/core'
import { Command } from 'commander'
import { type Migrated, migrateFile } from '../secrets/migrate-file.ts'
import { atSecretDesk, type SecretDesk } from '../secrets/secret-desk.ts'
import { valueFrom } from '../secrets/value-from.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'
import { configWords, showChecks } from './doctor.ts'

interface Shared {
  readonly config?: string
  readonly json?: boolean
}
interface MigrateWords extends Shared {
  readonly replace?: boolean
}
type Exit = (code: number) => void
type Outcome = { readonly file: string } & (Migrated | { readonly error: { code: string; message: string } })

const inArguments =
  'a value never stands among the arguments, where other users of the machine and the history of the shell see it: ' +
  'leave it out and be asked for it, or send it to stdin'

const lineOf = ({ name, version, updatedAt, keyId }: SecretView, out: Terminal['stdout']): string => {
  const facts = [`value ${version}`, `set ${updatedAt.slice(0, 10)}`, keyId && `key ${keyId}`]
  return `${bold(name, out)}  ${dim(facts.filter(Boolean).join(', '), out)}`
}

const atDesk = <T>({ env }: Terminal, { config }: Shared, work: (desk: SecretDesk) => Promise<T>) =>
  atSecretDesk({ env, argv: configWords(config) }, work)

/** It would stand in the audit; what is no name may be `NAME=value`, and is not repeated. */
const checkName = (name: string, command: Command): void => {
  if (/^[a-z][\w.-]{0,63}$/i.test(name)) return
  command.error(
    'error: that is no name of a secret: letters, digits, _, - and ., at most 64, beginning with a letter',
    { exitCode: 2 },
  )
}

const set = (terminal: Terminal) =>
  async function (this: Command, name: string, options: Shared): Promise<void> {
    if (this.args.length > 1) this.error(`error: ${inArguments}`, { exitCode: 2 })
    checkName(name, this)
    const value = await valueFrom(terminal, shown(name, terminal.stdout))
    const kept = await atDesk(terminal, options, (desk) => desk.set(name, value))
    if (options.json === true) writeJson(terminal.stdout, kept)
    else writeLine(terminal.stdout, `${kept.name} is kept (value ${kept.version}).`)
  }

const list = (terminal: Terminal) => async (options: Shared) => {
  const { stdout, stderr } = terminal
  const secrets = await atDesk(terminal, options, (desk) => desk.list())
  if (options.json === true) return writeJson(stdout, secrets)
  for (const secret of secrets) writeLine(stdout, lineOf(secret, stdout))
  if (secrets.length === 0)
    writeLine(stderr, 'There is no secret yet; set one with `covent secrets set NAME`.')
}

const remove = (terminal: Terminal) =>
  async function (this: Command, name: string, options: Shared): Promise<void> {
    checkName(name, this)
    await atDesk(terminal, options, (desk) => desk.remove(name))
    if (options.json === true) writeJson(terminal.stdout, { name, deleted: true })
    else writeLine(terminal.stdout, `${name} is forgotten.`)
  }

const rotateKey = (terminal: Terminal) => async (options: Shared) => {
  const rotated = await atDesk(terminal, options, (desk) => desk.rotateKey())
  if (options.json === true) return writeJson(terminal.stdout, rotated)
  writeLine(terminal.stdout, `${rotated.rewrapped} secrets lie under the key ${rotated.keyId} now.`)
  writeLine(terminal.stderr, dim('Back the key file up again, apart from data/.', terminal.stderr))
}

const tellOutcome = (outcome: Outcome, { stdout, stderr }: Terminal): void => {
  const file = shown(outcome.file, stdout)
  if ('error' in outcome)
    return writeLine(stderr, `✗ ${file}: ${outcome.error.message}. Nothing was removed from it.`)
  const where = outcome.removed ? 'the file is removed' : 'the file is without them now'
  writeLine(stdout, `✓ ${file}: ${outcome.names.join(', ')} kept and read back; ${where}.`)
}

const migrate = (terminal: Terminal, exit: Exit) => async (files: string[], options: MigrateWords) => {
  const attempt = async (desk: SecretDesk, file: string): Promise<Outcome> => {
    try {
      return { file, ...(await migrateFile(desk, file, options.replace === true)) }
    } catch (error) {
      if (!AppError.is(error)) throw error
      return { file, error: { code: error.code, message: error.message } }
    }
  }
  const outcomes = await atDesk(terminal, options, async (desk) => {
    const done: Outcome[] = []
    for (const file of files) done.push(await attempt(desk, file))
    return done
  })
  const rotate = [...new Set(outcomes.flatMap((one) => ('error' in one ? [] : one.names)))]
  if (outcomes.some((outcome) => 'error' in outcome)) exit(1)
  if (options.json === true) return writeJson(terminal.stdout, { files: outcomes, rotate })
  for (const outcome of outcomes) tellOutcome(outcome, terminal)
  if (rotate.length > 0)
    writeLine(
      terminal.stdout,
      `They lay in the clear, and copies may lie in backups and in the file system's journal: make new ones at their providers and set them: ${rotate.join(', ')}`,
    )
}

const doctor =
  (terminal: Terminal, exit: Exit) =>
  async ({ config, json }: Shared) => {
    const { secretChecks } = await import('@covent/server/offline')
    const checks = await secretChecks({ env: terminal.env, argv: configWords(config) })
    showChecks(checks, { terminal, exit, json: json === true })
  }

const shared = (command: Command): Command =>
  command
    .option('--json', 'write JSON')
    .option('--config <file>', 'settings instead of covent.json in the home')

const migrateCommand = (terminal: Terminal, exit: Exit): Command =>
  shared(new Command('migrate'))
    .description('Move credentials out of plaintext JSON files')
    .argument('<file...>')
    .option('--replace', 'also where a secret of that name has another value')
    .action(migrate(terminal, exit))

/** `secrets set | list | delete | rotate-key | doctor | migrate`, at the running server or on the home itself. */
export const secretsCommand = (terminal: Terminal, exit: Exit): Command => {
  const secrets = new Command('secrets').description('Keep, list and delete secrets; rotate the master key')
  shared(secrets.command('set').description('Keep a secret; its value is asked for, or comes from stdin'))
    .argument('<name>')
    .allowExcessArguments()
    .action(set(terminal))
  shared(secrets.command('list').description('All secrets, never their values')).action(list(terminal))
  shared(secrets.command('delete').description('Forget a secret').argument('<name>')).action(remove(terminal))
  shared(secrets.command('rotate-key').description('Encrypt all anew under a new master key')).action(
    rotateKey(terminal),
  )
  shared(secrets.command('doctor').description('Check the master key and whether every secret opens')).action(
    doctor(terminal, exit),
  )
  return secrets.addCommand(migrateCommand(terminal, exit))
}

/** `auth migrate`, as `secrets migrate`. */
export const authCommand = (terminal: Terminal, exit: Exit): Command =>
  new Command('auth')
    .description('Move credentials into secure storage')
    .addCommand(migrateCommand(terminal, exit))
