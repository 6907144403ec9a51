import type { ApiClient, PermissionView, PluginDetailsView, PluginView } from '@covent/api/client'
import { ClientError } from '@covent/core'
import { Command, InvalidArgumentError } from 'commander'
import { operator } from '../home.ts'
import { addMonitorCommands } from './plugin-monitor.ts'
import { bringIn, installLocked, type InstallWords, type UpdateWords, wishOf } from '../plugins/bring-in.ts'
import { findingLines, lackingLine } from '../plugins/consent-text.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'

interface Shared {
  readonly json?: boolean
}

type CallWords = [id: string, action: string, input: unknown, options: Shared]

const permissionPattern = /^[a-z]+(:[a-z]+)+$/

const asWish = (text: string, before: readonly string[] = []): readonly string[] => {
  if (text === 'all' || permissionPattern.test(text)) return [...before, text]
  throw new InvalidArgumentError('`all`, or a permission like data:database.')
}

const asInput = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new InvalidArgumentError('Input is JSON, such as {"city":"Tokyo"}.')
  }
}

const lineOf = (
  { id, version, state, isolation, trust, grants, reason, update }: PluginView,
  out: Terminal['stdout'],
) => {
  const line = `${bold(id, out)} ${version}  ${dim([state, isolation, trust, ...grants].join(', '), out)}`
  const why = reason === undefined ? '' : `\n    ${shown(reason, out)}`
  const waits = `\n    ${update?.version} waits: \`covent plugins update ${id} --consent\` or \`--reject\``
  return `${line}${why}${update === undefined ? '' : waits}`
}

const permissionLine = (
  { permission, need, state, reason, risk, sentence }: PermissionView,
  out: Terminal['stdout'],
): string => shown(`${state.padEnd(8)} ${permission}: ${sentence} (${risk} risk, ${need}: ${reason})`, out)

/** Writes what a command learnt: JSON for scripts, lines for people. */
type Tell = <T>(value: T, options: Shared, lines: (value: T) => readonly string[]) => void

const teller =
  ({ stdout }: Terminal): Tell =>
  (value, { json }, lines) => {
    if (json === true) return writeJson(stdout, value)
    for (const line of lines(value)) writeLine(stdout, line)
  }

const stateOf = ({ id, version, state, reason, update }: PluginDetailsView) => ({
  id,
  version,
  state,
  ...(reason !== undefined && { reason }),
  ...(update && { update: { version: update.version, state: update.state } }),
})

const inspecting = (plugins: ApiClient['plugins'], { stdout }: Terminal, tell: Tell) => ({
  async list(options: Shared): Promise<void> {
    tell(await plugins.list(), options, (all) => all.map((one) => lineOf(one, stdout)))
  },
  async show(id: string, options: Shared): Promise<void> {
    tell(await plugins.show(id), options, (one) => [
      lineOf(one, stdout),
      ...(one.package === undefined
        ? []
        : [
            shown(one.package.description, stdout),
            `signed by ${one.package.keyId ?? 'nobody'}`,
            ...one.package.permissions.map((permission) => permissionLine(permission, stdout)),
            ...findingLines(one.update?.findings ?? []).map((line) => shown(line, stdout)),
          ]),
    ])
  },
  async grants(id: string, options: Shared): Promise<void> {
    tell(await plugins.grants(id), options, (all) => all.map((one) => permissionLine(one, stdout)))
  },
  async call(...[id, action, input, options]: CallWords): Promise<void> {
    tell(await plugins.call(id, action, input), options, ({ output }) => [
      shown(JSON.stringify(output), stdout),
    ])
  },
})

const changing = (plugins: ApiClient['plugins'], terminal: Terminal, tell: Tell) => {
  const { stdout, stderr } = terminal
  const bring = bringIn(plugins, terminal)
  const told = (plugin: PluginDetailsView, options: Shared): void =>
    tell(stateOf(plugin), options, () => [lineOf(plugin, stdout)])
  const change = async (
    id: string,
    words: { grant?: readonly string[]; revoke?: readonly string[] },
    options: Shared,
  ) => {
    const body = { grant: wishOf(words.grant), revoke: wishOf(words.revoke) }
    const plugin = await plugins.changeGrants(id, body)
    tell({ ...stateOf(plugin), grants: plugin.grants }, options, () => [lineOf(plugin, stdout)])
  }
  const updated = (id: string, file: string | undefined, words: UpdateWords): Promise<PluginDetailsView> => {
    if (file !== undefined) return bring.update(id, file, words)
    if (words.reject === true) return plugins.reject(id)
    if (words.consent === true) return bring.consent(id, words)
    throw new ClientError('request.malformed', 'name the package of the newer version, --consent or --reject')
  }
  return {
    async install(file: string, words: InstallWords): Promise<void> {
      if (words.lockfile !== undefined) {
        const installed = await installLocked(plugins, file, words)
        return tell(installed.map(stateOf), words, () => installed.map((one) => lineOf(one, stdout)))
      }
      const plugin = await bring.install(file, words)
      if (plugin.trust === 'unverified')
        writeLine(stderr, dim(`Nobody signed ${plugin.id}: it is in by your word only.`, stderr))
      told(plugin, words)
      const lacking = lackingLine(plugin)
      if (lacking !== undefined && words.json !== true) writeLine(stderr, lacking)
    },
    async update(id: string, file: string | undefined, words: UpdateWords): Promise<void> {
      told(await updated(id, file, words), words)
    },
    rollback: async (id: string, options: Shared) => told(await plugins.rollback(id), options),
    enable: async (id: string, options: Shared) => told(await plugins.enable(id), options),
    disable: async (id: string, options: Shared) => told(await plugins.disable(id), options),
    async uninstall(id: string, options: Shared): Promise<void> {
      await plugins.uninstall(id)
      tell({ id, uninstalled: true }, options, () => [
        `${id} is gone, with its grants; what it stored stays.`,
      ])
    },
    async reconfigure(options: Shared): Promise<void> {
      tell(await plugins.reconfigure(), options, (all) =>
        all.length === 0
          ? ['Nothing is different.']
          : all.map(({ id, outcome, reason }) =>
              shown(`${id}: ${outcome}${reason === undefined ? '' : `: ${reason}`}`, stdout),
            ),
      )
    },
    grant: (id: string, names: readonly string[], options: Shared) => change(id, { grant: names }, options),
    revoke: (id: string, names: readonly string[], options: Shared) => change(id, { revoke: names }, options),
  }
}

/** `plugins …`: what an operator does with plugins, at the running server. */
export const pluginsCommand = (terminal: Terminal): Command => {
  const { plugins } = operator(terminal.env)
  const tell = teller(terminal)
  const look = inspecting(plugins, terminal, tell)
  const act = changing(plugins, terminal, tell)
  const root = new Command('plugins').description('Install plugins and decide what they may do')
  const word = (name: string, description: string): Command =>
    root.command(name).description(description).option('--json', 'write JSON')
  const ofId = (name: string, description: string): Command => word(name, description).argument('<id>')
  const names = (command: Command): Command =>
    command.argument('<permission...>', '`all`, or permissions by name', asWish)

  word('install', 'Install a package, or a newer version of one')
    .argument('<package>', 'a .tgz of `covent plugin build`; with --lockfile a folder of them')
    .option('--allow-unsigned', 'although nobody signed it')
    .option('--grant <permission>', '`all`, or a permission; may be repeated', asWish)
    .option('--lockfile <file>', 'exactly what a plugins.lock.json names, with its grants')
    .option('--yes', 'do it')
    .action(act.install)
  ofId('update', 'Put a newer version in place; where it may do more it waits for your consent')
    .argument('[package]', 'the newer .tgz')
    .option('--allow-unsigned', 'although nobody signed it')
    .option('--consent', 'let the version that waits take over')
    .option('--reject', 'give the version that waits up')
    .option('--yes', 'do it unasked; what may do more still waits for --consent')
    .action(act.update)
  ofId('rollback', 'Go back to the version before').action(act.rollback)
  word('reconfigure', 'Read plugins.config anew, and hand each plugin what is different').action(
    act.reconfigure,
  )
  word('list', 'All plugins').action(look.list)
  ofId('show', 'One plugin, what it asks for, and who signed it').action(look.show)
  ofId('enable', 'Start a disabled plugin').action(act.enable)
  ofId('disable', 'Stop a plugin, also over restarts').action(act.disable)
  ofId('uninstall', 'Stop a plugin and remove it with its grants').action(act.uninstall)
  ofId('call', 'Call an action')
    .argument('<action>')
    .argument('<json>', 'its input', asInput)
    .action(look.call)
  ofId('grants', 'What a plugin asks for, and what was decided').action(look.grants)
  names(ofId('grant', 'Grant permissions; it takes effect at once')).action(act.grant)
  addMonitorCommands(root, plugins, terminal)
  names(ofId('revoke', 'Revoke permissions; it takes effect at once')).action(act.revoke)
  names(ofId('deny', 'Say no to what a plugin asks for; it is not asked again')).action(act.revoke)
  return root
}
