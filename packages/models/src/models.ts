import {
  type Clock,
  ConfigurationError,
  type Model,
  ModelError,
  type Models,
  type Secrets,
  type Service,
  systemClock,
} from '@covent/core'
import type { ModelsConfig, ProviderConfig } from './config.ts'
import type { Endpoint } from './openai-compatible/endpoint.ts'
import { rulesModel } from './rules/rules-model.ts'

/** How many names of models are kept for each registry; their number is the caller's to choose. */
const maxKept = 256

type ModelAt = (typeof import('./openai-compatible/index.ts'))['modelAt']

interface Reach {
  readonly modelAt: ModelAt
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

const notFound = (id: string): ModelError =>
  new ModelError(
    'model.not-found',
    `There is no model ${id.slice(0, 100)}; use rules, or <provider>/<model> of models.providers.`,
  )

const apiKeyOf = async (
  secrets: Secrets,
  id: string,
  provider: ProviderConfig,
): Promise<{ apiKey?: string }> => {
  if (provider.secret === undefined) return {}
  const apiKey = await secrets.get(provider.secret)
  if (apiKey !== undefined && apiKey !== '') return { apiKey }
  throw new ConfigurationError(
    'config.secret-missing',
    `models.providers.${id} names the secret ${provider.secret}, which is not there: run \`covent secrets set ${provider.secret}\`, or set COVENT_SECRET_${provider.secret}`,
  )
}

const openProviders = async (config: ModelsConfig, secrets: Secrets, clock: Clock): Promise<Reach> => {
  const { endpoint, modelAt } = await import('./openai-compatible/index.ts')
  const endpoints = new Map<string, Endpoint>()
  for (const [id, provider] of Object.entries(config.providers)) {
    const key = await apiKeyOf(secrets, id, provider)
    const { timeoutMs } = config
    endpoints.set(id, endpoint({ provider: id, baseUrl: provider.baseUrl, timeoutMs, clock, ...key }))
  }
  return { modelAt, endpoints }
}

const namesOf = (id: string): { readonly provider: string; readonly model: string } => {
  const slash = id.indexOf('/')
  return slash === -1
    ? { provider: id, model: '' }
    : { provider: id.slice(0, slash), model: id.slice(slash + 1) }
}

const assertDefaultKnown = (config: ModelsConfig): void => {
  const { provider, model } = namesOf(config.default)
  if (config.default === 'rules' || (Object.hasOwn(config.providers, provider) && model !== '')) return
  throw new ConfigurationError(
    'config.invalid-value',
    `models.default is ${config.default}: it must be rules, or <provider>/<model> with a provider of models.providers.`,
  )
}

/** The models of the configuration: `rules`, and `<provider>/<model>` for every provider; `start()` reads the secrets. */
export const models = (
  config: ModelsConfig,
  secrets: Secrets,
  clock: Clock = systemClock,
): Models & Service => {
  const known = new Map<string, Model>([['rules', rulesModel()]])
  let reach: Reach | undefined
  const make = (id: string): Model => {
    const { provider, model } = namesOf(id)
    const target = reach?.endpoints.get(provider)
    if (reach === undefined || target === undefined || model === '') throw notFound(id)
    const price = Object.hasOwn(config.prices, id) ? config.prices[id] : undefined
    const made = { ...reach.modelAt(target, { id, model }), price }
    if (known.size < maxKept) known.set(id, made)
    return made
  }
  return {
    name: 'models',
    defaultId: config.default,
    get: (id = config.default) => known.get(id) ?? make(id),
    async start() {
      assertDefaultKnown(config)
      if (Object.keys(config.providers).length > 0) reach = await openProviders(config, secrets, clock)
    },
    async stop() {
      for (const { agent } of reach?.endpoints.values() ?? []) agent.destroy()
    },
  }
}
