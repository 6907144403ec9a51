import type { KeyObject } from 'node:crypto'
import { temporaryFolder } from '@covent/testing'
import { isolationConfig } from '../../src/config.ts'
import { describePlugin, makePackage, signPackage, trustStore } from '../../src/package.ts'
import { memoryPlugins } from '../memory-plugins.ts'
import { pluginSource, type StartOptions, startHost } from '../start-host.ts'
import { keyPair } from './support.ts'

export const now = Date.parse('2026-06-01T00:00:00Z')
export const { privateKey, publicKey } = keyPair()
export const asks = `permissions: { required: { 'data:database': { reason: 'Keep a note' } } },`
const actions = {
  note: `await ctx.kv.set('note', input); return ctx.kv.get('note', z.any())`,
  echo: 'return input',
}

interface PackedOptions {
  readonly id?: string
  /** The version that its code says. */
  readonly says?: string
  /** Its actions, instead of keeping notes. */
  readonly acts?: Readonly<Record<string, string>>
  /** Behind its code. */
  readonly more?: string
  readonly key?: KeyObject | null
  /** What its definition says besides. */
  readonly asks?: string
  /** Files beside its code. */
  readonly others?: Readonly<Record<string, string>>
}

/** A package of a plugin that echoes and keeps notes. */
export const packed = async (
  version: string,
  { id = 'acme.noter', says = version, more = '', key = privateKey, ...rest }: PackedOptions = {},
) => {
  const code = `${pluginSource(id, { actions: rest.acts ?? actions, more: rest.asks ?? asks }).replace('1.0.0', version)}${more}`
  const plugin = await describePlugin({ name: id, text: code, settings: isolationConfig.parse({}) })
  const files = Object.entries(rest.others ?? {}).map(
    ([name, text]) => [name, new TextEncoder().encode(text)] as const,
  )
  const unsigned = makePackage({ plugin, code: code.replace(version, says), others: new Map(files) })
  return key === null ? unsigned : signPackage(unsigned, key, now)
}

/** A host that trusts the key of these packages. */
export const trustingHost = async (options: StartOptions & { readonly namespace?: string } = {}) => {
  const { home = temporaryFolder(), records = memoryPlugins(), namespace = 'acme.*' } = options
  await trustStore(home).add(publicKey, { owner: 'Acme', namespaces: [namespace], now })
  const started = await startHost({ ...options, home, records })
  return { ...started, home, records, registry: started.host.registry }
}
