import type { KeyValues } from '../contract/facets/key-values.ts'
import type { PluginLog } from '../contract/context.ts'
import type { ElizaFetch } from './eliza-fetch.ts'
import type { ElizaModelParams } from './eliza-models.ts'

/** A message, as classic handlers get it. Ids are pseudonyms. */
export interface ElizaMemory {
  readonly id: string
  readonly userId: string
  readonly entityId: string
  readonly roomId: string
  readonly agentId: string
  readonly content: { readonly text: string }
}

/** What of the classic runtime there is; reading anything else throws an error that says so. */
export interface ElizaRuntime {
  readonly agentId: string
  readonly character: { readonly name: string }
  readonly logger: PluginLog
  /** A setting of `plugins.config.<id>`. */
  getSetting(name: string): unknown
  /** A service of the same plugin. */
  getService(type: string): unknown
  composeState(): Promise<ElizaState>
  /** Needs `net:outbound:https` or `net:outbound:http`. */
  readonly fetch: ElizaFetch
  /** Texts and objects need `ai:inference`, embeddings `ai:embedding`. */
  useModel(kind: string, params: ElizaModelParams | string): Promise<unknown>
  /** Values by person; needs `data:database`. */
  readonly cacheManager: Pick<KeyValues, 'delete'> & {
    get(key: string): Promise<unknown>
    set(key: string, value: unknown): Promise<void>
  }
}

export interface ElizaState {
  readonly text: string
  readonly values: Readonly<Record<string, unknown>>
  readonly data: Readonly<Record<string, unknown>>
}

export type ElizaCallback = (content: { readonly text?: string }) => Promise<readonly ElizaMemory[]>

export interface ElizaAction {
  readonly name: string
  readonly description: string
  readonly similes?: readonly string[]
  /** Conversations; the first message of each is what a person says. */
  readonly examples?: readonly (readonly { readonly content: { readonly text?: string } }[])[]
  validate?(runtime: ElizaRuntime, message: ElizaMemory, state?: ElizaState): Promise<boolean>
  // oxlint-disable-next-line max-params -- the shape that is known
  handler(
    runtime: ElizaRuntime,
    message: ElizaMemory,
    state?: ElizaState,
    options?: Readonly<Record<string, unknown>>,
    callback?: ElizaCallback,
  ): Promise<unknown>
}

export interface ElizaProvider {
  readonly name?: string
  readonly description?: string
  get(runtime: ElizaRuntime, message: ElizaMemory, state?: ElizaState): Promise<unknown>
}

export interface ElizaEvaluator {
  readonly name: string
  readonly description?: string
  validate?(runtime: ElizaRuntime, message: ElizaMemory, state?: ElizaState): Promise<boolean>
  handler(runtime: ElizaRuntime, message: ElizaMemory, state?: ElizaState): Promise<unknown>
}

/** An object with `initialize`; of the newer shape a class with a static `start` that gives the service. */
export interface ElizaService {
  readonly serviceType?: string
  initialize?(runtime: ElizaRuntime): Promise<unknown>
  start?(runtime: ElizaRuntime): Promise<unknown>
  stop?(): Promise<unknown>
}

export interface ElizaPlugin {
  readonly name: string
  readonly description: string
  readonly actions?: readonly ElizaAction[]
  readonly providers?: readonly ElizaProvider[]
  readonly evaluators?: readonly ElizaEvaluator[]
  readonly services?: readonly ElizaService[]
  initialize?(runtime: ElizaRuntime): Promise<unknown>
  cleanup?(runtime: ElizaRuntime): Promise<unknown>
}
