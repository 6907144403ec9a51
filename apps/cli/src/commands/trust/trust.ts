import type { TrustedKey } from '@covent/core'
import { Command, InvalidArgumentError } from 'commander'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../../terminal.ts'
import { asDays, dayMs } from '../days.ts'
import { atTrustDesk, type TrustDesk } from './trust-desk.ts'

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
  const at = <T>(work: (desk: TrustDesk) => Promise<T>): Promise<T> => atTrustDesk({ env, argv: [] }, work)

  const add = async (file: string, { owner, namespace, expires, json }: AddWords): Promise<void> => {
    const { readPublicKey } = await import('@covent/server/offline')
    const key = await readPublicKey(file)
    const expiry = expires === undefined ? {} : { expiresAt: Date.now() + expires * dayMs }
    const added = await at((desk) => desk.add(key, { owner, namespaces: namespace, ...expiry }))
    if (json === true) writeJson(stdout, added)
    else writeLine(stdout, lineOf(added, stdout))
  }
  const list = async ({ json }: { readonly json?: boolean }): Promise<void> => {
    const keys = await at((desk) => desk.list())
    if (json === true) return writeJson(stdout, keys)
    for (const key of keys) writeLine(stdout, lineOf(key, stdout))
    if (keys.length === 0) writeLine(stderr, 'No key is trusted yet; add one with `covent trust add`.')
  }
  const remove = async (keyId: string, { revoke, json }: RemoveWords): Promise<void> => {
    await at((desk) => (revoke === true ? desk.revoke(keyId) : desk.remove(keyId)))
    if (json === true) writeJson(stdout, { keyId, removed: revoke !== true, revoked: revoke === true })
    else
      writeLine(
        stdout,
        `${keyId} is ${revoke === true ? 'revoked' : 'no longer trusted'}; its plugins stop, and do not load again.`,
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
