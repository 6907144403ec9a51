import { registerHooks } from 'node:module'
import { definePlugin, defineService, mayUse, type Plugin, uses, z } from '@covent/plugin-sdk'

const sdkName = '@covent/plugin-sdk'
const sdkUrl = 'covent:sdk'
const pluginUrl = 'covent:plugin'
const sdkKey = Symbol.for('covent.sdk')

/** What a plugin can import. */
const sdk = { z, definePlugin, defineService, uses, mayUse }
const sdkSource = `export const { ${Object.keys(sdk).join(', ')} } = globalThis[Symbol.for('covent.sdk')]`

const isPlugin = (value: unknown): value is Plugin =>
  typeof value === 'object' && value !== null && (value as Partial<Plugin>).kind === 'plugin'

/** Loads a plugin from its source text; the only module that it can import is the SDK. */
export const loadPlugin = async (source: string): Promise<Plugin> => {
  Object.defineProperty(globalThis, sdkKey, { value: sdk })
  registerHooks({
    resolve(specifier) {
      if (specifier === sdkName) return { url: sdkUrl, shortCircuit: true }
      if (specifier === pluginUrl) return { url: pluginUrl, shortCircuit: true }
      throw new Error(`cannot import ${specifier}: the only import of a plugin is ${sdkName}`)
    },
    load: (url) => ({ format: 'module', source: url === sdkUrl ? sdkSource : source, shortCircuit: true }),
  })
  const loaded = (await import(pluginUrl)) as { readonly default?: unknown }
  if (!isPlugin(loaded.default)) throw new Error('the default export is not made by definePlugin')
  return loaded.default
}
