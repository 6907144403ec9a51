import type { TrustedKey } from '@covent/server/offline'
import { Command, InvalidArgumentError } from 'commander'
import { homeOf } from '../home.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'
import { asDays, dayMs } from './days.ts'

interface AddWords {
  readonly owner: string
  readonly namespace: readonly string[]
  readonly expires?: number
  readonly json?: boolean
}
interface RemoveWords {
  readonly revoke?: boolean
  readonly json?: boolean
}

const asOwner = (text: string): string => {
  if (text.trim() !== '' && text.length <= 100) return text.trim()
  throw new InvalidArgumentError('A name has 1 to 100 characters.')
}

const asNamespaces = (text: string, before: readonly string[] = []): readonly string[] => {
  const names = text.split(',')
  if (names.every((name) => /^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*)*\.\*$/.test(name)))
    return [...before, ...names]
  throw new InvalidArgumentError('A namespace looks like acme.* and covers acme.clock.')
}

const stateOf = ({ revoked, expires }: TrustedKey): string => {
  if (revoked !== undefined) return `revoked ${revoked.slice(0, 10)}`
  if (expires === undefined) return 'trusted'
  return `${Date.parse(expires) <= Date.now() ? 'expired' : 'trusted until'} ${expires.slice(0, 10)}`
}

const lineOf = (key: TrustedKey, out: Terminal['stdout']): string =>
  `${key.keyId}  ${bold(shown(key.owner, out), out)}  ${dim(`${key.namespaces.join(', ')}, ${stateOf(key)}`, out)}`

/** `trust add | list | remove`: whose signatures this home believes, and for which ids. Works with and without a server. */
export const trustCommand = ({ env, stdout, stderr }: Terminal): Command => {
  const store = async () => (await import('@covent/server/offline')).trustStore(homeOf(env))

  const add = async (file: string, { owner, namespace, expires, json }: AddWords): Promise<void> => {
    const { readPublicKey } = await import('@covent/server/offline')
    const now = Date.now()
    const terms = { owner, namespaces: [...namespace], now, expiresAt: expires && now + expires * dayMs }
    const added = await (await store()).add(await readPublicKey(file), terms)
    if (json === true) writeJson(stdout, added)
    else writeLine(stdout, lineOf(added, stdout))
  }
  const list = async ({ json }: { readonly json?: boolean }): Promise<void> => {
    const keys = await (await store()).list()
    if (json === true) return writeJson(stdout, keys)
    for (const key of keys) writeLine(stdout, lineOf(key, stdout))
    if (keys.length === 0) writeLine(stderr, 'No key is trusted yet; add one with `covent trust add`.')
  }
  const remove = async (keyId: string, { revoke, json }: RemoveWords): Promise<void> => {
    const keys = await store()
    if (revoke === true) await keys.revoke(keyId, Date.now())
    else await keys.remove(keyId)
    if (json === true) writeJson(stdout, { keyId, removed: revoke !== true, revoked: revoke === true })
    else
      writeLine(
        stdout,
        `${keyId} is ${revoke === true ? 'revoked' : 'no longer trusted'}; its plugins do not load again.`,
      )
  }

  const trust = new Command('trust').description('Keys whose signatures on plugins count')
  const word = (command: Command): Command => command.option('--json', 'write JSON')
  word(trust.command('add').description('Trust a public key; compare its fingerprint with its owner’s first'))
    .argument('<file>', 'the public key in PEM')
    .requiredOption('--owner <name>', 'whose it is', asOwner)
    .requiredOption('--namespace <acme.*>', 'the ids that it may sign', asNamespaces)
    .option('--expires <days>', 'how long it may sign new plugins', asDays)
    .action(add)
  word(trust.command('list').description('All trusted and revoked keys')).action(list)
  word(trust.command('remove').description('Trust a key no longer'))
    .argument('<keyId>')
    .option('--revoke', 'keep it in the list as revoked')
    .action(remove)
  return trust
}
