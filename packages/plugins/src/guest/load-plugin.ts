import { registerHooks } from 'node:module'
import { definePlugin, defineService, mayUse, type Plugin, uses, z } from '@covent/plugin-sdk'
import { elizaLogger, fromEliza, logger, ModelType, Service } from '@covent/plugin-sdk/eliza'
import { place } from './place.ts'

const sdkName = '@covent/plugin-sdk'
const elizaName = '@covent/plugin-sdk/eliza'
const sdkUrl = `covent:sdk${place.name}`
const elizaUrl = `covent:eliza${place.name}`
const pluginUrl = `covent:plugin${place.name}`
const sdkKey = `covent.sdk${place.name}`

/** What a plugin can import. */
const eliza = { fromEliza, ModelType, Service, elizaLogger, logger }
const sdk = { z, definePlugin, defineService, uses, mayUse }
const exporting = (names: readonly string[]): string =>
  `export const { ${names.join(', ')} } = globalThis[Symbol.for('${sdkKey}')]`

const isPlugin = (value: unknown): value is Plugin =>
  typeof value === 'object' && value !== null && (value as Partial<Plugin>).kind === 'plugin'

/** Loads a plugin from its source text; the only module that it can import is the SDK. */
export const loadPlugin = async (source: string): Promise<Plugin> => {
  Object.defineProperty(globalThis, Symbol.for(sdkKey), { value: { ...sdk, ...eliza } })
  const sources = new Map([
    [sdkUrl, exporting(Object.keys(sdk))],
    [elizaUrl, exporting(Object.keys(eliza))],
    [pluginUrl, source],
  ])
  registerHooks({
    resolve(specifier, context, next) {
      const isOthers = !place.isAlone && context.parentURL !== pluginUrl && specifier !== pluginUrl
      if (isOthers) return next(specifier, context)
      if (specifier === sdkName) return { url: sdkUrl, shortCircuit: true }
      if (specifier === elizaName) return { url: elizaUrl, shortCircuit: true }
      if (specifier === pluginUrl) return { url: pluginUrl, shortCircuit: true }
      throw new Error(
        `cannot import ${specifier}: the only import of a plugin is ${sdkName}; \`covent plugin build\` bundles others`,
      )
    },
    load(url, context, next) {
      if (!place.isAlone && !sources.has(url)) return next(url, context)
      return { format: 'module', source: sources.get(url) ?? source, shortCircuit: true }
    },
  })
  const loaded = (await import(pluginUrl)) as { readonly default?: unknown }
  if (!isPlugin(loaded.default)) throw new Error('the default export is not made by definePlugin')
  return loaded.default
}
